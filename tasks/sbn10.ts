import { categorical } from "../estimators/distributions/categorical.ts";
import { createSbn, sbnOptions } from "./models/sbn.ts";
import { categoricalOptions, categoricalShape } from "./models/categorical-options.ts";
import { type Settings, task } from "./task.ts";

const sites = (options: Settings) => {
  const layer = { family: categorical, shape: categoricalShape(options) };
  return [
    { name: "h1", ...layer },
    { name: "h2", ...layer },
  ] as const;
};

export default task({
  name: "sbn10",
  title: "Structured prediction, categorical",
  aliases: ["sbn-categorical"],
  version: 1,
  paper: "jang2016",
  doc: "Predicts the lower half of a digit from its upper half by a belief net 392-(20×10)-(20×10)-392 with linear maps; binarised MNIST by default.",
  options: {
    ...categoricalOptions("categorical variables of each layer"),
    ...sbnOptions,
  },
  steps: 10000,
  sites,
  create: (options, source) => createSbn("sbn10", sites(options), options, source),
});

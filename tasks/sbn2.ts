import { count } from "../estimators/core/shared-definition.ts";
import { bernoulli } from "../estimators/distributions/bernoulli.ts";
import { createSbn, sbnOptions } from "./models/sbn.ts";
import { type Settings, task } from "./task.ts";

const sites = (options: Settings) => {
  const layer = { family: bernoulli, shape: [Number(options["variables"])] };
  return [
    { name: "h1", ...layer },
    { name: "h2", ...layer },
  ] as const;
};

export default task({
  name: "sbn2",
  title: "Structured prediction, Bernoulli",
  aliases: ["structured-prediction", "sbn", "sbn-bernoulli", "belief-net"],
  version: 1,
  paper: "jang2016",
  doc: "Predicts the lower half of a digit from its upper half by a belief net 392-200-200-392 with linear maps; binarised MNIST by default.",
  options: {
    variables: count(200, "binary variables of each layer"),
    ...sbnOptions,
  },
  steps: 10000,
  sites,
  create: (options, source) => createSbn("sbn2", sites(options), options, source),
});

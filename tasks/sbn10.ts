import { categorical } from "../estimators/distributions/categorical.ts";
import { createSbn, sbnOptions } from "./models/sbn.ts";
import { type Settings, task } from "./task.ts";

const sites = (options: Settings) =>
  ["h1", "h2"].map((name) => ({
    name,
    family: categorical,
    shape: [Number(options["variables"]), Number(options["categories"])],
  }));

export default task({
  name: "sbn10",
  title: "Structured prediction, categorical",
  aliases: ["sbn-categorical"],
  version: 1,
  paper: "jang2016",
  doc: "The lower half of a digit from its upper half by a belief net 392-(20×10)-(20×10)-392 with linear maps; binarised MNIST.",
  options: {
    variables: {
      default: 20,
      minimum: 1,
      maximum: 1000,
      integer: true,
      doc: "categorical variables of each layer",
    },
    categories: { default: 10, minimum: 2, maximum: 1000, integer: true, doc: "outcomes K of a variable" },
    ...sbnOptions,
  },
  steps: 10000,
  sites,
  create: (options, source) => createSbn("sbn10", sites(options), options, source),
});

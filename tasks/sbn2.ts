import { bernoulli } from "../estimators/distributions/bernoulli.ts";
import { createSbn, sbnOptions } from "./models/sbn.ts";
import { type Settings, task } from "./task.ts";

const sites = (options: Settings) =>
  ["h1", "h2"].map((name) => ({ name, family: bernoulli, shape: [Number(options["variables"])] }));

export default task({
  name: "sbn2",
  title: "Structured prediction, Bernoulli",
  aliases: ["structured-prediction", "sbn", "sbn-bernoulli", "belief-net"],
  version: 1,
  paper: "jang2016",
  doc: "The lower half of a digit from its upper half by a belief net 392-200-200-392 with linear maps; binarised MNIST.",
  options: {
    variables: {
      default: 200,
      minimum: 1,
      maximum: 10000,
      integer: true,
      doc: "binary variables of each layer",
    },
    ...sbnOptions,
  },
  steps: 10000,
  sites,
  create: (options, source) => createSbn("sbn2", sites(options), options, source),
});

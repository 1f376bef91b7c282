import { categorical } from "../estimators/distributions/categorical.ts";
import { createSemi, semiOptions } from "./models/semi-supervised.ts";
import { type Settings, task } from "./task.ts";

const site = (options: Settings) =>
  ({ name: "y", family: categorical, shape: [1, Number(options["classes"])] }) as const;

export default task({
  name: "semi",
  title: "Semi-supervised classification",
  aliases: ["semi-supervised"],
  version: 4,
  paper: "jang2016",
  doc: "Classifies digits from 100 labels and 50,000 unlabelled images by q(y|x), q(z|x,y) and p(x|y,z) with a class y and a Gaussian style z; perceptrons, or the convolutions of the paper with network=conv.",
  options: semiOptions,
  steps: 10000,
  sites: (options) => [site(options)],
  create: (options, source) => createSemi(site(options), options, source),
});

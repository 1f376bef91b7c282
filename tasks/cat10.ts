import { categorical } from "../estimators/distributions/categorical.ts";
import { blogVariant, createVae, vaeOptions } from "./models/vae.ts";
import { type Settings, task } from "./task.ts";

const site = (options: Settings) =>
  ({
    name: "z",
    family: categorical,
    shape: [Number(options["variables"]), Number(options["categories"])],
  }) as const;

export default task({
  name: "cat10",
  title: "Categorical VAE on MNIST",
  aliases: ["categorical-vae", "cat-vae", "vae"],
  version: 1,
  paper: "jang2016",
  doc: "784-(20×10)-784 with linear encoder and decoder, analytic KL to the prior; binarised MNIST.",
  options: {
    variant: { default: "jang2016", choices: ["jang2016", "blog"], doc: "whose architecture and protocol" },
    variables: {
      default: 20,
      minimum: 1,
      maximum: 1000,
      integer: true,
      doc: "categorical variables of a code",
    },
    categories: { default: 10, minimum: 2, maximum: 1000, integer: true, doc: "outcomes K of a variable" },
    ...vaeOptions,
  },
  variants: { jang2016: {}, blog: { ...blogVariant, variables: 30 } },
  steps: 10000,
  variantSteps: { blog: 50000 },
  sites: (options) => [site(options)],
  create: (options, source) => createVae("cat10", site(options), options, source),
});

import { categorical } from "../estimators/distributions/categorical.ts";
import { blogVariant, createVae, vaeOptions } from "./models/vae.ts";
import { categoricalOptions, categoricalShape } from "./models/categorical-options.ts";
import { type Settings, task } from "./task.ts";

const site = (options: Settings) =>
  ({
    name: "z",
    family: categorical,
    shape: categoricalShape(options),
  }) as const;

export default task({
  name: "cat10",
  title: "Categorical VAE on MNIST",
  aliases: ["categorical-vae", "cat-vae", "vae"],
  version: 1,
  paper: "jang2016",
  doc: "784-(20×10)-784 with a linear encoder and decoder and the KL divergence in closed form; binarised MNIST.",
  options: {
    variant: {
      default: "jang2016",
      choices: ["jang2016", "blog"],
      doc: "architecture and protocol of this source",
    },
    ...categoricalOptions("categorical variables of a code"),
    ...vaeOptions,
  },
  variants: { jang2016: {}, blog: { ...blogVariant, variables: 30 } },
  steps: 10000,
  variantSteps: { blog: 50000 },
  sites: (options) => [site(options)],
  create: (options, source) => createVae("cat10", site(options), options, source),
});

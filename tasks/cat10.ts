import { categorical } from "../estimators/distributions/categorical.ts";
import { blogVariant, createVae, jang2016Variant, liu2023Variant, vaeOptions } from "./models/vae.ts";
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
  title: "Categorical VAE of images",
  aliases: ["categorical-vae", "cat-vae", "vae"],
  version: 2,
  paper: "jang2016",
  doc: "784-(20×10)-784 with a linear encoder and decoder and the KL divergence in closed form; binarised MNIST by default.",
  options: {
    variant: {
      default: "standard",
      choices: ["standard", "jang2016", "blog", "liu2023"],
      doc: "standard: linear maps, Adam; jang2016: the same maps and the paper's SGD; blog: the blog post's networks and protocol; liu2023: these networks at the rate of the ReinMax code, with (categories, variables) = (8, 4)",
    },
    ...categoricalOptions("categorical variables of a code"),
    ...vaeOptions,
  },
  variants: {
    standard: {},
    jang2016: jang2016Variant,
    blog: { ...blogVariant, variables: 30 },
    liu2023: { ...liu2023Variant, variables: 4, categories: 8 },
  },
  steps: 10000,
  variantSteps: { blog: 50000, liu2023: 96000 },
  sites: (options) => [site(options)],
  create: (options, source) => createVae("cat10", site(options), options, source),
});

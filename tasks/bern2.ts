import { count } from "../estimators/core/shared-definition.ts";
import { bernoulli } from "../estimators/distributions/bernoulli.ts";
import { blogVariant, createVae, vaeOptions } from "./models/vae.ts";
import { type Settings, task } from "./task.ts";

const site = (options: Settings) =>
  ({ name: "z", family: bernoulli, shape: [Number(options["variables"])] }) as const;

export default task({
  name: "bern2",
  title: "Bernoulli VAE on MNIST",
  aliases: ["bernoulli-vae", "binary-vae"],
  version: 1,
  paper: "jang2016",
  doc: "784-200-784 with a linear encoder and decoder and the KL divergence in closed form; binarised MNIST.",
  options: {
    variant: {
      default: "jang2016",
      choices: ["jang2016", "blog"],
      doc: "architecture and protocol of this source",
    },
    variables: count(200, "binary variables of a code"),
    ...vaeOptions,
  },
  variants: { jang2016: {}, blog: blogVariant },
  steps: 10000,
  variantSteps: { blog: 50000 },
  sites: (options) => [site(options)],
  create: (options, source) => createVae("bern2", site(options), options, source),
});

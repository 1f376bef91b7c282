import { count } from "../estimators/core/shared-definition.ts";
import { bernoulli } from "../estimators/distributions/bernoulli.ts";
import { blogVariant, createVae, jang2016Variant, vaeOptions } from "./models/vae.ts";
import { type Settings, task } from "./task.ts";

const site = (options: Settings) =>
  ({ name: "z", family: bernoulli, shape: [Number(options["variables"])] }) as const;

export default task({
  name: "bern2",
  title: "Bernoulli VAE of images",
  aliases: ["bernoulli-vae", "binary-vae"],
  version: 2,
  paper: "jang2016",
  doc: "784-200-784 with a linear encoder and decoder and the KL divergence in closed form; binarised MNIST by default.",
  options: {
    variant: {
      default: "standard",
      choices: ["standard", "jang2016", "blog"],
      doc: "standard: linear maps, Adam; jang2016: the same maps and the paper's SGD; blog: the blog post's networks and protocol",
    },
    variables: count(200, "binary variables of a code"),
    ...vaeOptions,
  },
  variants: { standard: {}, jang2016: jang2016Variant, blog: blogVariant },
  steps: 10000,
  variantSteps: { blog: 50000 },
  sites: (options) => [site(options)],
  create: (options, source) => createVae("bern2", site(options), options, source),
});

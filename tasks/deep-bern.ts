import { count } from "../estimators/core/shared-definition.ts";
import { bernoulli } from "../estimators/distributions/bernoulli.ts";
import { createDeepVae } from "./models/deep-vae.ts";
import { vaeOptions } from "./models/vae.ts";
import { type Settings, task } from "./task.ts";

/** z1 next to the pixels, then z2, ... */
const sites = (options: Settings) =>
  Array.from({ length: Number(options["layers"]) }, (_, i) => ({
    name: `z${i + 1}`,
    family: bernoulli,
    shape: [Number(options["variables"])],
    parents: i === 0 ? [] : [`z${i}`],
  }));

export default task({
  name: "deep-bern",
  title: "Bernoulli VAE of images with several stochastic layers",
  aliases: ["deep-vae"],
  version: 1,
  paper: "dong2020",
  doc: "2 to 4 layers of 200 bits with linear or nonlinear maps between them, in both directions; binarised MNIST by default.",
  options: {
    variant: {
      default: "standard",
      choices: ["standard", "dong2020"],
      doc: "standard: Adam at 1e-3; dong2020: dynamic binarisation, Adam at 1e-4, batch 50, learned prior",
    },
    layers: { default: 2, minimum: 2, maximum: 4, integer: true, doc: "stochastic layers" },
    variables: count(200, "binary variables of a layer"),
    ...vaeOptions,
    hidden: {
      ...vaeOptions.hidden,
      doc: "hidden layers of the map between two stochastic layers; none gives linear maps",
    },
    "learning-rate": { ...vaeOptions["learning-rate"], default: 1e-3 },
  },
  variants: {
    standard: {},
    dong2020: { binarisation: "dynamic", "learning-rate": 1e-4, batch: 50, prior: "learned" },
  },
  steps: 10000,
  variantSteps: { dong2020: 1_000_000 },
  sites,
  create: (options, source) => createDeepVae("deep-bern", sites(options), options, source),
});

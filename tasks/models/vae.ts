/**
 * Variational autoencoders of images with one layer of discrete codes (Jang et al. 2016), for both families.
 * log p(x | z) is Bernoulli in the pixels, and the KL divergence to the prior is in closed form.
 */
import { tf } from "../../estimators/core/autodiff.ts";
import type { Named, OptionSpecs, Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import {
  type Activation,
  hiddenForm,
  hiddenSizes,
  initPerceptron,
  perceptron,
  withSingleChanges,
} from "../networks/dense.ts";
import { bernoulliCost, bernoulliNormaliser } from "../networks/likelihood.ts";
import type { DataSource, PictureProgram, Random, Task } from "../task.ts";
import {
  binarised,
  capital,
  examples,
  imageOptions,
  imageTask,
  meanLogits,
  openImages,
  pixelRows,
  type TaskImages,
  tiles,
} from "./image-task.ts";

/** The options that both VAEs share. */
export const vaeOptions = {
  hidden: {
    default: "none",
    form: hiddenForm,
    doc: "hidden layers of the encoder, mirrored in the decoder; none gives linear maps",
  },
  activation: {
    default: "relu",
    choices: ["relu", "tanh", "leaky-relu"],
    doc: "activation of the hidden layers",
  },
  prior: { default: "uniform", choices: ["uniform", "learned"], doc: "prior of the codes" },
  ...imageOptions,
  // With these most estimators come within 3 nats of their value at 50,000 steps in 10,000; see docs/performance.md.
  optimiser: { ...imageOptions.optimiser, default: "adam" },
  "learning-rate": { ...imageOptions["learning-rate"], default: 3e-3 },
  temperature: { ...imageOptions.temperature, default: "exp:1:3e-4:0.5:500" },
} as const satisfies OptionSpecs;

/** The protocol of Jang et al. 2016: SGD with momentum .9, a rate from their grid and a temperature schedule. */
export const jang2016Variant: Settings = {
  optimiser: "sgd",
  "learning-rate": 1e-3,
  temperature: "exp:1:1e-5:0.5:1000",
};

/** The variant of the blog post: 784-512-256-codes, grey targets, Adam with decay. */
export const blogVariant: Settings = {
  hidden: "512-256",
  binarisation: "grey",
  "learning-rate": 1e-3,
  decay: 0.9,
  temperature: "exp:1:3e-5:0.5:1000",
};

/** The variant of Liu et al. 2023: the same networks on grey targets, Adam or RAdam at a rate of their grid. */
export const liu2023Variant: Settings = {
  hidden: "512-256",
  binarisation: "grey",
  "learning-rate": 5e-4,
  temperature: "1",
};

interface Networks {
  readonly init: (random: Random, mean: Float32Array) => Named;
  /** Logits of q(z | x). [B, pixels] → [B, ...shape] */
  readonly encode: (parameters: Named, x: T) => T;
  /** Logits of p(x | z). [S, B, ...shape] → [S, B, pixels] */
  readonly decode: (parameters: Named, z: T) => T;
  /** The costs [n, D, B] of the pixels x for z with one variable at a time taken from `other` [n, B, ...shape]. */
  readonly costsOfChanges: (parameters: Named, z: T, other: T, x: T) => T;
  /** Logits of p(z). [1, ...shape] */
  readonly prior: (parameters: Named) => T;
}

function networksOf({ family, shape }: SiteSpec, settings: Settings, pixels: number): Networks {
  const codes = shape.reduce((a, b) => a * b, 1);
  const sizes = [pixels, ...hiddenSizes(String(settings["hidden"])), codes];
  const layers = sizes.length - 1;
  const network = (name: string) => ({ name, layers, activation: settings["activation"] as Activation });
  const variables = family.variables(shape);
  const byVariable = (z: T) => tf.reshape(z, [...z.shape.slice(0, 2), variables, codes / variables]);
  const learned = settings["prior"] === "learned";
  const uniform = () => tf.zeros([1, ...shape]);
  return {
    init: (random, mean) => ({
      ...initPerceptron("encoder", sizes, random),
      ...initPerceptron("decoder", sizes.toReversed(), random),
      [`decoder/${layers - 1}/bias`]: tf.tensor1d(mean),
      ...(learned && { "prior/logits": uniform() }),
    }),
    encode: (parameters, x) =>
      tf.reshape(perceptron(parameters, network("encoder"), x), [x.shape[0], ...shape]),
    decode: (parameters, z) =>
      perceptron(parameters, network("decoder"), tf.reshape(z, [...z.shape.slice(0, 2), codes])),
    costsOfChanges: (parameters, z, other, x) =>
      withSingleChanges(parameters, network("decoder"), byVariable(z), byVariable(other), {
        f: bernoulliNormaliser,
        target: x,
      }),
    prior: (parameters) => (learned ? parameters["prior/logits"]! : uniform()),
  };
}

function pictures({ family, shape }: SiteSpec, networks: Networks, all: TaskImages): PictureProgram {
  const { width, height } = all.images;
  const frame = { width, height, columns: 10 };
  const x = examples(all, 10);
  return {
    inputs: { x },
    strip: "codes",
    body(parameters, inputs, random) {
      const draw = (logits: T, tag: string, rows: number) =>
        family.harden(family.perturb(tf.expandDims(logits, 0), random(tag, [1, rows, ...shape])));
      const decoded = (z: T) => tf.reshape(tf.sigmoid(networks.decode(parameters, z)), [-1, all.pixels]);
      return {
        prior: decoded(draw(networks.prior(parameters), "codes", 60)),
        reconstructions: decoded(draw(networks.encode(parameters, inputs["x"]!), "posterior", 10)),
      };
    },
    arrange: (outputs) => [
      {
        ...frame,
        name: "codes",
        title: `${capital(all.shown)} from random codes`,
        caption: "Codes drawn from the prior, decoded to pixel probabilities.",
        tiles: tiles(outputs["prior"]!),
      },
      {
        ...frame,
        name: "reconstructions",
        title: "Reconstructions",
        caption: "Test images above; below, each through one hard sample of its code.",
        tiles: [...tiles(x), ...tiles(outputs["reconstructions"]!)],
      },
    ],
  };
}

/** The VAE whose code is this site. Rejects with a DataError if the images are wrong. */
export async function createVae(
  name: string,
  site: SiteSpec,
  settings: Settings,
  source: DataSource,
): Promise<Task> {
  const all = await openImages(settings, source);
  const networks = networksOf(site, settings, all.pixels);
  return {
    ...imageTask(settings, all),
    name,
    sites: [site],
    features: all.pixels,
    init: (random) => networks.init(random, meanLogits(all)),
    model(parameters, batch, random) {
      const x = binarised(all, batch["features"]!, random, "");
      const posterior = networks.encode(parameters, x);
      const prior = networks.prior(parameters);
      return {
        program: ({ sample }) =>
          bernoulliCost(networks.decode(parameters, sample(site.name, posterior, prior)), x),
        singleChanges: (z, other) => networks.costsOfChanges(parameters, z, other, x),
      };
    },
    gather: (split, rows, into) => ({ features: pixelRows(all, split, rows, into?.["features"]) }),
    pictures: pictures(site, networks, all),
  };
}

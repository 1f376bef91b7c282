/**
 * Variational autoencoders of images with one layer of discrete codes: the VAEs of Jang et al. 2016, as one
 * program for both families. log p(x | z) is Bernoulli in the pixels, the KL to the prior is analytic.
 */
import { tf } from "../../estimators/core/autodiff.ts";
import type { Family, Named, Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import { row } from "../../estimators/core/toolkit.ts";
import { type Images, loadImages } from "../data/images.ts";
import { type Binarisation, gatherRows, meanImage } from "../data/pixels.ts";
import { atSide, sides } from "../data/scale.ts";
import { type Activation, hiddenForm, hiddenSizes, initPerceptron, perceptron } from "../networks/dense.ts";
import { bernoulliCost } from "../networks/likelihood.ts";
import type {
  Arrays,
  DataSource,
  OptionSpecs,
  Optimiser,
  Picture,
  Random,
  Split,
  Task,
  Values32,
} from "../task.ts";

/** The options that both VAEs share. */
export const vaeOptions = {
  hidden: {
    default: "none",
    form: hiddenForm,
    doc: "hidden layers of the encoder, mirrored in the decoder; none is linear",
  },
  activation: { default: "relu", choices: ["relu", "tanh", "leaky-relu"], doc: "of the hidden layers" },
  binarisation: {
    default: "fixed",
    choices: ["fixed", "dynamic", "threshold", "grey"],
    doc: "fixed: drawn once; dynamic: drawn anew at each step; threshold: at one half; grey: intensities as targets",
  },
  side: { default: "28", choices: sides, doc: "of the images, below 28 by averaging before binarisation" },
  prior: { default: "uniform", choices: ["uniform", "learned"], doc: "of the codes" },
  batch: { default: 100, minimum: 1, maximum: 10000, integer: true, doc: "rows of a step" },
  optimiser: { default: "sgd", choices: ["sgd", "adam", "radam"], doc: "sgd has momentum" },
  momentum: { default: 0.9, minimum: 0, maximum: 0.9999, doc: "of sgd" },
  "learning-rate": { default: 1e-3, minimum: 0, doc: "on the batch mean of nats per image" },
  decay: { default: 1, minimum: 0, maximum: 1, doc: "factor of the learning rate every `decay-every` steps" },
  "decay-every": {
    default: 1000,
    minimum: 1,
    integer: true,
    doc: "steps between decays of the learning rate",
  },
  temperature: {
    default: "exp:1:1e-5:0.5:1000",
    schedule: true,
    doc: "default of the relaxations' temperature",
  },
} as const satisfies OptionSpecs;

/** Of the blog post: 784-512-256-codes, grey targets, Adam with decay. */
export const blogVariant: Settings = {
  hidden: "512-256",
  binarisation: "grey",
  optimiser: "adam",
  decay: 0.9,
  temperature: "exp:1:3e-5:0.5:1000",
};

interface Shape {
  readonly sites: readonly SiteSpec[];
  readonly family: Family;
  /** Values of a code, flat. */
  readonly codes: number;
  readonly hidden: readonly number[];
  readonly activation: Activation;
  readonly learnedPrior: boolean;
  readonly pixels: number;
}

export function optimiserOf(settings: Settings): Optimiser {
  const kind = settings["optimiser"];
  if (kind === "adam" || kind === "radam") return { kind, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
  return { kind: "sgd", momentum: Number(settings["momentum"]) };
}

/** rate × decay^⌊t / every⌋ */
export function learningRateOf(settings: Settings): (step: number) => number {
  const [rate, decay, every] = ["learning-rate", "decay", "decay-every"].map((name) =>
    Number(settings[name]),
  );
  return (step) => rate! * decay! ** Math.floor(step / every!);
}

const layers = ({ hidden }: Shape) => hidden.length + 1;

function encode(shape: Shape, parameters: Named, x: T): T {
  const logits = perceptron(parameters, "encoder", layers(shape), shape.activation, x);
  return tf.reshape(logits, [x.shape[0], ...shape.sites[0]!.shape]);
}

/** Pixel logits of codes. [S, B, ...site] → [S, B, pixels] */
function decode(shape: Shape, parameters: Named, z: T): T {
  const flat = tf.reshape(z, [...z.shape.slice(0, 2), shape.codes]);
  return perceptron(parameters, "decoder", layers(shape), shape.activation, flat);
}

/** [1, ...site] */
const priorLogits = (shape: Shape, parameters: Named): T =>
  shape.learnedPrior ? parameters["prior/logits"]! : tf.zeros([1, ...shape.sites[0]!.shape]);

/** The logits of mean intensities, which are kept off 0 and 1. */
export const logits = (means: Float32Array): Float32Array =>
  means.map((mean) => Math.min(0.999, Math.max(0.001, mean))).map((mean) => Math.log(mean / (1 - mean)));

function initial(shape: Shape, means: Float32Array, random: Random): Named {
  const sizes = [shape.pixels, ...shape.hidden, shape.codes];
  const decoder = initPerceptron("decoder", sizes.toReversed(), random);
  return {
    ...initPerceptron("encoder", sizes, random),
    ...decoder,
    [`decoder/${layers(shape) - 1}/bias`]: tf.tensor1d(logits(means)),
    ...(shape.learnedPrior ? { "prior/logits": tf.zeros([1, ...shape.sites[0]!.shape]) } : {}),
  };
}

/** [rows, pixels] */
const rowsOf = (
  images: Images,
  split: Split,
  binarisation: Binarisation,
  rows: Int32Array,
  into?: Float32Array,
): Values32 => ({
  shape: [rows.length, images.width * images.height],
  values: gatherRows(images, split, binarisation, rows, into),
});

/** Grey-scale tiles out of [N, pixels] probabilities. */
export function tiles({ shape, values }: Values32): Float32Array[] {
  const size = shape.at(-1)!;
  return Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size));
}

function pictures(shape: Shape, images: Images, binarisation: Binarisation) {
  const shown = Int32Array.from({ length: 10 }, (_, i) =>
    Math.floor(((i + 0.5) * images.splits.test.rows) / 10),
  );
  const x = rowsOf(images, "test", binarisation === "dynamic" ? "fixed" : binarisation, shown);
  const site = shape.sites[0]!;
  return {
    inputs: { x },
    strip: "codes",
    body(parameters: Named, inputs: Named, random: Random): Named {
      const prior = tf.expandDims(priorLogits(shape, parameters), 0);
      const draw = (logits: T, tag: string, rows: number) =>
        shape.family.harden(shape.family.perturb(logits, random(tag, [1, rows, ...site.shape])));
      const decoded = (z: T) => tf.reshape(tf.sigmoid(decode(shape, parameters, z)), [-1, shape.pixels]);
      const posterior = tf.expandDims(encode(shape, parameters, inputs["x"]!), 0);
      return {
        prior: decoded(draw(prior, "codes", 60)),
        reconstructions: decoded(draw(posterior, "posterior", 10)),
      };
    },
    arrange(outputs: Arrays): Picture[] {
      const frame = { width: images.width, height: images.height, columns: 10 };
      return [
        {
          ...frame,
          name: "codes",
          title: "Digits from random codes",
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
      ];
    },
  };
}

/** The VAE of one site. `options` are resolved. */
export async function createVae(
  name: string,
  site: SiteSpec,
  settings: Settings,
  source: DataSource,
): Promise<Task> {
  const images = atSide(await loadImages(source), Number(settings["side"]));
  const binarisation = settings["binarisation"] as Binarisation;
  const shape: Shape = {
    sites: [site],
    family: site.family,
    codes: site.shape.reduce((a, b) => a * b, 1),
    hidden: hiddenSizes(String(settings["hidden"])),
    activation: settings["activation"] as Activation,
    pixels: images.width * images.height,
    learnedPrior: settings["prior"] === "learned",
  };
  const targets = (batch: Named, random: Random): T =>
    binarisation === "dynamic"
      ? tf.step(tf.sub(batch["features"]!, random("data/binarisation", batch["features"]!.shape)))
      : batch["features"]!;
  return {
    name,
    options: settings,
    sites: shape.sites,
    features: shape.pixels,
    rows: Number(settings["batch"]),
    optimiser: optimiserOf(settings),
    learningRate: learningRateOf(settings),
    temperature: String(settings["temperature"]),
    metric: "elbo",
    bound: "sampled",
    splits: {
      train: images.splits.train.rows,
      valid: images.splits.valid.rows,
      test: images.splits.test.rows,
    },
    sums: images.sums,
    init: (random) => initial(shape, meanImage(images, binarisation), random),
    build(parameters, batch, random) {
      const x = targets(batch, random);
      const logits = encode(shape, parameters, x);
      return {
        program: (sample) => bernoulliCost(decode(shape, parameters, sample(site.name, logits)), x),
        direct: tf.sum(
          tf.reshape(site.family.kl(logits, priorLogits(shape, parameters)), [x.shape[0], -1]),
          1,
        ),
      };
    },
    negativeLogWeight(parameters, batch, random) {
      const x = targets(batch, random);
      const logits = encode(shape, parameters, x);
      const prior = tf.expandDims(priorLogits(shape, parameters), 0);
      return (sample) => {
        const z = sample(site.name, logits);
        const log = (of: T) => row(site.family.logProb(of, z));
        return tf.add(
          bernoulliCost(decode(shape, parameters, z), x),
          tf.sub(log(tf.expandDims(logits, 0)), log(prior)),
        );
      };
    },
    gather: (split, rows, into) => ({
      features: rowsOf(images, split, binarisation, rows, into?.["features"]?.values),
    }),
    pictures: pictures(shape, images, binarisation),
  };
}

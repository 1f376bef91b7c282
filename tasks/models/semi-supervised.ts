/**
 * Semi-supervised classification (Kingma et al. 2014, as in Jang et al. 2016, §4.3): minimise
 * −mean_L ELBO(x, y) − mean_U U(x) − α mean_L log q(y | x), where
 * ELBO(x, y) = E_q(z|x,y) log p(x | y, z) + log p(y) − KL(q(z | x, y) ‖ p(z)) and
 * U(x) = E_q(y|x) ELBO(x, y) + H[q(y | x)]. Only y is a site: z is Gaussian and reparameterised with the task's own
 * noise, and the entropy and the labelled terms meet no sample.
 */
import { tf } from "../../estimators/core/autodiff.ts";
import { categorical } from "../../estimators/distributions/categorical.ts";
import type { Named, OptionSpecs, Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import { DataError } from "../data/data-error.ts";
import { type Images, loadImages } from "../data/images.ts";
import { type Binarisation, gatherRows, meanImage } from "../data/pixels.ts";
import { atSide } from "../data/scale.ts";
import { hiddenForm, layersForm } from "../networks/dense.ts";
import { bernoulliCost } from "../networks/likelihood.ts";
import { key, permutation, uniformAt } from "../noise.ts";
import type { Arrays, DataSource, PictureProgram, Random, Split, Task, Values32 } from "../task.ts";
import { gaussianKl, standardNormal } from "./gaussian.ts";
import { semiNetworks, type SemiNetworks } from "./semi-supervised-networks.ts";
import { learningRateOf, logits, optimiserOf, tiles, vaeOptions } from "./vae.ts";

/** Classes of the data. */
const digits = 10;
const { batch, side, optimiser, momentum, decay, "decay-every": every, "learning-rate": rate } = vaeOptions;

export const semiOptions = {
  classes: {
    default: digits,
    minimum: 2,
    maximum: 1000,
    integer: true,
    doc: "outcomes K of y; unless they are the ten digits, every image gets a label at random: to measure speed",
  },
  network: {
    default: "mlp",
    choices: ["mlp", "conv"],
    doc: "perceptrons of the sizes classifier and hidden, or 3 × 3 convolutions of stride 2 with channels",
  },
  classifier: { default: "256-256-256", form: hiddenForm, doc: "mlp: hidden layers of q(y|x)" },
  hidden: {
    default: "128-128",
    form: hiddenForm,
    doc: "mlp: hidden layers of q(z|x,y), mirrored in p(x|y,z)",
  },
  channels: {
    default: "16-32-64",
    form: layersForm,
    doc: "conv: channels of q(y|x)'s and q(z|x,y)'s layers, mirrored in p(x|y,z)",
  },
  style: { default: 64, minimum: 1, maximum: 1000, integer: true, doc: "dimensions of the Gaussian style z" },
  alpha: { default: 1, minimum: 0, doc: "weight α of the labelled log q(y|x)" },
  labels: {
    default: 100,
    minimum: 10,
    maximum: 50000,
    integer: true,
    doc: "labelled images, as many of each class",
  },
  labelled: { default: 50, minimum: 1, maximum: 10000, integer: true, doc: "labelled rows of a step" },
  binarisation: { ...vaeOptions.binarisation, default: "dynamic" },
  side,
  batch: { ...batch, doc: "unlabelled rows of a step" },
  optimiser: { ...optimiser, default: "adam" },
  momentum,
  "learning-rate": rate,
  decay,
  "decay-every": every,
  temperature: { ...vaeOptions.temperature, default: "exp:1:3e-5:0.5:2000" },
} as const satisfies OptionSpecs;

/** Labels of a split, one a row. */
type Labels = Uint8Array | Uint16Array;

/**
 * Which training rows have a label: the first of each class in an order that is a constant of the protocol. Throws a
 * DataError where a class has fewer rows than its share of the labels, or its share is none.
 */
export function labelledRows(labels: Labels, total: number, classes = digits): Int32Array {
  const share = Math.floor(total / classes);
  if (share === 0)
    throw new DataError(
      `task semi: labels must be at least classes (as many of each are learned from), got ${total} labels of ${classes} classes`,
      2,
    );
  const wanted = new Array<number>(classes).fill(share);
  const rows = permutation(key("semi", "labels"), labels.length).filter((row) => wanted[labels[row]!]!-- > 0);
  if (rows.length < share * classes) {
    const counts = new Array<number>(classes).fill(0);
    for (const label of labels) counts[label]!++;
    const fewest = Math.min(...counts);
    throw new DataError(
      `task semi: labels must be at most ${fewest * classes} (as many of each class are learned from, and class ${counts.indexOf(fewest)} has ${fewest} training images), got ${total}`,
      2,
    );
  }
  return rows;
}

const oneHot = (labels: Labels, rows: Int32Array, classes: number): Values32 => {
  const values = new Float32Array(rows.length * classes);
  rows.forEach((row, i) => (values[i * classes + labels[row]!] = 1));
  return { shape: [rows.length, classes], values };
};

/**
 * −ELBO(x, y) with one draw of z from `noise`, standard normal [1 or S, B, Z]; KL(q(z | x, y) ‖ p(z)) analytic, or
 * log q(z | x, y) − log p(z) of the draw itself, as importance weights need. x [B, pixels], y [S, B, K] → [S, B]
 */
function labelledCost(
  { style, classes, encode, decode }: SemiNetworks,
  parameters: Named,
  x: T,
  y: T,
  noise: T,
  kl: "analytic" | "drawn",
): T {
  const [mean, logVariance] = tf.split(encode(parameters, x, y), [style, style], -1) as [T, T];
  const z = tf.add(mean, tf.mul(tf.exp(tf.mul(0.5, logVariance)), noise));
  const decoded = decode(parameters, tf.concat([y, z], -1));
  const drawn = () => tf.mul(0.5, tf.sum(tf.sub(tf.sub(tf.square(z), tf.square(noise)), logVariance), -1));
  const divergence = kl === "analytic" ? gaussianKl(mean, logVariance) : drawn();
  return tf.add(tf.add(bernoulliCost(decoded, x), divergence), Math.log(classes));
}

function pictures({ style, classes, decode }: SemiNetworks, side: number): PictureProgram {
  const columns = classes;
  const styles = 8;
  return {
    inputs: {},
    strip: "classes",
    body(parameters, _inputs, random) {
      const z = standardNormal(random("style/u", [styles, 1, style]), random("style/v", [styles, 1, style]));
      const y = tf.tile(tf.expandDims(tf.eye(classes), 0), [styles, 1, 1]);
      const input = tf.concat([y, tf.tile(z, [1, classes, 1])], -1);
      const x = tf.sigmoid(decode(parameters, input));
      return { digits: tf.reshape(x, [styles * classes, -1]) };
    },
    arrange: (outputs) => [
      {
        name: "classes",
        title: "Style × class",
        caption:
          "Each row one style z from its prior, each column a class y, decoded to pixel probabilities.",
        width: side,
        height: side,
        columns,
        tiles: tiles(outputs["digits"]!),
      },
    ],
  };
}

/** Of the data where they are digits; else drawn at random, a constant of the protocol. */
function labelsOf(images: Images, classes: number): Record<Split, Labels> {
  if (classes !== digits) {
    const drawn = (split: Split): Labels => {
      const noise = key("semi", "random labels", classes, split);
      return Uint16Array.from({ length: images.splits[split].rows }, (_, i) =>
        Math.floor(uniformAt(noise, i) * classes),
      );
    };
    return { train: drawn("train"), valid: drawn("valid"), test: drawn("test") };
  }
  const { train, valid, test } = images.splits;
  if (!train.labels || !valid.labels || !test.labels)
    throw new DataError(
      "task semi: the data must have labels (a hundred of them are learned from, the test's are scored), got images alone; leave --data out, or name a folder with the four original MNIST files",
    );
  return { train: train.labels, valid: valid.labels, test: test.labels };
}

export async function createSemi(site: SiteSpec, settings: Settings, source: DataSource): Promise<Task> {
  const images = atSide(await loadImages(source), Number(settings["side"]));
  const pixels = images.width * images.height;
  const classes = Number(settings["classes"]);
  const labels = labelsOf(images, classes);
  const treatment = settings["binarisation"] as Binarisation;
  const style = Number(settings["style"]);
  const networks = semiNetworks({ settings, side: images.width, classes, style });
  const known = labelledRows(labels.train, Number(settings["labels"]), classes);
  const perStep = Number(settings["labelled"]);
  const alpha = Number(settings["alpha"]);

  const binary = (x: T, random: Random, tag: string) =>
    treatment === "dynamic" ? tf.step(tf.sub(x, random(`data/binarisation/${tag}`, x.shape))) : x;
  const normal = (random: Random, tag: string, samples: number, rows: number) =>
    standardNormal(random(`${tag}/u`, [samples, rows, style]), random(`${tag}/v`, [samples, rows, style]));
  /** −mean_L ELBO(x, y) − α mean_L log q(y | x), a scalar. */
  const labelledLoss = (parameters: Named, batch: Named, random: Random): T => {
    const [x, y] = [binary(batch["labelled"]!, random, "labelled"), batch["labels"]!];
    const cost = labelledCost(
      networks,
      parameters,
      x,
      tf.expandDims(y, 0),
      normal(random, "labelled", 1, x.shape[0]),
      "analytic",
    );
    const entropy = categorical.logProb(networks.classify(parameters, x), y);
    return tf.sub(tf.mean(cost), tf.mul(alpha, tf.mean(entropy)));
  };
  /** q(y | x)'s logits as the site has them, and E over y's program. */
  const unlabelled = (parameters: Named, batch: Named, random: Random) => {
    const x = binary(batch["features"]!, random, "unlabelled");
    const inferred = tf.expandDims(networks.classify(parameters, x), 1); // [B, 1, K]
    const cost = (sample: (name: string, logits: T) => T, kl: "analytic" | "drawn") => {
      const y = sample(site.name, inferred); // [S, B, 1, K]
      const noise = normal(random, "style", kl === "drawn" ? y.shape[0] : 1, x.shape[0]);
      return { y, cost: labelledCost(networks, parameters, x, tf.squeeze(y, [2]), noise, kl) };
    };
    return { inferred, cost };
  };

  return {
    name: "semi",
    options: settings,
    sites: [site],
    features: pixels,
    rows: Number(settings["batch"]),
    optimiser: optimiserOf(settings),
    learningRate: learningRateOf(settings),
    temperature: String(settings["temperature"]),
    metric: "elbo",
    splits: {
      train: images.splits.train.rows,
      valid: images.splits.valid.rows,
      test: images.splits.test.rows,
    },
    sums: images.sums,
    init: (random) => networks.init(random, tf.tensor1d(logits(meanImage(images, treatment)))),
    build(parameters, batch, random) {
      const { inferred, cost } = unlabelled(parameters, batch, random);
      const entropy = tf.squeeze(categorical.entropy(inferred), [1]); // [B]
      return {
        program: (sample) => cost(sample, "analytic").cost,
        direct: tf.neg(entropy),
        ...(batch["labelled"] && { auxiliary: labelledLoss(parameters, batch, random) }),
      };
    },
    negativeLogWeight(parameters, batch, random) {
      const { inferred, cost } = unlabelled(parameters, batch, random);
      return (sample) => {
        const drawn = cost(sample, "drawn");
        const log = tf.squeeze(categorical.logProb(tf.expandDims(inferred, 0), drawn.y), [2]);
        return tf.add(drawn.cost, log);
      };
    },
    measures: {
      accuracy: (parameters, batch, random) => {
        const x = binary(batch["features"]!, random, "unlabelled");
        const logProb = networks.classify(parameters, x);
        const guess = categorical.harden(logProb);
        return tf.sum(tf.mul(guess, batch["labels"]!), -1);
      },
    },
    gather(split, rows, into): Arrays {
      const imagesOf = (name: string, chosen: Int32Array): Values32 => ({
        shape: [chosen.length, pixels],
        values: gatherRows(images, split, treatment, chosen, into?.[name]?.values),
      });
      if (split !== "train")
        return { features: imagesOf("features", rows), labels: oneHot(labels[split], rows, classes) };
      const chosen = Int32Array.from(
        { length: perStep },
        (_, i) => known[(rows[i % rows.length]! + i) % known.length]!,
      );
      return {
        features: imagesOf("features", rows),
        labelled: imagesOf("labelled", chosen),
        labels: oneHot(labels.train, chosen, classes),
      };
    },
    pictures: pictures(networks, images.width),
  };
}

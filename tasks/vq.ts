import { stop, tf } from "../estimators/core/autodiff.ts";
import { chosenCodes } from "../estimators/core/code-vectors.ts";
import { count } from "../estimators/core/shared-definition.ts";
import { categorical } from "../estimators/distributions/categorical.ts";
import {
  binarised,
  examples,
  imageOptions,
  imageTask,
  meanLogits,
  openImages,
  pixelRows,
  tiles,
} from "./models/image-task.ts";
import { dense, hiddenSizes, initDense, layersForm } from "./networks/dense.ts";
import {
  type Convolutions,
  convolve,
  grow,
  initConvolve,
  initGrow,
  placesOf,
} from "./networks/convolution.ts";
import { bernoulliCost } from "./networks/likelihood.ts";
import { type Named, type Random, type Settings, type T, task } from "./task.ts";

/** The side of the images is known before they are loaded: that of the data set, or a smaller one by option. */
const networkOf = ({ dataset, side, channels }: Settings): Convolutions => ({
  side: Number(side) === 28 ? ({ digits: 8, cifar10: 32 }[String(dataset)] ?? 28) : Number(side),
  channels: hiddenSizes(String(channels)),
});

/** Levels of each coordinate of a fixed grid of codes; undefined for a learned codebook. */
const levelsOf = ({ grid }: Settings): number[] | undefined =>
  grid === "none" ? undefined : String(grid).split("-").map(Number);

/** Codes K and their size d. */
function codesOf(settings: Settings): { K: number; d: number } {
  const levels = levelsOf(settings);
  return levels
    ? { K: levels.reduce((a, b) => a * b), d: levels.length }
    : { K: Number(settings["codes"]), d: Number(settings["size"]) };
}

/** All points of a grid with distances of 1, centred: coordinates −(L − 1)/2 … (L − 1)/2. [K, d] */
export const gridCodes = (levels: readonly number[]): number[][] =>
  levels.reduce<number[][]>(
    (codes, L) => codes.flatMap((code) => Array.from({ length: L }, (_, i) => [...code, i - (L - 1) / 2])),
    [[]],
  );

const sitesOf = (settings: Settings) => {
  const { K, d } = codesOf(settings);
  return [{ name: "z", family: categorical, shape: [placesOf(networkOf(settings)), K], codes: d }];
};

/** ‖e − c_k‖² of points [..., d] and codes [K, d]; of differences, because ‖e‖² + ‖c‖² − 2eᵀc would cancel. [..., K] */
const distances = (points: T, codebook: T): T =>
  tf.sum(tf.squaredDifference(tf.expandDims(points, -2), codebook), -1);

/** Codes at randomly chosen points [B, D, d], moved by up to half a deviation of these: codes far from all points would never be chosen. */
function scattered(points: T, K: number, random: Random): T {
  const d = points.shape.at(-1)!;
  const all = tf.reshape(points, [-1, d]);
  const chosen = tf.cast(tf.floor(tf.mul(random("codebook/point", [K]), all.shape[0])), "int32");
  const { variance } = tf.moments(all, 0);
  return tf.add(tf.gather(all, chosen), tf.mul(tf.sqrt(variance), tf.sub(random("codebook", [K, d]), 0.5)));
}

/** Up to a hundred rows. */
const firstRows = (rows: number) => Int32Array.from({ length: Math.min(100, rows) }, (_, i) => i);

export default task({
  name: "vq",
  title: "Quantised autoencoder of images",
  aliases: ["vq-vae"],
  version: 1,
  paper: "oord2017",
  doc: "Convolutions carry an image to 7 × 7 points, each of which chooses one of K code vectors with probability softmax(−s‖e − c_k‖²); transposed convolutions decode these. The cost is −log p(x | z) of sampled codes; mse, perplexity and bits-per-dimension are those of the nearest codes.",
  options: {
    variant: {
      default: "codebook",
      choices: ["codebook", "fsq"],
      doc: "codebook: learned code vectors; fsq: the fixed grid of FSQ, of 4 × 4 × 4 codes",
    },
    codes: { default: 64, minimum: 2, maximum: 4096, integer: true, doc: "codes K" },
    size: count(8, "coordinates of a code vector"),
    grid: {
      default: "none",
      form: { pattern: String.raw`none|[1-9]\d?(-[1-9]\d?)*`, words: "none or levels such as 8-5-5" },
      doc: "levels of each coordinate of a fixed grid of codes, which takes the place of codes and size",
    },
    precision: { default: 4, minimum: 0, exclusive: true, doc: "s, which multiplies squared distances" },
    commitment: {
      default: 0.05,
      minimum: 0,
      doc: "weight of Σ ‖e − c‖² between points and their nearest codes, in nats per image",
    },
    channels: { default: "16-32", form: layersForm, doc: "channels of the convolutions" },
    ...imageOptions,
    batch: count(32, "rows of a step"),
    optimiser: { ...imageOptions.optimiser, default: "adam" },
    "learning-rate": { ...imageOptions["learning-rate"], default: 2e-3 },
    temperature: { ...imageOptions.temperature, default: "1" },
  },
  variants: { codebook: {}, fsq: { grid: "4-4-4", commitment: 0 } },
  steps: 5000,
  sites: sitesOf,
  async create(settings, source) {
    const all = await openImages(settings, source);
    const [network, levels, { K, d }] = [networkOf(settings), levelsOf(settings), codesOf(settings)];
    const [places, channels] = [placesOf(network), network.channels.at(-1)!];
    const codebookOf = (parameters: Named): T =>
      levels ? tf.tensor2d(gridCodes(levels), [K, d]) : parameters["codebook"]!;
    /** Points of images [B, pixels] → [B, D, d]; on a grid between its outermost codes. */
    const encode = (parameters: Named, x: T): T => {
      const features = tf.reshape(convolve(parameters, "encoder", network, x), [-1, places, channels]);
      const points = dense(parameters, "encoder/point", features);
      return levels ? tf.mul(tf.tanh(points), tf.tensor1d(levels.map((L) => (L - 1) / 2))) : points;
    };
    /** Logits of pixels. [..., D, d] → [..., pixels] */
    const decode = (parameters: Named, codes: T): T => {
      const features = dense(parameters, "decoder/code", codes);
      return grow(parameters, "decoder", network, tf.reshape(features, [...codes.shape.slice(0, -2), places * channels])); // prettier-ignore
    };
    /** One-hot nearest codes of images, and their reconstruction. */
    const nearest = (parameters: Named, x: T) => {
      const codebook = codebookOf(parameters);
      const z = categorical.harden(tf.neg(distances(encode(parameters, x), codebook)));
      return { z, logits: decode(parameters, chosenCodes(z, codebook)) };
    };
    const [shown, some] = [
      examples(all, 10),
      pixelRows(all, "train", firstRows(all.images.splits.train.rows)),
    ];
    return {
      ...imageTask(settings, all),
      ...{ name: "vq", metric: "cost", sites: sitesOf(settings), features: all.pixels },
      init(random) {
        const encoder = {
          ...initConvolve("encoder", network, random),
          ...initDense("encoder/point", channels, d, random),
        };
        return {
          ...encoder,
          ...(!levels && {
            codebook: scattered(encode(encoder, tf.tensor(some.values, [...some.shape])), K, random),
          }),
          ...initDense("decoder/code", d, channels, random),
          ...initGrow("decoder", network, random),
          "decoder/0/bias": tf.tensor1d(meanLogits(all)),
        };
      },
      model(parameters, batch, random) {
        const x = binarised(all, batch["features"]!, random, "");
        const [points, codebook] = [encode(parameters, x), codebookOf(parameters)];
        const squares = distances(points, codebook); // [B, D, K]
        const logits = tf.mul(-Number(settings["precision"]), squares);
        const z = stop(categorical.harden(tf.neg(squares)));
        const pull = tf.div(tf.sum(tf.mul(z, squares)), x.shape[0]);
        return {
          program: ({ codes }) => bernoulliCost(decode(parameters, codes("z", logits, points, codebook)), x),
          auxiliary: tf.mul(Number(settings["commitment"]), pull),
        };
      },
      measures: {
        /** Mean squared error of a pixel. */
        mse(parameters, batch, random) {
          const x = binarised(all, batch["features"]!, random, "");
          return tf.mean(tf.squaredDifference(tf.sigmoid(nearest(parameters, x).logits), x), -1);
        },
        /** exp of the entropy of the codes of the batch, the same for all rows. */
        perplexity(parameters, batch, random) {
          const { z } = nearest(parameters, binarised(all, batch["features"]!, random, ""));
          const shares = tf.mean(z, [0, 1]);
          const entropy = tf.neg(tf.sum(tf.mul(shares, tf.log(tf.maximum(shares, 1e-12)))));
          return tf.mul(tf.exp(entropy), tf.onesLike(tf.mean(batch["features"]!, -1)));
        },
        /** (−log p(x | z) + D log K) / (P log 2): an upper bound on bits per pixel. */
        "bits-per-dimension"(parameters, batch, random) {
          const x = binarised(all, batch["features"]!, random, "");
          const nats = tf.add(bernoulliCost(nearest(parameters, x).logits, x), places * Math.log(K));
          return tf.div(nats, all.pixels * Math.LN2);
        },
      },
      gather: (split, rows, into) => ({ features: pixelRows(all, split, rows, into?.["features"]) }),
      pictures: {
        inputs: { x: shown },
        strip: "reconstructions",
        body: (parameters, { x }) => ({ y: tf.sigmoid(nearest(parameters, x!).logits) }),
        arrange: ({ y }) => [
          {
            ...{ width: all.images.width, height: all.images.height, columns: 10 },
            name: "reconstructions",
            title: "Reconstructions",
            caption: "Test images above; below, each from its nearest codes.",
            tiles: [...tiles(shown), ...tiles(y!)],
          },
        ],
      },
    };
  },
});

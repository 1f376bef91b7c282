/**
 * Convolutional networks on square images of one channel, stored flat as [..., side²]. Each layer has a 3 × 3 filter
 * and stride 2: it halves the side, rounded up, and its transposed convolution doubles it again.
 */
import { tf } from "../../estimators/core/autodiff.ts";
import { glorotUniform } from "../../estimators/core/glorot.ts";
import type { Named, T } from "../../estimators/estimator.ts";
import type { Random } from "../task.ts";
import { dense, initDense } from "./dense.ts";

type T4 = Parameters<typeof tf.conv2d>[1] & T;

const reach = 3;
const stride = 2;

export interface Convolutions {
  readonly side: number;
  /** Channels of the output of each layer, from the image inwards. */
  readonly channels: readonly number[];
}

/** Sides of the image and of each layer's output: 28, 14, 7, 4. */
const sidesOf = ({ side, channels }: Convolutions): number[] => [
  side,
  ...channels.map((_, i) => Math.ceil(side / stride ** (i + 1))),
];

/** Places of the innermost layer's output. */
export const placesOf = (shape: Convolutions): number => sidesOf(shape).at(-1)! ** 2;

/** Features of an image: side² · channels of the innermost layer. */
export const featuresOf = (shape: Convolutions): number => placesOf(shape) * shape.channels.at(-1)!;

/** Glorot-uniform filter with the inputs and outputs of a window. [3, 3, inner, outer] */
const initFilter = (name: string, inner: number, outer: number, random: Random): T =>
  glorotUniform(random(name, [reach, reach, inner, outer]), reach ** 2 * inner, reach ** 2 * outer);

/** Parameters of `convolve`, named `NAME/0/filter`, `NAME/0/bias`, ... */
export function initConvolve(name: string, { channels }: Convolutions, random: Random): Named {
  const layers = channels.map((outer, i) => ({
    [`${name}/${i}/filter`]: initFilter(`${name}/${i}/filter`, channels[i - 1] ?? 1, outer, random),
    [`${name}/${i}/bias`]: tf.zeros([outer]),
  }));
  return Object.assign({}, ...layers) as Named;
}

/** ReLU features of images. [B, side²] → [B, features] */
export function convolve(parameters: Named, name: string, shape: Convolutions, x: T): T {
  const { side, channels } = shape;
  let y: T = tf.reshape(x, [-1, side, side, 1]);
  channels.forEach((_, i) => {
    const filtered = tf.conv2d(y as T4, parameters[`${name}/${i}/filter`] as T4, stride, "same");
    y = tf.relu(tf.add(filtered, parameters[`${name}/${i}/bias`]!));
  });
  return tf.reshape(y, [x.shape[0], featuresOf(shape)]);
}

/** Parameters of `grow`: filters outwards, and a bias for every pixel. */
export function initGrow(name: string, { side, channels }: Convolutions, random: Random): Named {
  const layers = channels.map((inner, i) => ({
    [`${name}/${i}/filter`]: initFilter(`${name}/${i}/filter`, channels[i - 1] ?? 1, inner, random),
    [`${name}/${i}/bias`]: tf.zeros([channels[i - 1] ?? side ** 2]),
  }));
  return Object.assign({}, ...layers) as Named;
}

/** Logits of pixels from the innermost features by transposed convolutions. [..., features] → [..., side²] */
export function grow(parameters: Named, name: string, shape: Convolutions, features: T): T {
  const { side, channels } = shape;
  const leading = features.shape.slice(0, -1);
  const rows = leading.reduce((a, b) => a * b, 1);
  const sides = sidesOf(shape);
  let y: T = tf.reshape(features, [rows, sides.at(-1)!, sides.at(-1)!, channels.at(-1)!]);
  for (const i of [...channels.keys()].toReversed()) {
    const grown = [rows, sides[i]!, sides[i]!, channels[i - 1] ?? 1] as [number, number, number, number];
    const filter = parameters[`${name}/${i}/filter`] as T4;
    y = tf.conv2dTranspose(tf.relu(y) as T4, filter, grown, stride, "same");
    if (i > 0) y = tf.add(y, parameters[`${name}/${i}/bias`]!);
  }
  return tf.add(tf.reshape(y, [...leading, side ** 2]), parameters[`${name}/0/bias`]!);
}

/** Parameters of `deconvolve`: a dense layer to the innermost features, and those of `grow`. */
export const initDeconvolve = (name: string, shape: Convolutions, code: number, random: Random): Named => ({
  ...initDense(`${name}/code`, code, featuresOf(shape), random),
  ...initGrow(name, shape, random),
});

/** Logits of pixels from codes by transposed convolutions. [..., code] → [..., side²] */
export const deconvolve = (parameters: Named, name: string, shape: Convolutions, code: T): T =>
  grow(parameters, name, shape, dense(parameters, `${name}/code`, code));

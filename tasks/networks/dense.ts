import { tf } from "../../estimators/core/autodiff.ts";
import { glorotUniform } from "../../estimators/core/glorot.ts";
import { part } from "../../estimators/core/slicing.ts";
import type { Named, T } from "../../estimators/estimator.ts";
import type { Random } from "../task.ts";

const activations = {
  relu: (x: T) => tf.relu(x),
  tanh: (x: T) => tf.tanh(x),
  "leaky-relu": (x: T) => tf.leakyRelu(x, 0.1),
} as const;
export type Activation = keyof typeof activations;

/** Parameters of `dense`: Glorot-uniform weights [in, out] and a zero bias [out]. */
export function initDense(name: string, input: number, output: number, random: Random): Named {
  const weights = glorotUniform(random(`${name}/weights`, [input, output]), input, output);
  return { [`${name}/weights`]: weights, [`${name}/bias`]: tf.zeros([output]) };
}

/** xW + b over any leading axes: [..., in] → [..., out]. */
export function dense(parameters: Named, name: string, x: T): T {
  const weights = parameters[`${name}/weights`]!;
  const [input, output] = weights.shape as [number, number];
  const leading = x.shape.slice(0, -1);
  const flat = tf.reshape(x, [leading.reduce((a, b) => a * b, 1), input]);
  const y = tf.add(tf.matMul(flat, weights), parameters[`${name}/bias`]!);
  return tf.reshape(y, [...leading, output]);
}

/** Parameters of a perceptron with these sizes; its layers are named `NAME/0`, `NAME/1`, ... */
export function initPerceptron(name: string, sizes: readonly number[], random: Random): Named {
  return Object.assign(
    {},
    ...sizes.slice(1).map((size, i) => initDense(`${name}/${i}`, sizes[i]!, size, random)),
  ) as Named;
}

export interface Perceptron {
  readonly name: string;
  readonly layers: number;
  readonly activation: Activation;
}

/** A perceptron with a linear output layer. [..., sizes[0]] → [..., sizes.at(-1)] */
export const perceptron = (parameters: Named, shape: Perceptron, x: T): T =>
  afterFirst(parameters, shape, dense(parameters, `${shape.name}/0`, x));

/** The rest of a perceptron, from the output of its first linear layer. */
function afterFirst(parameters: Named, { name, layers, activation }: Perceptron, first: T): T {
  let y = first;
  for (let i = 1; i < layers; i++) y = dense(parameters, `${name}/${i}`, activations[activation](y));
  return y;
}

/** The most elements of an intermediate result, so that it stays in a processor's cache. */
const cached = 2 ** 20;

/** A function f(y) − Σ target·y of a perceptron's output: `f` maps [m, B, out] to [m, B], the target is [B, out]. */
export interface OutputCost {
  readonly f: (y: T) => T;
  readonly target: T;
}

/**
 * A function of a perceptron's output for x [1, B, D, K] with one of D variables at a time taken from `other`
 * [n, B, D, K]. The first layer changes by the change of the variable times its K rows of the weights; the sum is xW + b up
 * to rounding. `f` gets a part of the changes at a time. Of a single layer, target·y is linear in the changes, and no y is
 * needed for it. → [n, D, B]
 */
export function withSingleChanges(
  parameters: Named,
  shape: Perceptron,
  x: T,
  other: T,
  { f, target }: OutputCost,
): T {
  const [n, B, D, K] = other.shape as [number, number, number, number];
  const first = dense(parameters, `${shape.name}/0`, tf.reshape(x, [1, B, D * K])); // [1, B, H]
  const H = first.shape[2]!;
  const weights = tf.reshape(parameters[`${shape.name}/0/weights`]!, [D, K, H]);
  const change = tf.transpose(tf.sub(other, x), [2, 0, 1, 3]); // [D, n, B, K]
  const widest = Math.max(...Array.from({ length: shape.layers }, (_, i) => parameters[`${shape.name}/${i}/bias`]!.size)); // prettier-ignore
  const dotted = (y: T) => tf.sum(tf.mul(y, target), -1);
  const single = shape.layers === 1;
  const cost = single ? f : (y: T) => tf.sub(f(y), dotted(y));
  const at = Math.max(1, Math.floor(cached / (B * widest))); // changes at a time
  const [perOutcome, perVariable] = [Math.min(n, at), Math.max(1, Math.floor(at / n))];
  const variables = starts(D, perVariable).map(([d, size]) => {
    const outcomes = starts(n, perOutcome).map(([j, count]) => {
      const moved = tf.reshape(part(part(change, 0, d, size), 1, j, count), [size, count * B, K]);
      const added = tf.matMul(moved, part(weights, 0, d, size)); // [size, count B, H]
      const y = afterFirst(parameters, shape, tf.add(first, tf.reshape(added, [size * count, B, H])));
      return tf.reshape(cost(y), [size, count, B]);
    });
    return tf.concat(outcomes, 1);
  });
  const costs = tf.concat(variables, 0); // [D, n, B]
  if (!single) return tf.transpose(costs, [1, 0, 2]);
  const slopes = tf.reshape(tf.matMul(target, tf.reshape(weights, [D * K, H]), false, true), [B, D, 1, K]);
  const linear = tf.add(dotted(first), tf.sum(tf.mul(change, tf.transpose(slopes, [1, 2, 0, 3])), -1));
  return tf.transpose(tf.sub(costs, linear), [1, 0, 2]);
}

/** Start and size of consecutive parts of n with at most so many elements. */
const starts = (n: number, most: number) =>
  Array.from({ length: Math.ceil(n / most) }, (_, i) => [i * most, Math.min(most, n - i * most)] as const);

/** The form of an option that gives hidden layers. */
export const hiddenForm = {
  pattern: String.raw`none|[1-9]\d{0,4}(-[1-9]\d{0,4})*`,
  words: "none or sizes such as 512-256",
} as const;

/** The same with at least one layer. */
export const layersForm = {
  pattern: String.raw`[1-9]\d{0,4}(-[1-9]\d{0,4})*`,
  words: "sizes such as 16-32-64",
} as const;

/** Sizes of hidden layers from text of that form. */
export const hiddenSizes = (text: string): number[] => (text === "none" ? [] : text.split("-").map(Number));

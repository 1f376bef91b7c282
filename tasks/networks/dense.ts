import { tf } from "../../estimators/core/autodiff.ts";
import { glorotUniform } from "../../estimators/core/glorot.ts";
import type { Named, T } from "../../estimators/estimator.ts";
import type { Random } from "../task.ts";

export const activations = {
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

/** A perceptron with a linear output layer. [..., sizes[0]] → [..., sizes.at(-1)] */
export function perceptron(parameters: Named, name: string, layers: number, activation: Activation, x: T): T {
  let y = x;
  for (let i = 0; i < layers; i++) {
    y = dense(parameters, `${name}/${i}`, y);
    if (i < layers - 1) y = activations[activation](y);
  }
  return y;
}

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

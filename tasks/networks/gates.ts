/** Layers of neurons that compute one of the sixteen functions of two bits (Petersen et al. 2022). */
import { tf } from "../../estimators/core/autodiff.ts";
import type { T } from "../../estimators/estimator.ts";
import { key, permutation } from "../noise.ts";

/**
 * The sixteen functions of two bits as coefficients of 1, a, b and ab, so that they are defined between 0 and 1 too, as the
 * expectation of independent bits: for instance a xor b = a + b − 2ab. Gate i has the value of bit 2a + b of i at (a, b).
 */
export const gates = Array.from({ length: 16 }, (_, i) => {
  const [none, b, a, both] = [0, 1, 2, 3].map((bit) => (i >> bit) & 1) as [number, number, number, number];
  return [none, a - none, b - none, both - a - b + none];
});
export const gateCount = gates.length;

/** The outputs of the layer below that each neuron reads, first and second. */
export type Wires = readonly [Int32Array, Int32Array];

/** Which two outputs of the layer below each neuron reads: the same in every run. Every output is read if there is room. */
export function wires(name: string, inputs: number, neurons: number): Wires {
  const drawn = new Int32Array(2 * neurons);
  for (let at = 0, round = 0; at < drawn.length; at += inputs, round++)
    drawn.set(permutation(key(name, round), inputs).subarray(0, drawn.length - at), at);
  return [drawn.slice(0, neurons), drawn.slice(neurons)];
}

/** Some of the last axis, as a matrix product, because not every engine has the gradient of a lookup. */
function chosen(x: T, from: Int32Array): T {
  const inputs = x.shape.at(-1)!;
  const selection = new Float32Array(inputs * from.length);
  from.forEach((input, i) => (selection[input * from.length + i] = 1));
  const flat = tf.matMul(tf.reshape(x, [-1, inputs]), tf.tensor2d(selection, [inputs, from.length]));
  return tf.reshape(flat, [...x.shape.slice(0, -1), from.length]);
}

/**
 * The outputs of a layer, Σ_i w_i gate_i(a, b) with one-hot or mean weights of the gates. below [S or 1, B, inputs], weights
 * [S, B or 1, neurons, 16] → [S, B, neurons]
 */
export function gateLayer(below: T, wires: Wires, weights: T): T {
  const [a, b] = wires.map((from) => chosen(below, from)) as [T, T];
  const terms = tf.matMul(tf.reshape(weights, [-1, gateCount]), tf.tensor2d(gates));
  const shaped = tf.reshape(terms, [...weights.shape.slice(0, 3), 4]);
  const [one, onA, onB, onBoth] = tf.unstack(shaped, 3) as [T, T, T, T];
  return tf.add(tf.add(one, tf.mul(onA, a)), tf.add(tf.mul(onB, b), tf.mul(onBoth, tf.mul(a, b))));
}

/** The distributions in float64, term by term, for comparison. */
import type { Tensor } from "@tensorflow/tfjs";
import test from "ava";
import fc from "fast-check";
import { tf } from "../../../estimators/core/autodiff.ts";
import { fillUniform, key } from "../../../tasks/noise.ts";

/** A test that a property holds for what fast-check generates from a fixed seed. The failure shows a counterexample. */
export const property = (title: string, holds: fc.IRawProperty<unknown>): void =>
  test(title, (t) => {
    t.notThrows(() => fc.assert(holds, { seed: 4 }));
  });

/** A logit as float32 holds it, from one hopeless end to the other. */
export const logit = fc.double({ min: -50, max: 50, noNaN: true }).map(Math.fround);
/** A uniform as the noise gives them, both ends included. */
export const uniform = fc.nat(2 ** 23 - 1).map((k) => (k + 0.5) / 2 ** 23);

export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
export const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
export const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);

export function logSoftmax(logits: readonly number[]): number[] {
  const top = Math.max(...logits);
  const log = top + Math.log(sum(logits.map((x) => Math.exp(x - top))));
  return logits.map((x) => x - log);
}

/** Within 1e-5 of 1 + |expected|: float32 with logits of 50. */
export const near = (got: number, expected: number): boolean =>
  Number.isFinite(got) && Math.abs(got - expected) <= 1e-5 * (1 + Math.abs(expected));

/** The numbers of a tensor that is computed and freed. */
export const numbers = (f: () => Tensor): number[] => tf.tidy(() => [...f().dataSync()]);

/** The derivative of the sum of f at x. */
export const slope = (f: (x: Tensor) => Tensor, x: readonly number[]): number[] =>
  numbers(() => tf.grad((at: Tensor) => tf.sum(f(at)))(tf.tensor1d([...x])));

/** Fixed noise. */
export function uniforms(name: string, shape: readonly number[]): Tensor {
  const out = new Float32Array(shape.reduce((a, b) => a * b, 1));
  fillUniform(key("distributions", name), out);
  return tf.tensor(out, [...shape]);
}

/** Kolmogorov and Smirnov's √n D of a sample against a distribution function; above 2.7 once in 10⁶ when it is right. */
export function kolmogorov(sample: readonly number[], cumulative: (x: number) => number): number {
  const sorted = [...sample].sort((a, b) => a - b);
  const n = sorted.length;
  const gaps = sorted.map((x, i) => Math.max(cumulative(x) - i / n, (i + 1) / n - cumulative(x)));
  return Math.sqrt(n) * gaps.reduce((a, b) => Math.max(a, b));
}

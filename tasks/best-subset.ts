import { tf } from "../estimators/core/autodiff.ts";
import { subset } from "../estimators/distributions/subset.ts";
import { DataError } from "./data/data-error.ts";
import { toyTask } from "./models/toy.ts";
import { fillNormal, key } from "./noise.ts";
import type { Settings } from "./task.ts";

/** Rows of the table X. */
const observations = 40;

const sizes = (options: Settings) => ({ n: Number(options["columns"]), k: Number(options["subset"]) });

/** Standard normal rows of n columns, with correlation ρ^|i − j| between columns i and j, row after row. */
function correlated(n: number, correlation: number): Float32Array {
  const own = new Float64Array(observations * n);
  fillNormal(key("best-subset"), own);
  const values = new Float32Array(observations * n);
  own.forEach((one, i) => {
    values[i] = i % n === 0 ? one : correlation * values[i - 1]! + Math.sqrt(1 - correlation ** 2) * one;
  });
  return values;
}

/** The weights of y = Xw: 1 and −1 in turn at k columns spread over the n, and 0 at the others. */
export function trueWeights(n: number, k: number): number[] {
  const places = Array.from({ length: k }, (_, i) => Math.floor((i * n) / k));
  return Array.from({ length: n }, (_, j) => {
    const i = places.indexOf(j);
    return i < 0 ? 0 : i % 2 === 0 ? 1 : -1;
  });
}

export default toyTask({
  name: "best-subset",
  title: "Regression on the best k of n columns",
  version: 1,
  doc: "E mean (y − X(z ⊙ w))² of a subset z of k of n correlated columns, with the weights w learned beside the logits of z. y is made of k columns with weights ±1, so that the least cost is 0.",
  options: {
    columns: { default: 8, minimum: 2, maximum: 200, integer: true, doc: "columns n of the table" },
    subset: { default: 3, minimum: 1, maximum: 200, integer: true, doc: "size k of the subset" },
    correlation: { default: 0.5, minimum: 0, maximum: 0.99, doc: "correlation ρ^|i − j| of columns i and j" },
  },
  sites(options) {
    const { n, k } = sizes(options);
    if (k > n) throw new DataError(`subset must be at most columns, which is ${n}, got ${k}.`, 2);
    return [{ name: "z", family: subset(k), shape: [1, n] }];
  },
  toy(options) {
    const { n, k } = sizes(options);
    const table = correlated(n, Number(options["correlation"]));
    return {
      init: () => ({ logits: tf.zeros([1, n]), weights: tf.fill([n], 0.5) }),
      cost({ logits, weights }, sample) {
        const X = tf.tensor2d(table, [observations, n]);
        const z = tf.squeeze(sample("z", logits!), [2]); // [S, B, n]
        const difference = tf.sub(tf.mul(z, weights!), tf.tensor1d(trueWeights(n, k)));
        const residual = tf.matMul(tf.reshape(difference, [-1, n]), X, false, true); // [S B, m]
        return tf.reshape(tf.mean(tf.square(residual), -1), z.shape.slice(0, 2));
      },
    };
  },
});

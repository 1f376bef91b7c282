import { tf } from "../estimators/core/autodiff.ts";
import { categorical } from "../estimators/distributions/categorical.ts";
import type { T } from "../estimators/estimator.ts";
import { toyTask } from "./models/toy.ts";

const logits = [
  [0.5, -0.7, 0.1],
  [-0.4, 0.9, 0.2],
  [1.1, 0.3, -0.6],
];
const values = [
  [0.2, -1, 1.4],
  [1.2, 0.5, -0.8],
  [-0.6, 1.6, 0.3],
];
const site = { name: "z", family: categorical, shape: [3, 3] } as const;

export default toyTask({
  name: "coupled-categorical",
  title: "Three categorical variables that depend on each other",
  version: 1,
  doc: "E (Σ_d v_dᵀz_d − θ)² + 2·∏_d (v_dᵀz_d) with K = 3: a cubic cost; θ is a parameter downstream of the samples.",
  options: { t: { default: 0.1, doc: "θ before training" } },
  sites: () => [site],
  toy: (options) => ({
    init: () => ({ logits: tf.tensor2d(logits), target: tf.tensor1d([Number(options["t"])]) }),
    cost: (parameters, sample) => {
      const z = sample("z", parameters["logits"]!); // [S, B, 3, 3]
      const chosen = tf.sum(tf.mul(z, tf.tensor2d(values)), -1); // [S, B, 3]
      const [a, b, c] = tf.split(chosen, [1, 1, 1], -1) as [T, T, T];
      const product = tf.squeeze(tf.mul(tf.mul(a, b), c), [2]);
      return tf.add(tf.square(tf.sub(tf.sum(chosen, -1), parameters["target"]!)), tf.mul(2, product));
    },
  }),
});

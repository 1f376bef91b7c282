import { tf } from "../estimators/core/autodiff.ts";
import { bernoulli } from "../estimators/distributions/bernoulli.ts";
import { toyTask, vector } from "./models/toy.ts";

const site = { name: "b", family: bernoulli, shape: [4] } as const;
const logits = [-1.2, 0.4, 0.9, -0.3];
const weights = [1.5, -1, 0.8, 1.2];

export default toyTask({
  name: "coupled-bits",
  title: "Four bits that depend on each other",
  version: 1,
  doc: "E (wᵀb − θ)² + 2·b₁b₂b₃: a cubic cost in which no variable can be moved alone; θ is a parameter downstream of the samples.",
  options: { t: { default: 0.1, doc: "θ before training" } },
  sites: () => [site],
  toy: (options) => ({
    init: () => ({ logits: vector(logits), target: tf.tensor1d([Number(options["t"])]) }),
    cost: (parameters, sample) => {
      const b = sample("b", parameters["logits"]!); // [S, B, 4]
      const sum = tf.sum(tf.mul(b, vector(weights)), -1);
      const [first, second, third] = tf.split(b, [1, 1, 1, 1], -1) as [typeof b, typeof b, typeof b];
      const product = tf.squeeze(tf.mul(tf.mul(first, second), third), [2]);
      return tf.add(tf.square(tf.sub(sum, parameters["target"]!)), tf.mul(2, product));
    },
  }),
});

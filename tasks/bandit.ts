import { tf } from "../estimators/core/autodiff.ts";
import { count } from "../estimators/core/shared-definition.ts";
import { categorical } from "../estimators/distributions/categorical.ts";
import { notBinarised, tableTask } from "./models/table-task.ts";
import { hiddenForm, hiddenSizes, initPerceptron, perceptron } from "./networks/dense.ts";
import { key, uniformAt } from "./noise.ts";
import type { Named, Settings, T } from "./task.ts";

/** Coordinates of a context. */
const dimensions = 4;
const contexts = 5000;
/** The world is the same in every run: it does not depend on the seed. */
const draws = (tag: string, length: number) => {
  const noise = key("bandit", tag);
  return Float32Array.from({ length }, (_, i) => 2 * uniformAt(noise, i) - 1);
};

/** The mean reward of every arm: exp(−2 ‖x − c_a‖²), where c_a is the place of the arm. [B, 4] → [B, arms] */
function rewards(x: T, arms: number): T {
  const places = tf.tensor3d(draws("places", arms * dimensions), [1, arms, dimensions]);
  return tf.exp(tf.mul(-2, tf.sum(tf.square(tf.sub(tf.expandDims(x, 1), places)), -1)));
}

const layersOf = (options: Settings) => [
  dimensions,
  ...hiddenSizes(String(options["hidden"])),
  Number(options["arms"]),
];
const policy = (parameters: Named, x: T, options: Settings): T =>
  perceptron(parameters, { name: "policy", layers: layersOf(options).length - 1, activation: "tanh" }, x);

export default tableTask({
  name: "bandit",
  title: "Contextual bandit",
  aliases: ["contextual-bandit"],
  doc: "Chooses one of K arms for a context of four numbers in [−1, 1]. Arm a has a place c_a and the reward exp(−2 ‖x − c_a‖²); the cost is −reward, and only its value for the chosen arm is known. exact enumerates the arms.",
  options: {
    ...notBinarised,
    arms: { default: 10, minimum: 2, maximum: 1000, integer: true, doc: "arms K" },
    hidden: { default: "32", form: hiddenForm, doc: "hidden layers of the policy" },
    batch: count(32, "contexts of a step"),
    "learning-rate": { default: 0.01, minimum: 0, doc: "learning rate of Adam" },
  },
  steps: 3000,
  metric: "cost",
  sites: ({ arms }) => [{ name: "arm", family: categorical, shape: [1, Number(arms)] }],
  valuesOnly: () => true,
  data: () =>
    Promise.resolve({
      shape: [contexts, dimensions],
      values: draws("contexts", contexts * dimensions),
      sums: {},
    }),
  init: (random, { options }) => initPerceptron("policy", layersOf(options), random),
  model(parameters, { features }, _random, { options }) {
    const all = rewards(features!, Number(options["arms"]));
    const logits = tf.expandDims(policy(parameters, features!, options), 1); // [B, 1, K]
    return {
      program: ({ sample }) => tf.neg(tf.sum(tf.mul(tf.squeeze(sample("arm", logits), [2]), all), -1)),
    };
  },
  measures: {
    /** The best arm's reward less the expected reward of the policy. */
    regret(parameters, { features }, _random, { options }) {
      const all = rewards(features!, Number(options["arms"]));
      const chosen = tf.sum(tf.mul(tf.softmax(policy(parameters, features!, options)), all), -1);
      return tf.sub(tf.max(all, -1), chosen);
    },
  },
});

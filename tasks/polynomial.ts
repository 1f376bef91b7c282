import { tf } from "../estimators/core/autodiff.ts";
import { count } from "../estimators/core/shared-definition.ts";
import { categorical } from "../estimators/distributions/categorical.ts";
import { toyOptions, toyTask } from "./models/toy.ts";
import type { Settings } from "./task.ts";

const site = (options: Settings) =>
  ({ name: "z", family: categorical, shape: [Number(options["variables"]), 2] }) as const;

export default toyTask({
  name: "polynomial",
  title: "Polynomial programming",
  aliases: ["polynomial-programming"],
  version: 1,
  paper: "liu2023",
  doc: "E mean_i |z_i − .45|^power over 128 variables with two outcomes, where z_i is the first component; 64 rows, Adam.",
  options: {
    power: { default: 2, minimum: 1, maximum: 10, doc: "the exponent" },
    variables: count(128, "categorical variables with K = 2"),
    rows: { ...toyOptions.rows, default: 64 },
    "learning-rate": { ...toyOptions["learning-rate"], default: 1e-3 },
  },
  steps: 8000,
  sites: (options) => [site(options)],
  toy: (options) => ({
    init: (random) => ({ logits: tf.mul(tf.sub(random("logits", site(options).shape), 0.5), 0.02) }),
    cost: ({ logits }, sample) => {
      const drawn = sample("z", logits!); // [S, B, D, 2]
      const first = tf.squeeze(tf.slice(drawn, [0, 0, 0, 0], [...drawn.shape.slice(0, 3), 1]), [3]);
      return tf.mean(tf.pow(tf.abs(tf.sub(first, 0.45)), Number(options["power"])), -1);
    },
  }),
});

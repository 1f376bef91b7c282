import { tf } from "../estimators/core/autodiff.ts";
import { count } from "../estimators/core/shared-definition.ts";
import { categorical } from "../estimators/distributions/categorical.ts";
import { toyOptions, toyTask } from "./models/toy.ts";
import type { Settings } from "./task.ts";

const site = (options: Settings) =>
  ({
    name: "z",
    family: categorical,
    shape: [Number(options["variables"]), Number(options["categories"])],
  }) as const;

/** The values of the outcomes: K equally spaced numbers from 1 down to 0. */
const values = (K: number) => tf.tensor1d(Array.from({ length: K }, (_, k) => 1 - k / (K - 1)));

export default toyTask({
  name: "polynomial",
  title: "Polynomial programming",
  aliases: ["polynomial-programming"],
  version: 1,
  paper: "liu2023",
  doc: "E mean_i |v_i − t|^power over 128 variables, where v_i is the value of the outcome: K equally spaced numbers from 1 to 0; 64 rows, Adam. With two outcomes it is the task of Liu et al.; power=1,variables=12,categories=4 is that of De Smet et al. up to its target.",
  options: {
    power: { default: 2, minimum: 1, maximum: 10, doc: "the exponent" },
    t: { default: 0.45, minimum: 0, maximum: 1, doc: "the target t" },
    variables: count(128, "categorical variables"),
    categories: { default: 2, minimum: 2, maximum: 1000, integer: true, doc: "outcomes K of a variable" },
    rows: { ...toyOptions.rows, default: 64 },
    "learning-rate": { ...toyOptions["learning-rate"], default: 1e-3 },
  },
  steps: 8000,
  sites: (options) => [site(options)],
  toy: (options) => ({
    init: (random) => ({ logits: tf.mul(tf.sub(random("logits", site(options).shape), 0.5), 0.02) }),
    cost: ({ logits }, sample) => {
      const value = tf.sum(tf.mul(sample("z", logits!), values(Number(options["categories"]))), -1); // [S, B, D]
      return tf.mean(tf.pow(tf.abs(tf.sub(value, Number(options["t"]))), Number(options["power"])), -1);
    },
  }),
});

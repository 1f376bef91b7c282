import { tf } from "../estimators/core/autodiff.ts";
import { count } from "../estimators/core/shared-definition.ts";
import { bernoulli } from "../estimators/distributions/bernoulli.ts";
import { toyOptions, toyTask } from "./models/toy.ts";
import type { Settings } from "./task.ts";

const site = (options: Settings) =>
  ({ name: "b", family: bernoulli, shape: [Number(options["variables"])] }) as const;

export default toyTask({
  name: "quadratic",
  title: "Many bits towards a target",
  aliases: ["double-cv-toy"],
  version: 2,
  paper: "titsias2022",
  doc: "Maximises E mean_i (b_i − t)² over 200 Bernoulli variables; the cost is its negative; RMSprop.",
  options: {
    t: { default: 0.499, doc: "the target" },
    variables: count(200, "Bernoulli variables"),
    "learning-rate": { ...toyOptions["learning-rate"], default: 0.01, doc: "learning rate of RMSprop" },
  },
  sites: (options) => [site(options)],
  toy: (options) => ({
    optimiser: { kind: "rmsprop", decay: 0.9, epsilon: 1e-7 },
    init: () => ({ logits: tf.zeros([...site(options).shape]) }),
    cost: ({ logits }, sample) =>
      tf.neg(tf.mean(tf.square(tf.sub(sample("b", logits!), Number(options["t"]))), -1)),
  }),
});

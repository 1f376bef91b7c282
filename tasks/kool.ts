import { tf } from "../estimators/core/autodiff.ts";
import { bernoulli } from "../estimators/distributions/bernoulli.ts";
import { toyTask, vector } from "./models/toy.ts";

const targets = [0.6, 0.51, 0.48];
const site = { name: "b", family: bernoulli, shape: [targets.length] } as const;

export default toyTask({
  name: "kool",
  title: "Three bits that share a logit",
  version: 1,
  paper: "kool2020",
  doc: "E Σ (b_i − c_i)² of three Bernoulli variables with one logit, c = (.6, .51, .48).",
  options: {
    logit: { default: 0, minimum: -50, maximum: 50, doc: "the shared logit before training" },
  },
  sites: () => [site],
  toy: (options) => ({
    init: () => ({ logit: tf.tensor1d([Number(options["logit"])]) }),
    cost: ({ logit }, sample) =>
      tf.sum(tf.square(tf.sub(sample("b", tf.tile(logit!, [targets.length])), vector(targets))), -1),
  }),
});

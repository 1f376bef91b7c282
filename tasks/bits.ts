import { tf } from "../estimators/core/autodiff.ts";
import { bernoulli } from "../estimators/distributions/bernoulli.ts";
import { toyTask } from "./models/toy.ts";

const site = { name: "b", family: bernoulli, shape: [1] } as const;

export default toyTask({
  name: "bits",
  title: "One bit towards a target",
  aliases: ["rebar-toy", "toy"],
  version: 1,
  paper: "tucker2017",
  doc: "E(b − t)² of one Bernoulli variable with P(b = 1) = p, the toy of REBAR (t = .45) and RELAX (t = .499).",
  options: {
    t: { default: 0.45, doc: "the target" },
    p: { default: 0.5, minimum: 0, maximum: 1, exclusive: true, doc: "P(b = 1) before training" },
  },
  sites: () => [site],
  toy: (options) => ({
    init: () => ({ logits: tf.tensor1d([Math.log(Number(options["p"]) / (1 - Number(options["p"])))]) }),
    cost: ({ logits }, sample) => tf.sum(tf.square(tf.sub(sample("b", logits!), Number(options["t"]))), -1),
  }),
});

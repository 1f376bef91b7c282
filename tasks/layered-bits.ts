import { tf } from "../estimators/core/autodiff.ts";
import { bernoulli } from "../estimators/distributions/bernoulli.ts";
import { toyTask, vector } from "./models/toy.ts";
import { dense } from "./networks/dense.ts";

const first = { name: "a", family: bernoulli, shape: [2] } as const;
const second = { name: "b", family: bernoulli, shape: [3] } as const;
const between = [
  [1.3, -0.9, 0.6],
  [-0.7, 1.1, 1.4],
];
const weights = [1.5, -1, 0.8];

export default toyTask({
  name: "layered-bits",
  title: "Two layers of bits",
  aliases: ["two-layer-bits"],
  version: 1,
  doc: "E (wᵀb − θ)² + a₁b₁ − a₂b₃ with two bits a above three bits b whose logits are linear in a; θ is a parameter downstream of the samples.",
  options: {
    t: { default: 0.1, doc: "θ before training" },
    above: {
      default: 0,
      doc: "weight c of a term c·(a₁ + 2a₂) of the first layer alone, for `credit=local`",
    },
  },
  sites: () => [first, second],
  toy: ({ t, above }) => ({
    init: () => ({
      logits: vector([0.4, -0.8]),
      "between/weights": tf.tensor2d(between),
      "between/bias": vector([-0.2, 0.1, -0.5]),
      target: tf.tensor1d([Number(t)]),
    }),
    cost: (parameters, sample) => {
      const a = sample("a", parameters["logits"]!); // [S, B, 2]
      const b = sample("b", dense(parameters, "between", a)); // [S, B, 3]
      const sum = tf.sum(tf.mul(b, vector(weights)), -1);
      const outer = tf.slice(b, [0, 0, 0], [...b.shape.slice(0, 2), 1]);
      const last = tf.slice(b, [0, 0, 2], [...b.shape.slice(0, 2), 1]);
      const coupling = tf.sum(tf.mul(a, tf.concat([outer, tf.neg(last)], -1)), -1);
      const cost = tf.add(tf.square(tf.sub(sum, parameters["target"]!)), coupling);
      if (above === 0) return cost;
      const alone = tf.mul(Number(above), tf.sum(tf.mul(a, vector([1, 2])), -1));
      return [
        { cost: alone, sites: ["a"] },
        { cost, sites: ["a", "b"] },
      ];
    },
  }),
});

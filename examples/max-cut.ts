import type { Toolkit } from "estimator-bench";

/** Edges [a, b, weight] of a graph with eight vertices. */
const edges = [
  ...([[0, 1, 3], [1, 2, 1], [2, 3, 4], [3, 4, 2], [4, 5, 3], [5, 6, 1], [6, 7, 4], [7, 0, 2]] as const), // prettier-ignore
  ...([[0, 4, 2], [1, 5, 2], [2, 6, 3], [3, 7, 1], [0, 2, 1], [5, 7, 2]] as const), // prettier-ignore
];
const vertices = 8;

/** 1 where an edge begins or ends. [vertices, edges] */
const ends = (end: 0 | 1) =>
  Array.from({ length: vertices }, (_, vertex) => edges.map((edge) => (edge[end] === vertex ? 1 : 0)));

/** Max-cut: a reward to maximise over bits, one for the side of each vertex. The cost is minus the weight of the cut. */
export default ({ tf, toyTask, families }: Toolkit) =>
  toyTask({
    name: "max-cut",
    title: "Maximum cut of a graph",
    version: 1,
    doc: "Divide eight vertices into two sides so that the edges between them weigh as much as possible.",
    options: {},
    sites: () => [{ name: "side", family: families.bernoulli, shape: [vertices] }],
    toy: () => ({
      init: (random) => ({ logits: tf.sub(random("logits", [vertices]), 0.5) }), // Not 0: the two sides are alike.
      cost({ logits }, sample) {
        const side = sample("side", logits!); // [samples, rows, vertices]
        const at = (end: 0 | 1) => tf.matMul(tf.reshape(side, [-1, vertices]), tf.tensor2d(ends(end))); // [samples × rows, edges]
        const weights = tf.tensor1d(edges.map(([, , weight]) => weight));
        const cut = tf.sum(tf.mul(tf.square(tf.sub(at(0), at(1))), weights), -1);
        return tf.neg(tf.reshape(cut, side.shape.slice(0, 2)));
      },
    }),
  });

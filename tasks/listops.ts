import { glorotUniform } from "../estimators/core/glorot.ts";
import { partialSums, part } from "../estimators/core/slicing.ts";
import { tf } from "../estimators/core/autodiff.ts";
import { count } from "../estimators/core/shared-definition.ts";
import { categorical } from "../estimators/distributions/categorical.ts";
import { splitExpressions, vocabulary } from "./data/expressions.ts";
import { trainingFields, trainingOptions } from "./models/training-options.ts";
import { digits, oneHot } from "./models/labels.ts";
import { dense, initDense } from "./networks/dense.ts";
import { categoricalCost } from "./networks/likelihood.ts";
import { type Named, type Settings, type T, task } from "./task.ts";

const splits = { train: 90_000, valid: 10_000, test: 10_000 } as const;
/** The logit of a pair beyond the end of the expression. Its probability is negligible and its logarithm finite. */
const beyond = -50;

/** The sites: of L nodes, the pair that is merged first, second, ... The last two nodes leave no choice. */
const sitesOf = (options: Settings) =>
  Array.from({ length: Number(options["length"]) - 2 }, (_, i) => ({
    name: `merge/${i}`,
    family: categorical,
    shape: [1, Number(options["length"]) - 1 - i],
  }));

/** The hidden and the cell state of nodes. [S, B, n, H] each */
type Nodes = readonly [h: T, c: T];

/** The parent of two neighbours, by a Tree-LSTM. */
function parents(parameters: Named, [hl, cl]: Nodes, [hr, cr]: Nodes): Nodes {
  const [i, forgetLeft, forgetRight, u, o] = tf.split(dense(parameters, "compose", tf.concat([hl, hr], -1)), 5, -1) as [T, T, T, T, T]; // prettier-ignore
  const gate = (x: T): T => tf.sigmoid(tf.add(x, 1)); // remembers at first
  const kept = tf.add(tf.mul(cl, gate(forgetLeft)), tf.mul(cr, gate(forgetRight)));
  const c = tf.add(kept, tf.mul(tf.tanh(u), tf.sigmoid(i)));
  return [tf.mul(tf.sigmoid(o), tf.tanh(c)), c];
}

/** The hidden state of the root of the tree of merges that `choose` gives. features [B, L · vocabulary] → [S, B, H] */
function rootOf(parameters: Named, features: T, choose: (name: string, logits: T) => T): T {
  const words = tf.reshape(features, [1, features.shape[0], -1, vocabulary]); // [1, B, L, V]
  const present = tf.sum(words, -1); // [1, B, L]
  const L = words.shape[2]!;
  let [h, c] = tf.split(dense(parameters, "leaf", words), 2, -1) as [T, T];
  for (let i = 0; i < L - 1; i++) {
    const K = L - 1 - i;
    const possible = part(present, 2, i + 1, K); // [1, B, K]
    const [left, right]: [Nodes, Nodes] = [
      [part(h, 2, 0, K), part(c, 2, 0, K)],
      [part(h, 2, 1, K), part(c, 2, 1, K)],
    ];
    const parent = parents(parameters, left, right);
    let choice = possible;
    if (K > 1) {
      const flat = tf.matMul(tf.reshape(parent[0], [-1, h.shape[3]!]), parameters["query"]!);
      const scores = tf.reshape(flat, parent[0].shape.slice(0, 3)); // [S, B, K]
      // Where nothing is left to merge the first pair is certain, and has no effect.
      const open = tf.concat([tf.ones([1, features.shape[0], 1]), part(possible, 2, 1, K - 1)], 2);
      const logits = tf.add(tf.mul(scores, possible), tf.mul(beyond, tf.sub(1, open)));
      const sample = choose(`merge/${i}`, tf.expandDims(logits, 2));
      choice = tf.mul(tf.squeeze(sample, [2]), part(possible, 2, 0, 1));
    }
    // The parent at the chosen pair, the nodes left of it, and those right of it moved by one: linear in the choice, which is
    // zero in rows that are one node already. left (1 − upTo) + right (upTo − chosen) + parent chosen
    const [chosen, upTo] = [choice, partialSums(choice, "start")].map((x) => tf.expandDims(x, -1)) as [T, T];
    [h, c] = [0, 1].map((k) =>
      tf.add(
        left[k]!,
        tf.add(tf.mul(upTo, tf.sub(right[k]!, left[k]!)), tf.mul(chosen, tf.sub(parent[k]!, right[k]!))),
      ),
    ) as [T, T];
  }
  return tf.squeeze(h, [2]);
}

const answerLogits = (parameters: Named, features: T, choose: (name: string, logits: T) => T): T =>
  dense(parameters, "answer", rootOf(parameters, features, choose));

export default task({
  name: "listops",
  title: "Latent trees of nested lists",
  aliases: ["latent-trees"],
  version: 1,
  paper: "nangia2018",
  doc: "Evaluates expressions such as [MAX 2 9 [MIN 4 7 ] 0 ], of which only the value is known. A Tree-LSTM merges two neighbours at a time until one node is left, from which a linear layer predicts the value; which two is a categorical variable at each step. `accuracy` is that of the most probable merges.",
  options: {
    length: { default: 16, minimum: 4, maximum: 100, integer: true, doc: "most tokens L of an expression; there are L − 2 sites with L − 1 to 2 outcomes" }, // prettier-ignore
    hidden: count(32, "numbers of a node's hidden state"),
    ...trainingOptions,
    batch: count(64, "rows of a step"),
    optimiser: { ...trainingOptions.optimiser, default: "adam" },
    "learning-rate": { ...trainingOptions["learning-rate"], default: 3e-3, doc: "learning rate" },
    temperature: { ...trainingOptions.temperature, default: "1" },
  },
  steps: 5000,
  sites: sitesOf,
  create(settings) {
    const [L, H] = [Number(settings["length"]), Number(settings["hidden"])];
    let made: ReturnType<typeof splitExpressions> | undefined;
    const width = L * vocabulary;
    return Promise.resolve({
      ...trainingFields(settings),
      ...{ name: "listops", metric: "cost", sites: sitesOf(settings), features: width, splits, sums: {} },
      init: (random) => ({
        ...initDense("leaf", vocabulary, 2 * H, random),
        ...initDense("compose", 2 * H, 5 * H, random),
        ...initDense("answer", H, digits, random),
        query: glorotUniform(random("query", [H, 1]), H, 1),
      }),
      model: (parameters, { features, labels }) => ({
        program: ({ sample }) => categoricalCost(answerLogits(parameters, features!, sample), labels!),
      }),
      measures: {
        accuracy(parameters, { features, labels }) {
          const logits = answerLogits(parameters, features!, (_, merge) => categorical.mode(merge));
          return tf.cast(tf.equal(tf.argMax(tf.squeeze(logits, [0]), -1), tf.argMax(labels!, -1)), "float32");
        },
      },
      gather(split, rows, into) {
        const all = (made ??= splitExpressions(L, splits))[split];
        const values = into?.["features"]?.values.fill(0) ?? new Float32Array(rows.length * width);
        rows.forEach((row, i) => {
          all[row]!.tokens.forEach((token, t) => (values[i * width + t * vocabulary + token] = 1));
        });
        const answers = Int32Array.from(rows, (row) => all[row]!.answer);
        return {
          features: { shape: [rows.length, width], values },
          labels: oneHot(answers, Int32Array.from(answers.keys()), digits),
        };
      },
    });
  },
});

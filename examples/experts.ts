import type { Toolkit } from "estimator-bench";

/** About the means and the standard deviations of the four measurements. */
const [centres, scales] = [
  [44, 17, 200, 4.2],
  [5.5, 2, 14, 0.8],
];

/**
 * Hard routing: a gate sends each row to one of K experts, a categorical variable without a prior, and the expert predicts the
 * species. The cost is −log p(y | x, expert).
 */
export default (toolkit: Toolkit) => {
  const { tf, families, tableTask, readCsv, count, dense, initDense, categoricalCost } = toolkit;
  return tableTask({
    name: "experts",
    title: "A gate to experts",
    doc: "Classify penguins by one of K linear experts, which see two of the four measurements each.",
    options: {
      experts: count(4, "experts K"),
      "learning-rate": { default: 0.03, minimum: 0, doc: "learning rate of Adam" },
    },
    steps: 2000,
    sites: ({ experts }) => [{ name: "expert", family: families.categorical, shape: [1, Number(experts)] }],
    async data() {
      const table = await readCsv("penguins.csv", { label: "species" });
      const standardised = table.values.map((value, i) => (value - centres[i % 4]!) / scales[i % 4]!);
      return { ...table, values: standardised };
    },
    init: (random, { features, classes, options: { experts } }) => ({
      ...initDense("gate", features, Number(experts), random),
      ...initDense("experts", features, Number(experts) * classes.length, random),
    }),
    model(parameters, { features, labels }, _random, { classes, options: { experts } }) {
      const [rows] = features!.shape;
      const gate = tf.expandDims(dense(parameters, "gate", features!), 1); // [rows, 1, K]
      const all = tf.reshape(dense(parameters, "experts", features!), [
        rows,
        Number(experts),
        classes.length,
      ]);
      return {
        program({ sample }) {
          const expert = tf.squeeze(sample("expert", gate), [2]); // [samples, rows, K]
          const chosen = tf.sum(tf.mul(tf.expandDims(expert, -1), all), 2); // [samples, rows, classes]
          return categoricalCost(chosen, labels!);
        },
      };
    },
    measures: {
      accuracy(parameters, { features, labels }, random, { classes, options: { experts } }) {
        const { categorical } = families;
        const gate = dense(parameters, "gate", features!);
        const expert = categorical.harden(categorical.perturb(gate, random("expert", gate.shape))); // [rows, K]
        const all = tf.reshape(dense(parameters, "experts", features!), [
          -1,
          Number(experts),
          classes.length,
        ]);
        const guess = tf.argMax(tf.sum(tf.mul(tf.expandDims(expert, -1), all), 1), -1);
        return tf.cast(tf.equal(guess, tf.argMax(labels!, -1)), "float32");
      },
    },
  });
};

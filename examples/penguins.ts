import type { Toolkit } from "estimator-bench";

/** About the means and the standard deviations of the four measurements. */
const [centres, scales] = [
  [44, 17, 200, 4.2],
  [5.5, 2, 14, 0.8],
];

/**
 * A mixture of Gaussians of a table: each penguin belongs to one of K clusters z, p(x | z) is Gaussian, p(z) is learned, and
 * q(z | x) is linear. penguins.csv is from the Palmer Archipelago (Horst, Hill & Gorman 2020, CC0), without rows that miss values.
 */
export default ({ tf, families, tableTask, readCsv, count, dense, initDense, gaussianCost }: Toolkit) =>
  tableTask({
    name: "penguins",
    title: "Clusters of penguins",
    doc: "A mixture of Gaussians of four measurements of 342 penguins; the cluster is one categorical variable.",
    options: {
      clusters: count(3, "clusters K"),
      "learning-rate": { default: 0.03, minimum: 0, doc: "learning rate of Adam" },
    },
    steps: 2000,
    sites: ({ clusters }) => [{ name: "z", family: families.categorical, shape: [1, Number(clusters)] }],
    async data() {
      const table = await readCsv("penguins.csv", { label: "species" });
      const standardised = table.values.map((value, i) => (value - centres[i % 4]!) / scales[i % 4]!);
      return { ...table, values: standardised };
    },
    init: (random, { features, options: { clusters } }) => ({
      ...initDense("encoder", features, Number(clusters), random),
      ...initDense("mean", Number(clusters), features, random),
      ...initDense("log-variance", Number(clusters), features, random),
      prior: tf.zeros([1, 1, Number(clusters)]),
    }),
    model(parameters, { features: x }, _random, { options: { clusters } }) {
      const logits = tf.expandDims(dense(parameters, "encoder", x!), 1); // [rows, 1, K]
      return {
        program({ sample }) {
          const z = sample("z", logits, parameters["prior"]); // [samples, rows, 1, K]
          const cluster = tf.reshape(z, [z.shape[0], z.shape[1]!, Number(clusters)]);
          const [mean, logVariance] = [
            dense(parameters, "mean", cluster),
            dense(parameters, "log-variance", cluster),
          ];
          return gaussianCost(mean, x!, logVariance); // −log p(x | z)
        },
      };
    },
  });

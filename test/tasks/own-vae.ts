/** A Bernoulli VAE on a user's table, as a plug-in writes it. */
import type { Toolkit } from "../../runners/plugins/public.ts";

export default ({ tf, families, ...tasks }: Toolkit) => {
  const { tableTask, readCsv, count, initPerceptron, perceptron, bernoulliCost } = tasks;
  const network = (name: string) => ({ name, layers: 2, activation: "relu" }) as const;
  return tableTask({
    name: "own-vae",
    title: "A VAE on my own table",
    options: { variables: count(4, "bits of a code"), hidden: count(16, "hidden units") },
    sites: ({ variables }) => [{ name: "z", family: families.bernoulli, shape: [Number(variables)] }],
    data: () => readCsv("table.csv", { label: "kind", range: [0, 255], divisor: 255 }),
    init(random, { features, meanLogits, options: { variables, hidden } }) {
      const sizes = [features, Number(hidden), Number(variables)];
      return {
        ...initPerceptron("encoder", sizes, random),
        ...initPerceptron("decoder", sizes.toReversed(), random),
        "decoder/1/bias": tf.tensor1d(meanLogits),
      };
    },
    model(parameters, { features }, _random, { options: { variables } }) {
      const posterior = perceptron(parameters, network("encoder"), features!);
      const prior = tf.zeros([1, Number(variables)]);
      return {
        program({ sample }) {
          const z = sample("z", posterior, prior);
          return bernoulliCost(perceptron(parameters, network("decoder"), z), features!);
        },
      };
    },
  });
};

/** Texts of tasks to start from, one of each kind. Each trains as it is. */
import { titleOf, toolkitTag, type PluginLanguage } from "./estimator-text.ts";

const toy = (name: string, title: string) => `
/** A cost of bits whose logits are the parameters. The estimators minimise its expectation. */
export default ({ tf, toyTask, families }: Toolkit) =>
  toyTask({
    name: "${name}",
    title: "${title}",
    version: 1, // Raise it when the numbers change in a way that the file does not show, such as other data.
    doc: "E (b1 + b2 + b3 − t)² of three bits.",
    options: { t: { default: 1.2, doc: "the target" } },
    sites: () => [{ name: "b", family: families.bernoulli, shape: [3] }],
    toy: ({ t }) => ({
      init: () => ({ logits: tf.zeros([3]) }),
      // A sample is [samples, rows, 3], the cost [samples, rows].
      cost: ({ logits }, sample) => tf.square(tf.sub(tf.sum(sample("b", logits!), -1), Number(t))),
    }),
  });
`;

const reward = (name: string, title: string) => `
const values = [6, 10, 12, 7, 3];
const weights = [1, 2, 3, 2, 1];

/** A reward to maximise that has no derivative: the value of the chosen things, and nothing if they are too heavy. */
export default ({ tf, toyTask, families }: Toolkit) =>
  toyTask({
    name: "${name}",
    title: "${title}",
    version: 1, // Raise it when the numbers change in a way that the file does not show, such as other data.
    doc: "Choose things of the largest value, Σ v_i b_i, whose weight Σ w_i b_i is at most a limit; the cost is −reward.",
    options: { limit: { default: 5, minimum: 0, doc: "the largest weight" } },
    sites: () => [{ name: "b", family: families.bernoulli, shape: [values.length] }],
    valuesOnly: () => true, // Estimators that need a derivative of the cost, such as st, are refused.
    toy: ({ limit }) => ({
      init: () => ({ logits: tf.zeros([values.length]) }),
      cost: ({ logits }, sample) => {
        const b = sample("b", logits!); // [samples, rows, things]
        const fits = tf.lessEqual(tf.sum(tf.mul(b, tf.tensor1d(weights)), -1), Number(limit));
        return tf.neg(tf.mul(tf.cast(fits, "float32"), tf.sum(tf.mul(b, tf.tensor1d(values)), -1)));
      },
    }),
  });
`;

const vae = (name: string, title: string) => `
/** Images of 4 × 4 pixels whose rows or columns are on or off. With your own rows this function is not needed. */
function bars() {
  const pixel = (i: number) => (((i >> 4) & 15) >> ((i >> 8) & 1 ? i & 3 : (i >> 2) & 3)) & 1;
  return { shape: [2048, 16], values: Float32Array.from({ length: 2048 * 16 }, (_, i) => pixel(i)), sums: {} };
}

/** A VAE with bits as codes: p(x | z) is Bernoulli in the pixels, p(z) uniform. */
export default ({ tf, families, tableTask, count, initPerceptron, perceptron, bernoulliCost }: Toolkit) => {
  const network = (name: string) => ({ name, layers: 2, activation: "relu" }) as const;
  return tableTask({
    name: "${name}",
    title: "${title}",
    options: {
      ...{ bits: count(6, "bits of a code"), hidden: count(32, "hidden units") },
      "learning-rate": { default: 0.01, minimum: 0, doc: "learning rate of Adam" },
    },
    sites: ({ bits }) => [{ name: "z", family: families.bernoulli, shape: [Number(bits)] }],
    // Your own rows: data: () => readCsv("./rows.csv", { range: [0, 255], divisor: 255 }), or readNpy, readNpz, readIdxFile.
    data: () => Promise.resolve(bars()),
    steps: 2000,
    init(random, { features, meanLogits, options: { bits, hidden } }) {
      const sizes = [features, Number(hidden), Number(bits)];
      return {
        ...initPerceptron("encoder", sizes, random),
        ...initPerceptron("decoder", sizes.toReversed(), random),
        "decoder/1/bias": tf.tensor1d(meanLogits),
      };
    },
    model(parameters, { features: x }, _random, { options: { bits } }) {
      const posterior = perceptron(parameters, network("encoder"), x!); // [rows, bits]
      const prior = tf.zeros([1, Number(bits)]);
      return {
        program({ sample }) {
          const z = sample("z", posterior, prior); // [samples, rows, bits]
          return bernoulliCost(perceptron(parameters, network("decoder"), z), x!); // −log p(x | z)
        },
      };
    },
  });
};
`;

const network = (name: string, title: string) => `
/** Points of a square, and whether x and y have the same sign. With your own rows this function is not needed. */
function points() {
  const at = (i: number) => ((i + 0.5) / 32) * 2 - 1;
  const all = Array.from({ length: 1024 }, (_, i) => [at(i % 32), at(Math.floor(i / 32))] as const);
  const codes = Int32Array.from(all, ([x, y]) => (x * y > 0 ? 1 : 0));
  const values = Float32Array.from(all.flat());
  return { shape: [1024, 2], values, sums: {}, labels: { codes, classes: ["different", "same"] } };
}

/** A classifier with a layer of stochastic bits, h ~ σ(Wx + b). The cost is −log p(y | h). */
export default ({ tf, families, tableTask, count, initDense, dense, categoricalCost }: Toolkit) => {
  const { bernoulli } = families;
  return tableTask({
    name: "${name}",
    title: "${title}",
    options: {
      units: count(16, "stochastic bits"),
      "learning-rate": { default: 0.03, minimum: 0, doc: "learning rate of Adam" },
    },
    sites: ({ units }) => [{ name: "h", family: bernoulli, shape: [Number(units)] }],
    // Your own rows: data: () => readCsv("./rows.csv", { label: "column with the class" }).
    data: () => Promise.resolve(points()),
    steps: 2000,
    init: (random, { features, classes, options: { units } }) => ({
      ...initDense("in", features, Number(units), random),
      ...initDense("out", Number(units), classes.length, random),
    }),
    model: (parameters, { features, labels }) => ({
      program({ sample }) {
        const h = sample("h", dense(parameters, "in", features!)); // No prior: the bits are a part of the model.
        return categoricalCost(dense(parameters, "out", h), labels!);
      },
    }),
    measures: {
      // Each row [rows]: whether the class that one sample of the bits predicts is right.
      accuracy(parameters, { features, labels }, random) {
        const logits = dense(parameters, "in", features!);
        const h = bernoulli.harden(bernoulli.perturb(logits, random("h", logits.shape)));
        const guess = tf.argMax(dense(parameters, "out", h), -1);
        return tf.cast(tf.equal(guess, tf.argMax(labels!, -1)), "float32");
      },
    },
  });
};
`;

const texts = { toy, vae, network, reward } as const;
export type TaskKind = keyof typeof texts;
export const taskKinds = Object.keys(texts) as TaskKind[];

export function taskText(kind: TaskKind, name: string, language: PluginLanguage): string {
  const text = texts[kind](name, titleOf(name));
  if (language === "ts") return `import type { Toolkit } from "estimator-bench";\n${text}`;
  return text
    .trimStart()
    .replaceAll(/: Toolkit|: number|: string| as const|(?<=\w)!(?=[,.)])/g, "")
    .replace(/\/\*\* (.*) \*\/\nexport default/, `/**\n * $1\n *\n * ${toolkitTag}\n */\nexport default`);
}

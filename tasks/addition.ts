import { tf } from "../estimators/core/autodiff.ts";
import { count } from "../estimators/core/shared-definition.ts";
import { categorical } from "../estimators/distributions/categorical.ts";
import { digits as classes, labelsOf } from "./models/labels.ts";
import { imageOptions, imageTask, openImages, pixelRows } from "./models/image-task.ts";
import { hiddenForm, hiddenSizes, initPerceptron, perceptron } from "./networks/dense.ts";
import { key, permutation } from "./noise.ts";
import { type Named, type Settings, type Split, type T, task } from "./task.ts";

const site = (options: Settings) =>
  ({ name: "digits", family: categorical, shape: [Number(options["digits"]), classes] }) as const;

/** The sum of digits given as one-hot vectors. [..., N, 10] → [...] */
const sumOf = (oneHot: T): T =>
  tf.sum(tf.mul(oneHot, tf.tensor1d(Array.from({ length: classes }, (_, i) => i))), [-2, -1]);

export default task({
  name: "addition",
  title: "Addition of images of digits",
  aliases: ["mnist-addition"],
  version: 2,
  paper: "desmet2023",
  doc: "Learns to read N digits from images of which only the sum is known. A perceptron gives the probabilities of each digit; the cost is 1 if the digits do not add up to the sum (loss=wrong, values only), or the squared distance to it (loss=square).",
  options: {
    digits: { default: 2, minimum: 1, maximum: 32, integer: true, doc: "images N of a sum" },
    loss: {
      default: "wrong",
      choices: ["wrong", "square"],
      doc: "cost of a sample: wrong: 1 if its sum is wrong, without a derivative; square: the squared distance, over N",
    },
    hidden: {
      default: "128-64",
      form: hiddenForm,
      doc: "hidden layers of the network, the same for all images",
    },
    ...imageOptions,
    binarisation: { ...imageOptions.binarisation, default: "grey" },
    batch: count(10, "sums of a step, of N images each"),
    optimiser: { ...imageOptions.optimiser, default: "adam" },
    "learning-rate": { ...imageOptions["learning-rate"], default: 1e-3, doc: "learning rate" },
  },
  steps: 10000,
  sites: (options) => [site(options)],
  valuesOnly: (options) => options["loss"] === "wrong",
  async create(settings, source) {
    const all = await openImages(settings, source);
    const labels = labelsOf(all.images, classes, "addition");
    const [N, sizes] = [Number(settings["digits"]), hiddenSizes(String(settings["hidden"]))];
    const common = imageTask(settings, all);
    const sums = (split: Split) => Math.floor(common.splits[split] / N);
    /** The order in which images form sums. It is part of the data, so it does not depend on a run's seed. */
    const orders = new Map<Split, Int32Array>();
    const orderOf = (split: Split): Int32Array => {
      const order = orders.get(split) ?? permutation(key("addition", split), common.splits[split]);
      orders.set(split, order);
      return order;
    };
    /** Logits of the digits of a batch. [B, N, 10] */
    const logitsOf = (parameters: Named, batch: Named): T => {
      const images = tf.reshape(batch["features"]!, [-1, all.pixels]);
      const network = { name: "digit", layers: sizes.length + 1, activation: "relu" } as const;
      return tf.reshape(perceptron(parameters, network, images), [-1, N, classes]);
    };
    return {
      ...common,
      ...{ name: "addition", metric: "cost", sites: [site(settings)], features: N * all.pixels },
      splits: { train: sums("train"), valid: sums("valid"), test: sums("test") },
      init: (random) => initPerceptron("digit", [all.pixels, ...sizes, classes], random),
      model: (parameters, batch) => ({
        program({ sample }) {
          const difference = tf.sub(sumOf(sample("digits", logitsOf(parameters, batch))), batch["sum"]!);
          return settings["loss"] === "wrong"
            ? tf.cast(tf.greater(tf.abs(difference), 0.5), "float32")
            : tf.div(tf.square(difference), N);
        },
      }),
      measures: {
        /** Whether the most probable digits add up to the sum. */
        accuracy(parameters, batch) {
          const guess = sumOf(categorical.harden(logitsOf(parameters, batch)));
          return tf.cast(tf.less(tf.abs(tf.sub(guess, batch["sum"]!)), 0.5), "float32");
        },
      },
      gather(split, rows, into) {
        const order = orderOf(split);
        const chosen = Int32Array.from({ length: rows.length * N }, (_, i) => order[rows[Math.floor(i / N)]! * N + (i % N)]!); // prettier-ignore
        const images = into?.["features"] && { ...into["features"], shape: [chosen.length, all.pixels] };
        const { values } = pixelRows(all, split, chosen, images);
        const sum = new Float32Array(rows.length);
        chosen.forEach((row, i) => (sum[Math.floor(i / N)]! += labels[split][row]!));
        return {
          features: { shape: [rows.length, N * all.pixels], values },
          sum: { shape: [rows.length], values: sum },
        };
      },
    };
  },
});

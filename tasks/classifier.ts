import { tf } from "../estimators/core/autodiff.ts";
import { count } from "../estimators/core/shared-definition.ts";
import { bernoulli } from "../estimators/distributions/bernoulli.ts";
import { digits as classes, labelsOf, oneHot } from "./models/labels.ts";
import { binarised, imageOptions, imageTask, openImages, pixelRows } from "./models/image-task.ts";
import { dense, initDense } from "./networks/dense.ts";
import { categoricalCost } from "./networks/likelihood.ts";
import { type Named, type Random, type Settings, type T, task } from "./task.ts";

/** z1 next to the pixels, then z2, ... */
const sitesOf = (options: Settings) =>
  Array.from({ length: Number(options["layers"]) }, (_, i) => ({
    name: `z${i + 1}`,
    family: bernoulli,
    shape: [Number(options["units"])],
    parents: i === 0 ? [] : [`z${i}`],
  }));

export default task({
  name: "classifier",
  title: "Classifier with stochastic bits",
  aliases: ["stochastic-network"],
  version: 1,
  paper: "raiko2015",
  doc: "Classifies digits by a network whose hidden layers are sampled bits, 784-200-200-10, linear maps between them. The cost is −log p(y | z); `bound` is log (1/m) Σ p(y | z_i), the network's averaged prediction.",
  options: {
    layers: { default: 2, minimum: 1, maximum: 4, integer: true, doc: "layers of bits" },
    units: count(200, "bits of a layer"),
    ...imageOptions,
    binarisation: { ...imageOptions.binarisation, default: "grey" },
    optimiser: { ...imageOptions.optimiser, default: "adam" },
    temperature: { ...imageOptions.temperature, default: "1" },
  },
  steps: 10000,
  sites: sitesOf,
  async create(settings, source) {
    const all = await openImages(settings, source);
    const labels = labelsOf(all.images, classes, "classifier");
    const sites = sitesOf(settings);
    const sizes = [all.pixels, ...sites.map(({ shape }) => shape[0]!), classes];
    /** Logits of the classes, from samples of all layers. */
    const classify = (parameters: Named, x: T, sample: (name: string, logits: T) => T): T =>
      sites.reduce(
        (below, { name }, i) => dense(parameters, `layer${i + 1}`, sample(name, below)),
        dense(parameters, "layer0", x),
      );
    const pixels = (batch: Named, random: Random) => binarised(all, batch["features"]!, random, "");
    return {
      ...imageTask(settings, all),
      ...{ name: "classifier", sites, features: all.pixels },
      init: (random) =>
        Object.assign(
          {},
          ...sizes.slice(1).map((size, i) => initDense(`layer${i}`, sizes[i]!, size, random)),
        ) as Named,
      model(parameters, batch, random) {
        const x = pixels(batch, random);
        return {
          program: ({ sample }) => categoricalCost(classify(parameters, x, sample), batch["labels"]!),
        };
      },
      measures: {
        /** Whether the class that one sample of all layers makes most probable is the label. */
        accuracy(parameters, batch, random) {
          const draw = (name: string, logits: T) =>
            bernoulli.harden(bernoulli.perturb(logits, random(name, logits.shape)));
          const guess = tf.argMax(classify(parameters, pixels(batch, random), draw), -1);
          return tf.cast(tf.equal(guess, tf.argMax(batch["labels"]!, -1)), "float32");
        },
      },
      gather: (split, rows, into) => ({
        features: pixelRows(all, split, rows, into?.["features"]),
        labels: oneHot(labels[split], rows, classes),
      }),
    };
  },
});

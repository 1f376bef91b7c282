import { tf } from "../estimators/core/autodiff.ts";
import { count } from "../estimators/core/shared-definition.ts";
import { categorical } from "../estimators/distributions/categorical.ts";
import { digits as classes, labelsOf, oneHot } from "./models/labels.ts";
import { binarised, imageOptions, imageTask, openImages, pixelRows } from "./models/image-task.ts";
import { categoricalCost } from "./networks/likelihood.ts";
import { gateCount, gateLayer, wires } from "./networks/gates.ts";
import { type Named, type Random, type Settings, type T, task } from "./task.ts";

const sitesOf = (options: Settings) =>
  Array.from({ length: Number(options["layers"]) }, (_, i) => ({
    name: `gates${i + 1}`,
    family: categorical,
    shape: [Number(options["neurons"]), gateCount],
    parents: [],
  }));

export default task({
  name: "logic-gates",
  title: "Network of logic gates",
  aliases: ["difflogic"],
  version: 1,
  paper: "petersen2022",
  doc: "Classifies digits by layers of neurons that each compute one of the 16 functions of two bits; which one is a categorical variable whose logits are parameters. Wires are random and fixed. The classes' logits are sums of the last layer's bits over a constant. `accuracy` is that of the most probable gates, `soft-accuracy` that of the mean of all gates: their difference is the discretisation gap.",
  options: {
    layers: { default: 3, minimum: 1, maximum: 6, integer: true, doc: "layers of gates" },
    neurons: count(500, "neurons of a layer"),
    scale: { default: 5, minimum: 0, exclusive: true, doc: "divisor of the number of bits of a class" },
    ...imageOptions,
    binarisation: { ...imageOptions.binarisation, default: "threshold" },
    side: { ...imageOptions.side, default: "14" },
    batch: count(32, "rows of a step"),
    optimiser: { ...imageOptions.optimiser, default: "adam" },
    "learning-rate": { ...imageOptions["learning-rate"], default: 0.01, doc: "learning rate" },
    temperature: { ...imageOptions.temperature, default: "1" },
  },
  steps: 3000,
  sites: sitesOf,
  async create(settings, source) {
    const all = await openImages(settings, source);
    const labels = labelsOf(all.images, classes, "logic-gates");
    const sites = sitesOf(settings);
    const [neurons, scale] = [Number(settings["neurons"]), Number(settings["scale"])];
    const read = sites.map((_, i) => wires(`logic-gates ${i}`, i === 0 ? all.pixels : neurons, neurons));
    const share = Math.floor(neurons / classes);
    /** The classes' logits [S, B, 10] for bits x [1, B, pixels] and the weights of each neuron's gates, [S, B or 1, neurons, 16]. */
    const classify = (x: T, weights: (name: string) => T): T => {
      const last = sites.reduce((below, { name }, i) => gateLayer(below, read[i]!, weights(name)), x);
      const used = tf.slice(last, [0, 0, 0], [-1, -1, share * classes]);
      const [S, B] = used.shape as [number, number];
      return tf.div(tf.sum(tf.reshape(used, [S, B, classes, share]), -1), scale);
    };
    const correct = (logits: T, y: T): T =>
      tf.cast(tf.equal(tf.argMax(tf.squeeze(logits, [0]), -1), tf.argMax(y, -1)), "float32");
    const pixels = (batch: Named, random: Random): T =>
      tf.expandDims(binarised(all, batch["features"]!, random, ""), 0);
    /** The logits of a layer for one sample and one row. [1, 1, neurons, 16] */
    const logitsOf = (parameters: Named, name: string): T => tf.reshape(parameters[`${name}/logits`]!, [1, 1, neurons, gateCount]); // prettier-ignore
    return {
      ...imageTask(settings, all),
      ...{ name: "logic-gates", sites, features: all.pixels },
      init: (random) =>
        Object.fromEntries(
          sites.map(({ name, shape }) => [`${name}/logits`, tf.sub(random(name, shape), 0.5)]),
        ),
      model(parameters, batch, random) {
        const x = pixels(batch, random);
        const rows = x.shape[1]!;
        return {
          program({ sample }) {
            const drawn = new Map<string, T>();
            const weights = (name: string): T => {
              const logits = tf.tile(tf.squeeze(logitsOf(parameters, name), [0]), [rows, 1, 1]);
              const known = drawn.get(name) ?? sample(name, logits);
              drawn.set(name, known);
              return known;
            };
            return categoricalCost(classify(x, weights), batch["labels"]!);
          },
        };
      },
      measures: {
        accuracy: (parameters, batch, random) =>
          correct(
            classify(pixels(batch, random), (name) => categorical.harden(logitsOf(parameters, name))),
            batch["labels"]!,
          ),
        "soft-accuracy": (parameters, batch, random) =>
          correct(
            classify(pixels(batch, random), (name) => tf.softmax(logitsOf(parameters, name))),
            batch["labels"]!,
          ),
      },
      gather: (split, rows, into) => ({
        features: pixelRows(all, split, rows, into?.["features"]),
        labels: oneHot(labels[split], rows, classes),
      }),
    };
  },
});

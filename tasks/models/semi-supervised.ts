/**
 * Semi-supervised classification (Kingma et al. 2014, as in Jang et al. 2016, §4.3): minimise −mean_L
 * ELBO(x, y) − mean_U U(x) − α mean_L log q(y | x), where ELBO(x, y) = E_q(z|x,y)
 * log p(x | y, z) + log p(y) − KL(q(z | x, y) ‖ p(z)) and U(x) = E_q(y|x) ELBO(x, y) + H[q(y | x)]. Only y is a site. z
 * is Gaussian and reparameterised. The divergence of y from its uniform prior and the labelled terms depend on no sample of y.
 */
import { tf } from "../../estimators/core/autodiff.ts";
import { count } from "../../estimators/core/shared-definition.ts";
import { categorical } from "../../estimators/distributions/categorical.ts";
import type { Named, OptionSpecs, Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import { hiddenForm, layersForm } from "../networks/dense.ts";
import { bernoulliCost } from "../networks/likelihood.ts";
import type { Arrays, DataSource, PictureProgram, Random, Task } from "../task.ts";
import { gaussianKl, standardNormal } from "./gaussian.ts";
import {
  binarised,
  imageOptions,
  imageTask,
  meanLogits,
  openImages,
  pixelRows,
  tiles,
} from "./image-task.ts";
import { digits, labelledRows, labelsOf, oneHot } from "./labels.ts";
import { semiNetworks, type SemiNetworks } from "./semi-supervised-networks.ts";

export const semiOptions = {
  classes: {
    default: digits,
    minimum: 2,
    maximum: 1000,
    integer: true,
    doc: "number K of classes y; other numbers than 10 give every image a random label, to measure speed",
  },
  network: {
    default: "mlp",
    choices: ["mlp", "conv"],
    doc: "mlp: perceptrons of the sizes classifier and hidden; conv: 3 × 3 convolutions of stride 2 with channels",
  },
  classifier: { default: "256-256-256", form: hiddenForm, doc: "mlp: hidden layers of q(y|x)" },
  hidden: {
    default: "128-128",
    form: hiddenForm,
    doc: "mlp: hidden layers of q(z|x,y), mirrored in p(x|y,z)",
  },
  channels: {
    default: "16-32-64",
    form: layersForm,
    doc: "conv: channels of the layers of q(y|x) and q(z|x,y), mirrored in p(x|y,z)",
  },
  style: { default: 64, minimum: 1, maximum: 1000, integer: true, doc: "dimensions of the Gaussian style z" },
  alpha: { default: 1, minimum: 0, doc: "weight α of the labelled log q(y|x)" },
  labels: {
    default: 100,
    minimum: 10,
    maximum: 50000,
    integer: true,
    doc: "labelled images, equally many of each class",
  },
  labelled: count(50, "labelled rows of a step"),
  ...imageOptions,
  binarisation: { ...imageOptions.binarisation, default: "dynamic" },
  batch: { ...imageOptions.batch, doc: "unlabelled rows of a step" },
  optimiser: { ...imageOptions.optimiser, default: "adam" },
  temperature: { ...imageOptions.temperature, default: "exp:1:3e-5:0.5:2000" },
} as const satisfies OptionSpecs;

function pictures({ style, classes, decode }: SemiNetworks, side: number): PictureProgram {
  const styles = 8;
  return {
    inputs: {},
    strip: "classes",
    body(parameters, _inputs, random) {
      const z = standardNormal(random("style/u", [styles, 1, style]), random("style/v", [styles, 1, style]));
      const y = tf.tile(tf.expandDims(tf.eye(classes), 0), [styles, 1, 1]);
      const input = tf.concat([y, tf.tile(z, [1, classes, 1])], -1);
      const x = tf.sigmoid(decode(parameters, input));
      return { digits: tf.reshape(x, [styles * classes, -1]) };
    },
    arrange: (outputs) => [
      {
        name: "classes",
        title: "Style × class",
        caption:
          "Each row has one style z from its prior, each column one class y. Tiles show pixel probabilities.",
        width: side,
        height: side,
        columns: classes,
        tiles: tiles(outputs["digits"]!),
      },
    ],
  };
}

/**
 * The task whose class is this site. Rejects with a DataError if the images are wrong or have no labels, or if a class has
 * too few of them.
 */
export async function createSemi(site: SiteSpec, settings: Settings, source: DataSource): Promise<Task> {
  const all = await openImages(settings, source);
  const side = all.images.width;
  const [classes, style, perStep, alpha] = ["classes", "style", "labelled", "alpha"].map((name) =>
    Number(settings[name]),
  ) as [number, number, number, number];
  const labels = labelsOf(all.images, classes);
  const known = labelledRows(labels.train, Number(settings["labels"]), classes);
  const networks = semiNetworks({ settings, side, classes, style });

  const halves = (code: T) => tf.split(code, [style, style], -1) as [T, T];
  /** −mean_L ELBO(x, y) − α mean_L log q(y | x), a scalar. */
  const labelledLoss = (parameters: Named, batch: Named, random: Random): T => {
    const [x, y] = [binarised(all, batch["labelled"]!, random, "/labelled"), batch["labels"]!];
    const labels = tf.expandDims(y, 0);
    const [mean, logVariance] = halves(networks.encode(parameters, x, labels));
    const noise = (name: string) => random(`labelled/${name}`, [1, x.shape[0], style]);
    const z = tf.add(mean, tf.mul(tf.exp(tf.mul(0.5, logVariance)), standardNormal(noise("u"), noise("v"))));
    const likelihood = bernoulliCost(networks.decode(parameters, tf.concat([labels, z], -1)), x);
    const cost = tf.add(tf.add(likelihood, gaussianKl(mean, logVariance)), Math.log(classes));
    const logProb = categorical.logProb(networks.classify(parameters, x), y);
    return tf.sub(tf.mean(cost), tf.mul(alpha, tf.mean(logProb)));
  };
  /** x and the logits of q(y | x) for the unlabelled rows. */
  const classified = (parameters: Named, batch: Named, random: Random) => {
    const x = binarised(all, batch["features"]!, random, "/unlabelled");
    return { x, logits: networks.classify(parameters, x) };
  };

  return {
    ...imageTask(settings, all),
    name: "semi",
    sites: [site],
    features: all.pixels,
    init: (random) => networks.init(random, tf.tensor1d(meanLogits(all))),
    model(parameters, batch, random) {
      const { x, logits } = classified(parameters, batch, random);
      const uniform = tf.zeros([1, ...site.shape]);
      return {
        program({ sample, normal }) {
          const y = tf.squeeze(sample(site.name, tf.expandDims(logits, 1), uniform), [2]); // [S, B, K]
          const z = normal("style", ...halves(networks.encode(parameters, x, y)));
          return bernoulliCost(networks.decode(parameters, tf.concat([y, z], -1)), x);
        },
        ...(batch["labelled"] && { auxiliary: labelledLoss(parameters, batch, random) }),
      };
    },
    measures: {
      accuracy(parameters, batch, random) {
        const guess = categorical.harden(classified(parameters, batch, random).logits);
        return tf.sum(tf.mul(guess, batch["labels"]!), -1);
      },
    },
    gather(split, rows, into): Arrays {
      const features = pixelRows(all, split, rows, into?.["features"]);
      if (split !== "train") return { features, labels: oneHot(labels[split], rows, classes) };
      const chosen = Int32Array.from(
        { length: perStep },
        (_, i) => known[(rows[i % rows.length]! + i) % known.length]!,
      );
      return {
        features,
        labelled: pixelRows(all, split, chosen, into?.["labelled"]),
        labels: oneHot(labels.train, chosen, classes),
      };
    },
    pictures: pictures(networks, side),
  };
}

/**
 * Variational autoencoders of images with several layers of bits (Dong et al. 2020). Inference goes up,
 * q(z1 | x) q(z2 | z1) ..., generation comes down, p(zL) ... p(z1 | z2) p(x | z1). Only the prior of the top layer is known
 * when it is sampled, so the other layers have −log p at their samples.
 */
import { tf } from "../../estimators/core/autodiff.ts";
import type { Named, Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import { type Activation, hiddenSizes, initPerceptron, perceptron } from "../networks/dense.ts";
import { bernoulliCost } from "../networks/likelihood.ts";
import type { DataSource, PictureProgram, Random, Task } from "../task.ts";
import {
  binarised,
  examples,
  imageTask,
  meanLogits,
  openImages,
  pixelRows,
  type TaskImages,
  tiles,
} from "./image-task.ts";

interface Layers {
  readonly init: (random: Random) => Named;
  /** Logits of q(z_i | z_{i−1}), where z_0 are the centred pixels. [..., in] → [..., out] */
  readonly up: (parameters: Named, i: number, below: T) => T;
  /** Logits of p(z_i | z_{i+1}), where z_0 are the pixels. [..., in] → [..., out] */
  readonly down: (parameters: Named, i: number, above: T) => T;
  /** Logits of p(z_L). [1, D] */
  readonly top: (parameters: Named) => T;
}

function layersOf(sites: readonly SiteSpec[], settings: Settings, all: TaskImages): Layers {
  const sizes = [all.pixels, ...sites.map(({ shape }) => shape[0]!)];
  const hidden = hiddenSizes(String(settings["hidden"]));
  const network = (name: string) =>
    ({ name, layers: hidden.length + 1, activation: settings["activation"] as Activation }) as const;
  const means = meanLogits(all);
  const learned = settings["prior"] === "learned";
  const uniform = () => tf.zeros([1, sizes.at(-1)!]);
  return {
    init: (random) =>
      Object.assign(
        { ...(learned && { "prior/logits": uniform() }) },
        ...sizes
          .slice(1)
          .flatMap((size, i) => [
            initPerceptron(`up${i + 1}`, [sizes[i]!, ...hidden, size], random),
            initPerceptron(`down${i}`, [size, ...hidden.toReversed(), sizes[i]!], random),
          ]),
        { [`down0/${hidden.length}/bias`]: tf.tensor1d(means) },
      ) as Named,
    up: (parameters, i, below) =>
      perceptron(
        parameters,
        network(`up${i}`),
        i === 1 ? tf.sub(below, tf.sigmoid(tf.tensor1d(means))) : below,
      ),
    down: (parameters, i, above) => perceptron(parameters, network(`down${i}`), above),
    top: (parameters) => (learned ? parameters["prior/logits"]! : uniform()),
  };
}

function pictures(sites: readonly SiteSpec[], layers: Layers, all: TaskImages): PictureProgram {
  const { width, height } = all.images;
  const x = examples(all, 10);
  const [codes, L] = [60, sites.length];
  return {
    inputs: { x },
    strip: "codes",
    body(parameters, inputs, random) {
      const draw = (i: number, logits: T, rows: number, tag: string) => {
        const { family, shape } = sites[i - 1]!;
        return family.harden(family.perturb(logits, random(`${tag}/${i}`, [rows, ...shape])));
      };
      let z = draw(L, layers.top(parameters), codes, "codes");
      for (let i = L - 1; i >= 1; i--) z = draw(i, layers.down(parameters, i, z), codes, "codes");
      const first = draw(1, layers.up(parameters, 1, inputs["x"]!), 10, "posterior");
      const pixels = (of: T) => tf.sigmoid(layers.down(parameters, 0, of));
      return { prior: pixels(z), reconstructions: pixels(first) };
    },
    arrange: (outputs) => [
      {
        ...{ name: "codes", title: "Digits from the prior", width, height, columns: 10 },
        caption: "Codes drawn from the top layer down, decoded to pixel probabilities.",
        tiles: tiles(outputs["prior"]!),
      },
      {
        ...{ name: "reconstructions", title: "Reconstructions", width, height, columns: 10 },
        caption: "Test images above; below, each through one hard sample of its first layer.",
        tiles: [...tiles(x), ...tiles(outputs["reconstructions"]!)],
      },
    ],
  };
}

/** The VAE with these sites, from the pixels up. Rejects with a DataError if the images are wrong. */
export async function createDeepVae(
  name: string,
  sites: readonly SiteSpec[],
  settings: Settings,
  source: DataSource,
): Promise<Task> {
  const all = await openImages(settings, source);
  const layers = layersOf(sites, settings, all);
  return {
    ...imageTask(settings, all),
    name,
    sites,
    features: all.pixels,
    init: layers.init,
    model(parameters, batch, random) {
      const x = binarised(all, batch["features"]!, random, "");
      const posterior = layers.up(parameters, 1, x);
      return {
        program({ sample, prior }) {
          let z = sample("z1", posterior);
          const cost = bernoulliCost(layers.down(parameters, 0, z), x);
          for (let i = 2; i <= sites.length; i++) {
            const logits = layers.up(parameters, i, z);
            z = i < sites.length ? sample(`z${i}`, logits) : sample(`z${i}`, logits, layers.top(parameters));
            prior(`z${i - 1}`, layers.down(parameters, i - 1, z));
          }
          return [{ cost, sites: ["z1"] }];
        },
      };
    },
    gather: (split, rows, into) => ({ features: pixelRows(all, split, rows, into?.["features"]) }),
    pictures: pictures(sites, layers, all),
  };
}

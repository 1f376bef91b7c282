/**
 * Structured output prediction: the lower half of a digit from its upper half, through two stochastic layers with linear
 * maps between them (Jang et al. 2016; Gu et al. 2015). The layers are sampled from their conditional prior, so that a
 * weight is p(lower | h): `elbo` is the mean of its logarithm and `bound` is log (1/m) Σ p(lower | h_i).
 */
import { tf } from "../../estimators/core/autodiff.ts";
import type { Named, OptionSpecs, Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import { dense, initDense } from "../networks/dense.ts";
import { bernoulliCost } from "../networks/likelihood.ts";
import type { DataSource, PictureProgram, Program, Random, Task } from "../task.ts";
import {
  binarised,
  examples,
  imageOptions,
  imageTask,
  meanLogits,
  openImages,
  pixelRows,
  type TaskImages,
  tiles,
} from "./image-task.ts";

const completions = 5;
const shown = 12;

/** The options that both belief nets share. An odd side has no halves. */
export const sbnOptions = {
  ...imageOptions,
  side: { ...imageOptions.side, choices: imageOptions.side.choices.filter((n) => Number(n) % 2 === 0) },
  temperature: { ...imageOptions.temperature, default: "1" },
} as const satisfies OptionSpecs;

const size = ({ shape }: SiteSpec) => shape.reduce((a, b) => a * b, 1);

/** [..., size] → [..., ...shape], and back. */
const shaped = (x: T, { shape }: SiteSpec): T => tf.reshape(x, [...x.shape.slice(0, -1), ...shape]);
const flat = (x: T, site: SiteSpec): T => tf.reshape(x, [...x.shape.slice(0, 2), size(site)]);

type TwoSites = readonly [SiteSpec, SiteSpec];

/** Samples the first layer from the upper half, the second from the first, and predicts the lower half from the second. */
function programOf([first, second]: TwoSites, parameters: Named, upper: T, lower: T): Program {
  const top = shaped(dense(parameters, "first", upper), first);
  return ({ sample }) => {
    const a = flat(sample(first.name, top), first); // [S, B, size]
    const b = flat(sample(second.name, shaped(dense(parameters, "second", a), second)), second);
    return bernoulliCost(dense(parameters, "lower", b), lower);
  };
}

function pictures([first, second]: TwoSites, all: TaskImages): PictureProgram {
  const { width, height } = all.images;
  const half = all.pixels / 2;
  const upper = examples(all, shown, [0, half]);
  const lower = examples(all, shown, [half, all.pixels]);
  return {
    inputs: { upper },
    body(parameters, inputs, random) {
      const draw = (site: SiteSpec, logits: T) => {
        const noise = random(site.name, [completions, shown, ...site.shape]);
        return flat(site.family.harden(site.family.perturb(shaped(logits, site), noise)), site);
      };
      const top = dense(parameters, "first", inputs["upper"]!);
      const a = draw(first, tf.tile(tf.expandDims(top, 0), [completions, 1, 1]));
      const b = draw(second, dense(parameters, "second", a));
      const predicted = tf.sigmoid(dense(parameters, "lower", b));
      return { lower: tf.reshape(predicted, [completions * shown, half]) };
    },
    arrange(outputs) {
      const above = tiles(upper);
      const below = [...tiles(lower), ...tiles(outputs["lower"]!)];
      return [
        {
          name: "completions",
          title: `Completions of half ${all.shown}`,
          caption: `Test ${all.shown} above; below, ${completions} completions of their upper halves, each from one hard sample.`,
          width,
          height,
          columns: shown,
          tiles: below.map((part, i) => Float32Array.from([...above[i % shown]!, ...part])),
        },
      ];
    },
  };
}

/** The belief net with these two sites. Rejects with a DataError if the images are wrong. */
export async function createSbn(
  name: string,
  sites: TwoSites,
  settings: Settings,
  source: DataSource,
): Promise<Task> {
  const all = await openImages(settings, source);
  const half = all.pixels / 2;
  const [first, second] = sites;
  const program = (parameters: Named, batch: Named, random: Random) => {
    const upper = binarised(all, batch["features"]!, random, "/upper");
    const lower = binarised(all, batch["lower"]!, random, "/lower");
    return programOf(sites, parameters, upper, lower);
  };
  return {
    ...imageTask(settings, all),
    name,
    sites,
    features: half,
    init: (random) => ({
      ...initDense("first", half, size(first), random),
      ...initDense("second", size(first), size(second), random),
      ...initDense("lower", size(second), half, random),
      "lower/bias": tf.tensor1d(meanLogits(all).slice(half)),
    }),
    model: (parameters, batch, random) => ({ program: program(parameters, batch, random) }),
    gather: (split, rows, into) => ({
      features: pixelRows(all, split, rows, into?.["features"], [0, half]),
      lower: pixelRows(all, split, rows, into?.["lower"], [half, all.pixels]),
    }),
    pictures: pictures(sites, all),
  };
}

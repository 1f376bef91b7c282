/**
 * Structured output prediction: the lower half of a digit from its upper half through two stochastic layers with
 * linear maps between (Jang et al. 2016; Gu et al. 2015). The layers are sampled from their conditional prior, so
 * that a weight is p(lower | h) itself: `bound` is log (1/m) Σ p(lower | h_i), `elbo` the mean of the logs.
 */
import { tf } from "../../estimators/core/autodiff.ts";
import type { Named, Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import { loadImages, type Images } from "../data/images.ts";
import { type Binarisation, gatherRows, meanImage } from "../data/pixels.ts";
import { atSide } from "../data/scale.ts";
import { dense, initDense } from "../networks/dense.ts";
import { bernoulliCost } from "../networks/likelihood.ts";
import type { Arrays, DataSource, Picture, PictureProgram, Program, Random, Split, Task } from "../task.ts";
import { learningRateOf, logits, optimiserOf, vaeOptions } from "./vae.ts";

const completions = 5;
const shown = 12;

const {
  binarisation,
  batch,
  side,
  optimiser,
  momentum,
  decay,
  "learning-rate": rate,
  "decay-every": every,
} = vaeOptions;

/** The options that both belief nets share; an odd side has no halves. */
export const sbnOptions = {
  binarisation,
  batch,
  side: { ...side, choices: side.choices.filter((n) => Number(n) % 2 === 0) },
  optimiser,
  momentum,
  "learning-rate": rate,
  decay,
  "decay-every": every,
  temperature: { ...vaeOptions.temperature, default: "1" },
} as const;

const size = ({ shape }: SiteSpec) => shape.reduce((a, b) => a * b, 1);

/** The program of a batch: first layer from the upper half, second from the first, the lower half from the second. */
function program(sites: readonly SiteSpec[], parameters: Named, upper: T, lower: T): Program {
  const [first, second] = sites as [SiteSpec, SiteSpec];
  const top = tf.reshape(dense(parameters, "first", upper), [upper.shape[0], ...first.shape]);
  const flat = (h: T, site: SiteSpec) => tf.reshape(h, [...h.shape.slice(0, 2), size(site)]);
  return (sample) => {
    const a = flat(sample(first.name, top), first); // [S, B, ·]
    const below = dense(parameters, "second", a);
    const b = flat(
      sample(second.name, tf.reshape(below, [...below.shape.slice(0, 2), ...second.shape])),
      second,
    );
    return bernoulliCost(dense(parameters, "lower", b), lower);
  };
}

/** Pixels of half an image. */
const halfOf = ({ width, height }: Images) => (width * height) / 2;

/** Upper and lower halves of the rows named. */
function gather(
  images: Images,
  treatment: Binarisation,
  split: Split,
  rows: Int32Array,
  into?: Arrays,
): Arrays {
  const half = halfOf(images);
  const part = (name: string, start: number) => ({
    shape: [rows.length, half],
    values: gatherRows(images, split, treatment, rows, into?.[name]?.values, [start, start + half]),
  });
  return { features: part("features", 0), lower: part("lower", half) };
}

function pictures(sites: readonly SiteSpec[], images: Images, treatment: Binarisation): PictureProgram {
  const rows = Int32Array.from({ length: shown }, (_, i) =>
    Math.floor(((i + 0.5) * images.splits.test.rows) / shown),
  );
  const inputs = gather(images, treatment === "dynamic" ? "fixed" : treatment, "test", rows);
  const half = halfOf(images);
  const frame = { width: images.width, height: images.height, columns: shown };
  return {
    inputs,
    body(parameters, { features }, random) {
      const [first, second] = sites as [SiteSpec, SiteSpec];
      const draw = (site: SiteSpec, given: T) => {
        const shaped = tf.reshape(given, [completions, shown, ...site.shape]);
        const noise = random(site.name, [completions, shown, ...site.shape]);
        return tf.reshape(site.family.harden(site.family.perturb(shaped, noise)), [
          completions,
          shown,
          size(site),
        ]);
      };
      const top = tf.tile(tf.expandDims(dense(parameters, "first", features!), 0), [completions, 1, 1]);
      const below = draw(second, dense(parameters, "second", draw(first, top)));
      return {
        lower: tf.reshape(tf.sigmoid(dense(parameters, "lower", below)), [completions * shown, half]),
      };
    },
    arrange(outputs): Picture[] {
      const upper = inputs["features"]!.values;
      const tile = (i: number, lower: Float32Array) => {
        const values = new Float32Array(2 * half);
        values.set(upper.subarray((i % shown) * half, ((i % shown) + 1) * half));
        values.set(lower, half);
        return values;
      };
      const cut = (values: Float32Array, i: number) => values.subarray(i * half, (i + 1) * half);
      const truth = Array.from({ length: shown }, (_, i) => tile(i, cut(inputs["lower"]!.values, i)));
      const made = Array.from({ length: completions * shown }, (_, i) =>
        tile(i, cut(outputs["lower"]!.values, i)),
      );
      const caption = `Test digits above; below, ${completions} completions of their upper halves, each from one hard sample.`;
      return [
        {
          ...frame,
          name: "completions",
          title: "Completions of half digits",
          caption,
          tiles: [...truth, ...made],
        },
      ];
    },
  };
}

/** The belief net with these two sites. `settings` are resolved. */
export async function createSbn(
  name: string,
  sites: readonly SiteSpec[],
  settings: Settings,
  source: DataSource,
): Promise<Task> {
  const images = atSide(await loadImages(source), Number(settings["side"]));
  const half = halfOf(images);
  const treatment = settings["binarisation"] as Binarisation;
  const [first, second] = sites as [SiteSpec, SiteSpec];
  const parts = (batch: Named, random: Random) => {
    const [features, lower] = [batch["features"]!, batch["lower"]!];
    const binary = (x: T, tag: string) =>
      treatment === "dynamic" ? tf.step(tf.sub(x, random(`data/binarisation/${tag}`, x.shape))) : x;
    return [binary(features, "upper"), binary(lower, "lower")] as const;
  };
  return {
    name,
    options: settings,
    sites,
    features: half,
    rows: Number(settings["batch"]),
    optimiser: optimiserOf(settings),
    learningRate: learningRateOf(settings),
    temperature: String(settings["temperature"]),
    metric: "elbo",
    bound: "sampled",
    splits: {
      train: images.splits.train.rows,
      valid: images.splits.valid.rows,
      test: images.splits.test.rows,
    },
    sums: images.sums,
    init: (random) => ({
      ...initDense("first", half, size(first), random),
      ...initDense("second", size(first), size(second), random),
      ...initDense("lower", size(second), half, random),
      "lower/bias": tf.tensor1d(logits(meanImage(images, treatment).subarray(half))),
    }),
    build: (parameters, batch, random) => ({ program: program(sites, parameters, ...parts(batch, random)) }),
    negativeLogWeight: (parameters, batch, random) => program(sites, parameters, ...parts(batch, random)),
    gather: (split, rows, into) => gather(images, treatment, split, rows, into),
    pictures: pictures(sites, images, treatment),
  };
}

/** What the tasks on images share: options, data, and the fields of a task that follow from these. */
import { tf } from "../../estimators/core/autodiff.ts";
import type { OptionSpecs, Settings, T } from "../../estimators/estimator.ts";
import { type DataSetName, dataSetNames, defaultDataSet, shownIn } from "../data/data-set-names.ts";
import type { Images } from "../data/images.ts";
import { loadImages } from "../data/load-images.ts";
import { type Binarisation, gatherRows, meanImage } from "../data/pixels.ts";
import { atSide, sides } from "../data/scale.ts";
import type { DataSource, Random, Split, Task, Values32 } from "../task.ts";
import { trainingFields, trainingOptions } from "./training-options.ts";

/** Options of every task on images. */
export const imageOptions = {
  dataset: {
    default: defaultDataSet,
    choices: dataSetNames,
    doc: "data set of the images; `bench data` says which are here, and how to get the others",
  },
  binarisation: {
    default: "fixed",
    choices: ["fixed", "dynamic", "threshold", "grey"],
    doc: "fixed: drawn once; dynamic: drawn at each step; threshold: at one half; grey: intensities as targets",
  },
  side: {
    default: "28",
    choices: sides,
    doc: "side of the images; 28: as they are; smaller by averaging before binarisation",
  },
  ...trainingOptions,
} as const satisfies OptionSpecs;

/** The images of a task, with the binarisation under which it models them. */
export interface TaskImages {
  readonly images: Images;
  readonly binarisation: Binarisation;
  /** Pixels of an image. */
  readonly pixels: number;
  /** What the images show, for the titles of pictures. */
  readonly shown: string;
}

/** Loads the images that the settings name. Rejects with a DataError if the files are wrong. */
export async function openImages(settings: Settings, source: DataSource): Promise<TaskImages> {
  const name = settings["dataset"] as DataSetName;
  const images = atSide(await loadImages(source, name), Number(settings["side"]));
  const binarisation = settings["binarisation"] as Binarisation;
  return { images, binarisation, pixels: images.width * images.height, shown: shownIn[name] };
}

/** The pixels from `start` to `end` of some rows, written into `into` if given. [rows, end − start] */
export const pixelRows = (
  { images, binarisation, pixels }: TaskImages,
  split: Split,
  rows: Int32Array,
  into?: Values32,
  [start, end]: readonly [number, number] = [0, pixels],
): Values32 => ({
  shape: [rows.length, end - start],
  values: gatherRows(images, split, binarisation, rows, into?.values, [start, end]),
});

/** Pixels as the model sees them in a step: binarised here if the binarisation is dynamic. Same shape. */
export const binarised = (
  { binarisation }: { readonly binarisation: string },
  x: T,
  random: Random,
  tag: string,
): T => (binarisation === "dynamic" ? tf.step(tf.sub(x, random(`data/binarisation${tag}`, x.shape))) : x);

/** The logits of means in [0, 1], kept finite. */
export const finiteLogits = (means: Float32Array): Float32Array =>
  means.map((mean) => Math.min(0.999, Math.max(0.001, mean))).map((mean) => Math.log(mean / (1 - mean)));

/** The logits of each pixel's mean over the training images: the initial bias of a decoder. [pixels] */
export const meanLogits = ({ images, binarisation }: TaskImages): Float32Array =>
  finiteLogits(meanImage(images, binarisation));

/** Evenly spaced test images for pictures, with a fixed binarisation in place of a dynamic one. */
export function examples(all: TaskImages, count: number, range?: readonly [number, number]): Values32 {
  const total = all.images.splits.test.rows;
  const rows = Int32Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * total) / count));
  const binarisation = all.binarisation === "dynamic" ? "fixed" : all.binarisation;
  return pixelRows({ ...all, binarisation }, "test", rows, undefined, range);
}

/** A word with a capital, for titles. */
export const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** Tiles of a picture from pixels in [0, 1]. [N, pixels] → N tiles */
export function tiles({ shape, values }: Values32): Float32Array[] {
  const size = shape.at(-1)!;
  return Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size));
}

/** The fields of a task that follow from `imageOptions` and the images. */
export const imageTask = (settings: Settings, { images: { splits, sums } }: TaskImages) =>
  ({
    ...trainingFields(settings),
    metric: "elbo",
    splits: { train: splits.train.rows, valid: splits.valid.rows, test: splits.test.rows },
    sums,
  }) satisfies Partial<Task>;

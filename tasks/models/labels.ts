/** Labels for semi-supervised classification, and which rows of the training split have one. */
import type { Images } from "../data/images.ts";
import { DataError } from "../data/data-error.ts";
import { key, permutation, uniformAt } from "../noise.ts";
import type { Split, Values32 } from "../task.ts";

/** Labels of a split, one per row. */
export type Labels = Uint8Array | Uint16Array;

/** Classes of the digits. */
export const digits = 10;

/**
 * The labels of the digits, or random labels if the number of classes is not 10. Random labels do not depend on a run's
 * seed. Throws a DataError if the images have no labels.
 */
export function labelsOf(images: Images, classes: number, who = "semi"): Record<Split, Labels> {
  const { train, valid, test } = images.splits;
  if (classes !== digits) {
    const drawn = (split: Split): Labels => {
      const noise = key("semi", "random labels", classes, split);
      return Uint16Array.from({ length: images.splits[split].rows }, (_, i) =>
        Math.floor(uniformAt(noise, i) * classes),
      );
    };
    return { train: drawn("train"), valid: drawn("valid"), test: drawn("test") };
  }
  if (!train.labels || !valid.labels || !test.labels)
    throw new DataError(
      `Task ${who} needs labelled images; leave --data out, name a folder that has files of labels too, or choose dataset=mnist, fashion or digits.`,
    );
  return { train: train.labels, valid: valid.labels, test: test.labels };
}

/**
 * The training rows that have a label: equally many of each class, the first in an order that does not depend on a run's
 * seed. Throws a DataError if `total` is below the number of classes, or if a class has too few rows.
 */
export function labelledRows(labels: Labels, total: number, classes = digits): Int32Array {
  const share = Math.floor(total / classes);
  if (share === 0)
    throw new DataError(`labels must be at least classes, which is ${classes}, got ${total}.`, 2);
  const missing = new Array<number>(classes).fill(share);
  const rows = permutation(key("semi", "labels"), labels.length).filter(
    (row) => missing[labels[row]!]!-- > 0,
  );
  if (rows.length < share * classes) {
    const counts = new Array<number>(classes).fill(0);
    for (const label of labels) counts[label]!++;
    const fewest = Math.min(...counts);
    throw new DataError(
      `labels must be at most ${fewest * classes}, because class ${counts.indexOf(fewest)} has ${fewest} training images, got ${total}.`,
      2,
    );
  }
  return rows;
}

/** One-hot labels of some rows. [rows, classes] */
export function oneHot(labels: ArrayLike<number>, rows: Int32Array, classes: number): Values32 {
  const values = new Float32Array(rows.length * classes);
  rows.forEach((row, i) => (values[i * classes + labels[row]!] = 1));
  return { shape: [rows.length, classes], values };
}

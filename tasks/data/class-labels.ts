/** Class labels of rows. */
import { type DataArray, sizesText } from "./data-array.ts";
import { DataError } from "./data-error.ts";

export interface ClassLabels {
  /** The class of each row, an index into `classes`. */
  readonly codes: Int32Array;
  /** The names of the classes, in rising order; numbers are ordered as numbers. */
  readonly classes: readonly string[];
}

/** The classes among these texts, one for each row. */
export function classLabels(texts: readonly string[]): ClassLabels {
  const distinct = [...new Set(texts)];
  const numeric = distinct.every((text) => text !== "" && Number.isFinite(Number(text)));
  const classes = distinct.sort((a, b) => (numeric ? Number(a) - Number(b) : a < b ? -1 : 1));
  const codes = new Map(classes.map((name, code) => [name, code]));
  return { codes: Int32Array.from(texts, (text) => codes.get(text)!), classes };
}

/** An array with class labels from another: one whole number for each of its rows. Throws a DataError if they are none. */
export function withLabels(
  array: DataArray,
  labels: DataArray,
): DataArray & { readonly labels: ClassLabels } {
  const [file] = Object.keys(labels.sums);
  if (labels.values.length !== array.shape[0])
    throw new DataError(
      `Labels in ${file} have shape ${sizesText(labels.shape)}; expected one label for each of ${array.shape[0]} rows.`,
    );
  const wrong = labels.values.findIndex((label) => !Number.isInteger(label));
  if (wrong >= 0)
    throw new DataError(
      `Labels in ${file} must be whole numbers, got ${labels.values[wrong]} in row ${wrong}.`,
    );
  return {
    ...array,
    sums: { ...array.sums, ...labels.sums },
    labels: classLabels(Array.from(labels.values, String)),
  };
}

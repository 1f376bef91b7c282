/** A user's rows of numbers in three splits. */
import { key, permutation } from "../noise.ts";
import type { Split } from "../task.ts";
import { type ClassLabels, classLabels } from "./class-labels.ts";
import type { DataArray } from "./data-array.ts";
import { DataError } from "./data-error.ts";

/** Rows of numbers [rows, ...], each perhaps with a class. Axes after the first are columns. */
export interface RowTable extends DataArray {
  readonly labels?: ClassLabels;
}

/** One table that is split here, or one for each split; without one for validation, that of training is split. */
export type TableFiles =
  RowTable | { readonly train: RowTable; readonly valid?: RowTable; readonly test: RowTable };

interface Rows {
  /** [rows, columns] */
  readonly values: Float32Array;
  readonly codes?: Int32Array;
}

export interface SplitTable {
  readonly columns: number;
  readonly splits: Readonly<Record<Split, Rows>>;
  /** The names of the classes; none without labels. */
  readonly classes: readonly string[];
  readonly sums: Readonly<Record<string, string>>;
}

/** Shares of the training, validation and test split. */
export type Fractions = readonly [number, number, number];

/**
 * The rows in three splits: as given by files, or drawn with these shares. The draw does not depend on a run's seed. Throws a
 * DataError if the tables have different columns, only some have labels, or there are too few rows.
 */
export function splitTable(files: TableFiles, [forTraining, forValidation, forTest]: Fractions): SplitTable {
  const given = "values" in files ? { train: files } : files;
  const tables = Object.entries(given) as [Split, RowTable][];
  const columns = columnsOf(given.train);
  for (const [split, table] of tables) {
    if (columnsOf(table) !== columns)
      throw new DataError(
        `${fileOf(table)} has ${columnsOf(table)} columns for split ${split}; ${fileOf(given.train)} has ${columns}.`,
      );
    if ((table.labels === undefined) !== (given.train.labels === undefined))
      throw new DataError(`${fileOf(table)} and ${fileOf(given.train)} must both have labels, or neither.`);
  }
  const { classes, parts } = withCommonClasses(tables);
  const divide = (shares: Partial<Record<Split, number>>) =>
    cut(parts.train!, columns, shares, fileOf(given.train));
  if (parts.test === undefined)
    Object.assign(parts, divide({ train: forTraining, valid: forValidation, test: forTest }));
  else if (parts.valid === undefined)
    Object.assign(parts, divide({ train: forTraining, valid: forValidation }));
  return { columns, splits: parts as SplitTable["splits"], classes, sums: sumsOf(tables) };
}

/** The rows of each table, with codes for the classes of all tables. */
function withCommonClasses(tables: readonly [Split, RowTable][]) {
  const texts = tables.flatMap(([, { labels }]) =>
    Array.from(labels?.codes ?? [], (code) => labels!.classes[code]!),
  );
  const { codes, classes } = classLabels(texts);
  const parts: Partial<Record<Split, Rows>> = {};
  let start = 0;
  for (const [split, { values, labels }] of tables) {
    const end = start + (labels?.codes.length ?? 0);
    parts[split] = { values, ...(labels && { codes: codes.slice(start, end) }) };
    start = end;
  }
  return { classes, parts };
}

const columnsOf = ({ values, shape }: RowTable): number => values.length / (shape[0] ?? 1);
const fileOf = ({ sums }: RowTable): string => Object.keys(sums).join(", ");

/** The rows in an order that is always the same, cut into parts with these shares. */
function cut(
  { values, codes }: Rows,
  columns: number,
  shares: Partial<Record<Split, number>>,
  file: string,
): Partial<Record<Split, Rows>> {
  const rows = values.length / columns;
  const order = permutation(key("table", "split"), rows);
  const whole = Object.values(shares).reduce((a, b) => a + b, 0);
  let [start, sum] = [0, 0];
  const part = ([split, share]: [string, number]): [string, Rows] => {
    const end = Math.round((rows * (sum += share)) / whole);
    const chosen = order.subarray(start, (start = end));
    if (chosen.length === 0) throw new DataError(`${file} holds ${rows} rows; split ${split} gets none.`);
    const copied = new Float32Array(chosen.length * columns);
    chosen.forEach((row, at) =>
      copied.set(values.subarray(row * columns, (row + 1) * columns), at * columns),
    );
    return [split, { values: copied, ...(codes && { codes: chosen.map((row) => codes[row]!) }) }];
  };
  return Object.fromEntries(Object.entries(shares).map(part));
}

/** The checksums of all files; one that has the name of another is told apart by its split. */
function sumsOf(tables: readonly [Split, RowTable][]): Record<string, string> {
  const all: Record<string, string> = {};
  for (const [split, { sums }] of tables)
    for (const [name, sum] of Object.entries(sums))
      all[(all[name] ?? sum) === sum ? name : `${split}/${name}`] = sum;
  return all;
}

/** Reads tables in CSV. */
import { DataError } from "./data-error.ts";
import { type DataArray, type Expected, faultOf } from "./data-array.ts";
import { type FilePath, readDataFile } from "./data-file.ts";
import { type ClassLabels, classLabels } from "./class-labels.ts";

export interface CsvOptions extends Pick<Expected, "range" | "divisor"> {
  /** Whether the first line names the columns. By default it does if none of its cells is a number. */
  readonly header?: boolean;
  /** The columns of the result in this order, by name or by index from 0. All but the labels by default. */
  readonly columns?: readonly (string | number)[];
  /** The column of class labels, which may be text. */
  readonly label?: string | number;
  /** "," by default. */
  readonly delimiter?: string;
}

export interface CsvTable extends DataArray {
  /** The name of each column, or its index as text. */
  readonly columns: readonly string[];
  readonly labels?: ClassLabels;
}

interface Line {
  readonly line: number;
  readonly cells: readonly string[];
}

/**
 * Reads numbers [rows, columns] from a CSV file, plain or compressed with gzip.
 *
 * Rejects with a DataError if the file cannot be read, has no rows, lacks a column, has rows of unequal length, or a cell is
 * missing, no number or out of range; line and column are named.
 */
export async function readCsv(path: FilePath, options: CsvOptions = {}): Promise<CsvTable> {
  const { who, name, bytes, sum } = await readDataFile("CSV", path);
  const fail = (what: string) => new DataError(`${who} ${what}.`);
  const lines = await linesOf(bytes, options.delimiter ?? ",", fail);
  const [first] = lines;
  if (first === undefined) throw fail("holds no lines");
  const named = options.header ?? !first.cells.some((cell) => !Number.isNaN(numberOf(cell)));
  const names = named ? first.cells.map((cell) => cell.trim()) : first.cells.map((_, i) => String(i));
  const rows = named ? lines.slice(1) : lines;
  if (rows.length === 0) throw fail("holds a header and no rows");
  const short = rows.find(({ cells }) => cells.length !== names.length);
  if (short)
    throw fail(`has ${short.cells.length} cells in line ${short.line} and ${names.length} in its first line`);

  const find = (column: string | number): number => {
    const index = typeof column === "number" ? column : named ? names.indexOf(column) : -1;
    if (Number.isInteger(index) && index >= 0 && index < names.length) return index;
    const known = named ? names.map((known) => `"${known}"`).join(", ") : `0 ... ${names.length - 1}`;
    throw fail(`has no column ${JSON.stringify(column)}; its columns are ${known}`);
  };
  const label = options.label === undefined ? undefined : find(options.label);
  const columns = options.columns?.map(find) ?? names.map((_, i) => i).filter((i) => i !== label);
  if (columns.length === 0) throw fail("has no columns of numbers beside its labels");
  const wrong = (what: string, line: number, column: number) =>
    fail(`${what} in line ${line}, column ${named ? `"${names[column]}"` : column}`);

  const { range, divisor = 1 } = options;
  const values = new Float32Array(rows.length * columns.length);
  rows.forEach(({ line, cells }, row) =>
    columns.forEach((column, i) => {
      const cell = cells[column]!.trim();
      if (missing.has(cell.toLowerCase()))
        throw wrong(`has a missing value (${JSON.stringify(cell)})`, line, column);
      const value = numberOf(cell);
      if (Number.isNaN(value))
        throw wrong(`holds ${JSON.stringify(cell)}, which is no number,`, line, column);
      const fault = faultOf(value, false, range);
      if (fault !== undefined) throw wrong(fault, line, column);
      values[row * columns.length + i] = value / divisor;
    }),
  );
  const texts =
    label === undefined
      ? undefined
      : rows.map(({ line, cells }) => {
          const text = cells[label]!.trim();
          if (missing.has(text.toLowerCase())) throw wrong("has a missing label", line, label);
          return text;
        });
  return {
    shape: [rows.length, columns.length],
    values,
    sums: { [name]: sum },
    columns: columns.map((column) => names[column]!),
    ...(texts && { labels: classLabels(texts) }),
  };
}

const missing: ReadonlySet<string> = new Set(["", "na", "n/a", "nan", "null", "none", "?"]);

/** NaN for what is no number; an empty cell is none either. */
const numberOf = (cell: string): number => (cell.trim() === "" ? NaN : Number(cell));

/** The lines, without empty ones at the end. Only files with quotes need a parser, which takes ten times as long. */
async function linesOf(
  bytes: Uint8Array,
  delimiter: string,
  fail: (what: string) => DataError,
): Promise<Line[]> {
  const text = Buffer.from(bytes)
    .toString("utf8")
    .replace(/^\uFEFF/, "")
    .replace(/[\r\n]+$/, "");
  if (text === "") return [];
  if (!text.includes('"'))
    return text.split(/\r\n|\n|\r/).map((line, i) => ({ line: i + 1, cells: line.split(delimiter) }));
  const { parse } = await import("csv-parse/sync");
  try {
    const lines: Line[] = [];
    parse(text, {
      delimiter,
      relax_column_count: true,
      on_record: (cells: string[], { lines: line }) => (lines.push({ line, cells }), null),
    });
    return lines;
  } catch (error) {
    throw fail(`cannot be parsed: ${(error as Error).message}`);
  }
}

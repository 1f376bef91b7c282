/** Reads IDX, the format of the original MNIST files: a magic word, sizes, and numbers with the largest byte first. */
import { type DataArray, decode, type Expected, type NumberTypeName } from "./data-array.ts";
import { DataError } from "./data-error.ts";
import { type FilePath, readDataFile } from "./data-file.ts";

export interface IdxRows {
  readonly rows: number;
  /** The rows, one after the other. */
  readonly values: Uint8Array;
}

/** Types of numbers by the third byte of a file. */
const types: Readonly<Record<number, NumberTypeName>> = {
  0x08: "u1",
  0x09: "i1",
  0x0b: "i2",
  0x0c: "i4",
  0x0d: "f4",
  0x0e: "f8",
};
const unsignedBytes = 0x08;

/**
 * Reads numbers of any type and rank from an IDX file, plain or compressed with gzip.
 *
 * Rejects with a DataError if the file cannot be read or does not hold what is expected.
 */
export async function readIdxFile(path: FilePath, expected: Expected = {}): Promise<DataArray> {
  const { who, name, bytes, sum } = await readDataFile("IDX", path);
  const [zero, alsoZero, code] = bytes;
  const type = types[code ?? 0];
  if (zero !== 0 || alsoZero !== 0 || type === undefined)
    throw new DataError(
      `${who} begins with ${hexadecimal(bytes.subarray(0, 4))}; expected 00 00, one of ${hexadecimal(Object.keys(types).map(Number))} for the type, and the rank.`,
    );
  const { shape, body } = sizesIn(bytes, who);
  return {
    ...decode({ who, bytes: body, type, shape, littleEndian: false }, expected),
    sums: { [name]: sum },
  };
}

/**
 * Reads unsigned bytes of shape [rows, ...row] from an IDX file, plain or compressed with gzip. `sum` is the MD5 of the
 * uncompressed file, in hexadecimal.
 *
 * Rejects with a DataError if the file cannot be read, is empty, or has another type, shape or length.
 */
export async function readIdx(
  path: string,
  row: readonly number[],
): Promise<IdxRows & { readonly sum: string }> {
  const { bytes, sum } = await readDataFile("IDX", path);
  return { ...parseIdx(bytes, path, row), sum };
}

/** The rows in the bytes of an IDX file. Throws the errors of `readIdx`, with `path` in their messages. */
export function parseIdx(bytes: Uint8Array, path: string, row: readonly number[]): IdxRows {
  const who = `IDX file ${path}`;
  const rank = 1 + row.length;
  const magic = [0, 0, unsignedBytes, rank];
  const fail = (what: string) => new DataError(`${who} ${what}.`);
  if (bytes.length === 0) throw fail("is empty");
  const start = bytes.subarray(0, 4);
  if (magic.some((byte, i) => start[i] !== byte))
    throw fail(
      `begins with ${hexadecimal(start)}; expected ${hexadecimal(magic)} (unsigned bytes, rank ${rank})`,
    );
  const { shape: sizes, body } = sizesIn(bytes, who);
  const [rows, ...shape] = sizes as [number];
  if (row.some((size, i) => shape[i] !== size))
    throw fail(`holds rows of ${shape.join(" × ")}; expected ${row.join(" × ")}`);
  if (rows === 0) throw fail("holds no rows");
  const length = rows * row.reduce((product, size) => product * size, 1);
  if (body.length !== length)
    throw fail(`holds ${body.length} bytes after its header, but its ${rows} rows need ${length}`);
  return { rows, values: body };
}

/** The sizes in the header, and what follows it. */
function sizesIn(bytes: Uint8Array, who: string): { shape: number[]; body: Uint8Array } {
  const rank = bytes[3] ?? 0;
  const header = 4 + 4 * rank;
  if (bytes.length < header)
    throw new DataError(`${who} has ${bytes.length} bytes; its header alone needs ${header}.`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  return { shape, body: bytes.subarray(header) };
}

const hexadecimal = (bytes: Iterable<number>): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

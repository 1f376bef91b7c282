/** Reads IDX, the format of the original MNIST files: a magic word, sizes, bytes. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { DataError } from "./data-error.ts";

export interface IdxRows {
  readonly rows: number;
  /** The rows, one after the other. */
  readonly values: Uint8Array;
}

const unsignedBytes = 0x08;

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
  const file = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new DataError(`IDX file ${path} cannot be read (${error.code}).`);
  });
  const bytes = uncompressed(file, path);
  return { ...parseIdx(bytes, path, row), sum: createHash("md5").update(bytes).digest("hex") };
}

function uncompressed(bytes: Uint8Array, path: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new DataError(`IDX file ${path} cannot be uncompressed (${(error as Error).message}).`);
  }
}

/** The rows in the bytes of an IDX file. Throws the errors of `readIdx`, with `path` in their messages. */
export function parseIdx(bytes: Uint8Array, path: string, row: readonly number[]): IdxRows {
  const rank = 1 + row.length;
  const magic = [0, 0, unsignedBytes, rank];
  const header = 4 + 4 * rank;
  const fail = (what: string) => new DataError(`IDX file ${path} ${what}.`);
  if (bytes.length === 0) throw fail("is empty");
  const start = bytes.subarray(0, 4);
  if (magic.some((byte, i) => start[i] !== byte))
    throw fail(
      `begins with ${hexadecimal(start)}; expected ${hexadecimal(magic)} (unsigned bytes, rank ${rank})`,
    );
  if (bytes.length < header) throw fail(`has ${bytes.length} bytes; its header alone needs ${header}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [rows, ...shape] = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i)) as [number];
  if (row.some((size, i) => shape[i] !== size))
    throw fail(`holds rows of ${shape.join(" × ")}; expected ${row.join(" × ")}`);
  if (rows === 0) throw fail("holds no rows");
  const length = rows * row.reduce((product, size) => product * size, 1);
  const found = bytes.length - header;
  if (found !== length)
    throw fail(`holds ${found} bytes after its header, but its ${rows} rows need ${length}`);
  return { rows, values: bytes.subarray(header) };
}

const hexadecimal = (bytes: Iterable<number>): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");

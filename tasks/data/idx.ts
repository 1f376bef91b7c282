/** IDX, the form of the original MNIST files: a magic word, sizes, bytes. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { DataError } from "./data-error.ts";

export interface Idx {
  readonly rows: number;
  /** The rows, one after the other. */
  readonly values: Uint8Array;
  /** MD5 of the uncompressed file, in hexadecimal. */
  readonly sum: string;
}

const UNSIGNED_BYTES = 0x08;

/**
 * Reads unsigned bytes of shape [rows, ...row] from an IDX file, compressed with gzip or not.
 *
 * Throws a DataError for a file that is unreadable, of another type or shape, empty, or of another length than
 * its header says.
 */
export async function readIdx(path: string, row: readonly number[]): Promise<Idx> {
  const bytes = expand(await read(path), path);
  return { ...parseIdx(bytes, path, row), sum: createHash("md5").update(bytes).digest("hex") };
}

async function read(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new DataError(
      `data: ${path} must be a readable file, got ${(error as NodeJS.ErrnoException).code}`,
    );
  }
}

function expand(bytes: Uint8Array, path: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new DataError(
      `data: ${path} must be whole where it is compressed, got "${(error as Error).message}"`,
    );
  }
}

/** The rows of an IDX file's bytes; `path` is for the errors, which are those of `readIdx`. */
export function parseIdx(
  bytes: Uint8Array,
  path: string,
  row: readonly number[],
): { rows: number; values: Uint8Array } {
  const magic = [0, 0, UNSIGNED_BYTES, 1 + row.length];
  const header = 4 + 4 * (1 + row.length);
  const start = bytes.subarray(0, 4);
  if (magic.some((byte, i) => start[i] !== byte)) {
    const got = bytes.length === 0 ? "an empty file" : hexadecimal(start);
    throw new DataError(
      `data: ${path} must begin with ${hexadecimal(magic)} (IDX, unsigned bytes, rank ${1 + row.length}), got ${got}`,
    );
  }
  if (bytes.length < header) {
    throw new DataError(
      `data: ${path} must begin with an IDX header of ${header} bytes, got ${bytes.length} in all`,
    );
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const [rows, ...shape] = Array.from({ length: 1 + row.length }, (_, i) => view.getUint32(4 + 4 * i)) as [
    number,
  ];
  if (row.some((size, i) => shape[i] !== size)) {
    throw new DataError(`data: ${path} must hold rows of ${row.join(" × ")}, got ${shape.join(" × ")}`);
  }
  if (rows === 0) throw new DataError(`data: ${path} must hold at least one row, got none`);
  const length = rows * row.reduce((product, size) => product * size, 1);
  if (bytes.length - header !== length) {
    throw new DataError(
      `data: ${path} must hold ${length} bytes after its header, as the ${rows} rows in it say, ` +
        `got ${bytes.length - header} (is the file cut short?)`,
    );
  }
  return { rows, values: bytes.subarray(header) };
}

function hexadecimal(bytes: Iterable<number>): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** Reads MAT, the format of MATLAB, in its version 5. */
import { inflateSync } from "node:zlib";
import { decode, type NumberTypeName } from "./data-array.ts";
import { DataError } from "./data-error.ts";
import { type DataFile, type FilePath, readDataFile } from "./data-file.ts";
import type { Values32 } from "../task.ts";

/** Types of the numbers of an element. */
const types: Readonly<Record<number, NumberTypeName>> = {
  1: "i1",
  2: "u1",
  3: "i2",
  4: "u2",
  5: "i4",
  6: "u4",
  7: "f4",
  9: "f8",
};
const [matrix, compressed] = [14, 15];
const headerBytes = 128;

interface Element {
  readonly type: number;
  readonly body: Buffer;
}

/**
 * The numeric arrays of a MAT file by name, in their own order, in which the first index changes fastest. `shape` is that of
 * the file. Rejects with a DataError if the file cannot be read or is no such file.
 */
export async function readMat(
  path: FilePath,
): Promise<Pick<DataFile, "who" | "name" | "sum"> & { readonly arrays: ReadonlyMap<string, Values32> }> {
  const { bytes, ...file } = await readDataFile("MAT", path);
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (buffer.length < headerBytes || buffer.toString("latin1", 126, 128) !== "IM" || buffer[125] !== 1)
    throw new DataError(`${file.who} is no MAT file of version 5, which MATLAB calls v6 or v7.`);
  try {
    const arrays = elementsOf(buffer.subarray(headerBytes)).flatMap(({ type, body }) => {
      const [inner] = type === compressed ? elementsOf(inflateSync(body)) : [{ type, body }];
      return inner?.type === matrix ? arrayOf(inner.body, file.who) : [];
    });
    return { ...file, arrays: new Map(arrays) };
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(`${file.who} is damaged (${(error as Error).message}).`);
  }
}

/** Elements one after the other: a tag of 8 bytes and a body in multiples of 8, or both in 8 bytes. */
function elementsOf(bytes: Buffer): Element[] {
  const elements: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const word = bytes.readUInt32LE(at);
    const small = word > 0xffff;
    const [type, start] = small ? [word & 0xffff, at + 4] : [word, at + 8];
    const length = small ? word >>> 16 : bytes.readUInt32LE(at + 4);
    if (start + length > bytes.length) throw new RangeError("it is cut short");
    elements.push({ type, body: bytes.subarray(start, start + length) });
    at = small ? at + 8 : type === compressed ? start + length : start + Math.ceil(length / 8) * 8;
  }
  return elements;
}

/** The name and the numbers of a matrix; nothing for text, cells and structures. */
function arrayOf(body: Buffer, who: string): [string, Values32][] {
  const [, sizes, name, real] = elementsOf(body);
  const type = types[real?.type ?? 0];
  if (sizes === undefined || name === undefined || real === undefined || type === undefined) return [];
  const shape = Array.from({ length: sizes.body.length / 4 }, (_, i) => sizes.body.readInt32LE(4 * i));
  const flat = [shape.reduce((a, b) => a * b, 1)];
  const { values } = decode({ who, bytes: real.body, type, shape: flat, littleEndian: true }, {});
  return [[name.body.toString("latin1"), { shape, values }]];
}

import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateRawSync } from "node:zlib";

/** An IDX file of unsigned bytes; `sizes` as its header says, whatever the values. */
export function idx(sizes: readonly number[], values: Iterable<number>): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.set([0, 0, 8, sizes.length]);
  sizes.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, Uint8Array.from(values)]);
}

/** Images whose pixel i is value(i). */
export function images(rows: number, value: (i: number) => number, size = 28): Buffer {
  return idx(
    [rows, size, size],
    Array.from({ length: rows * size * size }, (_, i) => value(i)),
  );
}

/** A new folder that holds these files. */
export async function folder(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "bench-data-"));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(made, name), bytes);
  return made;
}

const sizes = { b1: 1, u1: 1, i1: 1, u2: 2, i2: 2, u4: 4, i4: 4, i8: 8, f4: 4, f8: 8 } as const;

/** Numbers as bytes of a type. */
export function numbers(type: keyof typeof sizes, values: readonly number[], littleEndian: boolean): Buffer {
  const size = sizes[type];
  const bytes = Buffer.alloc(size * values.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  values.forEach((value, i) => {
    const at = size * i;
    if (type === "f4") view.setFloat32(at, value, littleEndian);
    else if (type === "f8") view.setFloat64(at, value, littleEndian);
    else if (type === "i8") view.setBigInt64(at, BigInt(value), littleEndian);
    else if (size === 4) view.setUint32(at, value, littleEndian);
    else if (size === 2) view.setUint16(at, value, littleEndian);
    else view.setUint8(at, value);
  });
  return bytes;
}

/** An NPY file of version 1 as NumPy writes it. `descr` is its type, such as `<f4`. */
export function npy(descr: string, shape: readonly number[], values: Uint8Array, fortran = false): Buffer {
  const tuple = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const order = fortran ? "True" : "False";
  const header = `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': (${tuple}), }`;
  const length = Math.ceil((header.length + 11) / 64) * 64 - 10;
  const start = Buffer.from([0x93, ...Buffer.from("NUMPY"), 1, 0, length % 256, length >> 8]);
  return Buffer.concat([start, Buffer.from(header.padEnd(length - 1) + "\n"), values]);
}

/** A ZIP archive of these files, compressed or not. */
export function zip(files: Readonly<Record<string, Uint8Array>>, compressed: boolean): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of Object.entries(files)) {
    const packed = compressed ? deflateRawSync(bytes) : Buffer.from(bytes);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(compressed ? 8 : 0, 4);
    fields.writeUInt32LE(crc32(bytes), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(bytes.length, 18);
    fields.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from("PK\x03\x04"), fields, Buffer.from(name), packed]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(
      Buffer.concat([Buffer.from("PK\x01\x02"), Buffer.from([20, 0]), fields, rest, Buffer.from(name)]),
    );
    parts.push(local);
    offset += local.length;
  }
  const end = Buffer.alloc(18);
  end.writeUInt16LE(directory.length, 4);
  end.writeUInt16LE(directory.length, 6);
  end.writeUInt32LE(Buffer.concat(directory).length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, ...directory, Buffer.from("PK\x05\x06"), end]);
}

/**
 * The bytes of a checkpoint: magic, length of the header (uint32), a header in JSON padded to four bytes, the arrays as
 * float32, and the SHA-256 of everything before it. Numbers are little-endian.
 */
import { createHash } from "node:crypto";
import type { Values32 } from "../../tasks/task.ts";
import type { Snapshot } from "../engine/engine.ts";

const magic = "BENCHCP1";
const digestBytes = 32;
const start = magic.length + 4;

interface Header {
  readonly step: number;
  readonly arrays: readonly {
    readonly name: string;
    readonly shape: readonly number[];
    readonly length: number;
  }[];
  readonly beside: unknown;
}

/** `beside` is stored in the header; it must be JSON. */
export function encodeCheckpoint(snapshot: Snapshot, beside: unknown): Uint8Array {
  const entries = Object.entries(snapshot.arrays);
  const header: Header = {
    step: snapshot.step,
    arrays: entries.map(([name, { shape, values }]) => ({ name, shape, length: values.length })),
    beside,
  };
  const text = Buffer.from(JSON.stringify(header), "utf8");
  const headerBytes = Math.ceil(text.length / 4) * 4;
  const floats = entries.reduce((sum, [, { values }]) => sum + values.length, 0);
  const bytes = Buffer.alloc(start + headerBytes + floats * 4 + digestBytes, " ");
  bytes.write(magic, 0, "latin1");
  bytes.writeUInt32LE(headerBytes, magic.length);
  text.copy(bytes, start);
  let at = start + headerBytes;
  for (const [, { values }] of entries) {
    Buffer.from(values.buffer, values.byteOffset, values.byteLength).copy(bytes, at);
    at += values.byteLength;
  }
  digest(bytes.subarray(0, at)).copy(bytes, at);
  return bytes;
}

/** The checkpoint, or why the bytes cannot be used: the digest finds a flipped bit anywhere. */
export function decodeCheckpoint(bytes: Buffer): { snapshot: Snapshot; beside: unknown } | { fault: string } {
  if (bytes.length < start + digestBytes) return { fault: `it has only ${bytes.length} bytes` };
  const end = bytes.length - digestBytes;
  if (!digest(bytes.subarray(0, end)).equals(bytes.subarray(end)))
    return { fault: "its SHA-256 does not match" };
  if (bytes.toString("latin1", 0, magic.length) !== magic)
    return { fault: "another version of bench wrote it" };
  const headerBytes = bytes.readUInt32LE(magic.length);
  const header = JSON.parse(bytes.toString("utf8", start, start + headerBytes)) as Header;
  let at = start + headerBytes;
  const arrays = header.arrays.map(({ name, shape, length }): [string, Values32] => {
    const values = new Float32Array(length);
    Buffer.from(values.buffer).set(bytes.subarray(at, at + length * 4));
    at += length * 4;
    return [name, { shape, values }];
  });
  return { snapshot: { step: header.step, arrays: Object.fromEntries(arrays) }, beside: header.beside };
}

function digest(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}

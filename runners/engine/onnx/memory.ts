/** Arrays side by side in one WebAssembly memory, where both ONNX Runtime and WebAssembly use them in place. */
import type { Arrays } from "../engine.ts";
import { sizeOf } from "./graph/value.ts";

/** Bytes of a cache line. Arrays that start on one suit vectors of every width. */
const LINE = 64;
const PAGE = 65536;

/** Where an array lies, in bytes; its length is rounded up to whole cache lines. */
export interface Region {
  readonly address: number;
  readonly bytes: number;
}

export interface SharedMemory {
  readonly memory: WebAssembly.Memory;
  readonly regions: ReadonlyMap<string, Region>;
  /** Views of the arrays, in place. */
  readonly views: ReadonlyMap<string, Float32Array<ArrayBuffer>>;
}

/** A memory that holds arrays of these shapes in this order. Throws a RangeError beyond 4 GiB. */
export function createMemory(shapes: ReadonlyMap<string, readonly number[]>): SharedMemory {
  const regions = new Map<string, Region>();
  let end = 0;
  for (const [name, shape] of shapes) {
    const bytes = Math.ceil((4 * sizeOf(shape)) / LINE) * LINE;
    regions.set(name, { address: end, bytes });
    end += bytes;
  }
  const pages = Math.max(1, Math.ceil(end / PAGE));
  if (pages > 65536)
    throw new RangeError(
      `The state and batch of a step take ${(end / 2 ** 30).toFixed(1)} GiB; the engine onnx has room for 4 GiB.`,
    );
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const views = new Map<string, Float32Array<ArrayBuffer>>();
  for (const [name, shape] of shapes)
    views.set(name, new Float32Array(memory.buffer, regions.get(name)!.address, sizeOf(shape)));
  return { memory, regions, views };
}

/** The values of one of the arrays. Throws where it is absent or has another size. */
export function valuesOf(arrays: Arrays, name: string, shape: readonly number[]): Float32Array {
  const array = arrays[name];
  if (array?.values.length === sizeOf(shape)) return array.values;
  const got = array ? `[${array.shape.join()}]` : "nothing";
  throw new Error(`Input "${name}" must have shape [${shape.join()}], got ${got}.`);
}

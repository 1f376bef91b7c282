/** Arrays side by side in one WebAssembly memory, where both ONNX Runtime and WebAssembly use them in place. */
import type { Arrays } from "../engine.ts";
import { sizeOf } from "./graph/value.ts";

/** Bytes of a cache line. Arrays that start on one suit vectors of every width. */
const LINE = 64;
const PAGE = 65536;

export type SharedMemory = ReturnType<typeof createMemory>;

/** Memory for arrays of these shapes, in this order and in place in `views`, each padded to whole cache lines. Throws a RangeError beyond 4 GiB. */
export function createMemory(shapes: ReadonlyMap<string, readonly number[]>) {
  const padded = (shape: readonly number[]) => Math.ceil((4 * sizeOf(shape)) / LINE) * LINE;
  const bytes = [...shapes.values()].reduce((sum, shape) => sum + padded(shape), 0);
  const pages = Math.max(1, Math.ceil(bytes / PAGE));
  if (pages > 65536)
    throw new RangeError(
      `The state and batch of a step take ${(bytes / 2 ** 30).toFixed(1)} GiB; the engine onnx has room for 4 GiB.`,
    );
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const views = new Map<string, Float32Array<ArrayBuffer>>();
  let address = 0;
  for (const [name, shape] of shapes) {
    views.set(name, new Float32Array(memory.buffer, address, sizeOf(shape)));
    address += padded(shape);
  }
  return { memory, views };
}

/** The values of one of the arrays. Throws where it is absent or has another size. */
export function valuesOf(arrays: Arrays, name: string, shape: readonly number[]): Float32Array {
  const array = arrays[name];
  if (array?.values.length === sizeOf(shape)) return array.values;
  const got = array ? `[${array.shape.join()}]` : "nothing";
  throw new Error(`Input "${name}" must have shape [${shape.join()}], got ${got}.`);
}

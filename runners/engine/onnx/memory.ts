/** Arrays side by side in one WebAssembly memory, where both ONNX Runtime and WebAssembly use them in place. */
import { sizeOf } from "./graph/value.ts";

/** A cache line: regions that start on one suit every vector width. */
const LINE = 64;
const PAGE = 65536;

export interface Region {
  readonly address: number;
  readonly bytes: number;
}

export interface Memory {
  readonly memory: WebAssembly.Memory;
  /** A view of an array in place. */
  view(key: string): Float32Array<ArrayBuffer>;
  region(key: string): Region;
}

/** Rounds up to whole cache lines. */
export const aligned = (bytes: number): number => Math.ceil(bytes / LINE) * LINE;

/** A memory that holds arrays of these shapes, in this order, each from a cache line on. */
export function createMemory(shapes: readonly (readonly [key: string, shape: readonly number[]])[]): Memory {
  const places = new Map<string, { address: number; length: number }>();
  let end = 0;
  for (const [key, shape] of shapes) {
    places.set(key, { address: end, length: sizeOf(shape) });
    end += aligned(4 * sizeOf(shape));
  }
  const pages = Math.max(1, Math.ceil(end / PAGE));
  if (pages > 65536)
    throw new RangeError(
      `onnx: the state and batch of a step must fit into 4 GiB, got ${(end / 2 ** 30).toFixed(1)} GiB`,
    );
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const placeOf = (key: string) => {
    const place = places.get(key);
    if (!place) throw new Error(`memory: the array must have been laid out, got "${key}"`);
    return place;
  };
  return {
    memory,
    view: (key) => new Float32Array(memory.buffer, placeOf(key).address, placeOf(key).length),
    region: (key) => ({ address: placeOf(key).address, bytes: aligned(4 * placeOf(key).length) }),
  };
}

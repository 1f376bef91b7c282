/**
 * Counter-based noise: every uniform is a function of a key and an index only. Runs that are resumed, split over processes
 * or computed by another engine use the same numbers, and no state of a generator is saved.
 *
 * The generator is Threefry2x32 with 20 rounds (Salmon, Moraes, Dror & Shaw, "Parallel random
 * numbers: as easy as 1, 2, 3", 2011).
 */
import { createHash } from "node:crypto";

export interface Key {
  readonly words: readonly [number, number];
}

/** The number of elements of a key. */
const LENGTH = 2 ** 33;
const PARITY = 0x1bd11bda;

/**
 * The key of some parts, such as (seed, task, purpose, step, site): the first two big-endian words of the SHA-256 of the
 * parts as a JSON array in UTF-8. JSON distinguishes `"ab", "c"` from `"a", "bc"`, and 1 from "1".
 *
 * Throws a RangeError for a number that is not finite.
 */
export function key(...parts: readonly (string | number)[]): Key {
  for (const part of parts) {
    if (typeof part === "number" && !Number.isFinite(part)) {
      throw new RangeError(`Numbers of a key must be finite, got ${part}.`);
    }
  }
  const digest = createHash("sha256").update(JSON.stringify(parts)).digest();
  return { words: [digest.readUInt32BE(0), digest.readUInt32BE(4)] };
}

/**
 * Fills `out` with the uniforms offset, offset + 1, ... of the key. Each is (k + ½)/2²³ with k the top 23 bits of a
 * word, so that it is exact in float32 and neither 0 nor 1. Element i is word i mod 2 of block ⌊i/2⌋.
 *
 * Throws a RangeError for an element outside 0 ... 2³³ − 1.
 */
export function fillUniform(key: Key, out: Float32Array, offset = 0): void {
  if (!Number.isInteger(offset) || offset < 0 || offset + out.length > LENGTH) {
    throw new RangeError(
      `Elements of a key must be in 0 ... 2^33 - 1, got ${out.length} elements from ${offset}.`,
    );
  }
  const words = new Int32Array(2);
  const first = key.words[0] | 0;
  const second = key.words[1] | 0;
  const odd = offset % 2;
  let block = Math.floor(offset / 2);
  let index = 0;
  if (odd === 1 && out.length > 0) {
    threefry(first, second, block++, 0, words);
    out[index++] = unit(words[1]!);
  }
  for (; index + 1 < out.length; index += 2) {
    threefry(first, second, block++, 0, words);
    out[index] = unit(words[0]!);
    out[index + 1] = unit(words[1]!);
  }
  if (index < out.length) {
    threefry(first, second, block, 0, words);
    out[index] = unit(words[0]!);
  }
}

/** Fills `out` with standard normal numbers offset, offset + 1, ... of the key: number i is made of uniforms 2i and 2i + 1. */
export function fillNormal(key: Key, out: Float32Array | Float64Array, offset = 0): void {
  const uniforms = new Float32Array(2 * out.length);
  fillUniform(key, uniforms, 2 * offset);
  for (let i = 0; i < out.length; i++)
    out[i] = Math.sqrt(-2 * Math.log(uniforms[2 * i]!)) * Math.cos(2 * Math.PI * uniforms[2 * i + 1]!);
}

/**
 * A random order of 0 ... n − 1 by Fisher and Yates's shuffle. Each exchange uses the 53 bits of one block, so that all
 * orders are equally likely to within n²/2⁵³.
 */
export function permutation(key: Key, n: number): Int32Array {
  const order = Int32Array.from({ length: n }, (_, i) => i);
  const words = new Int32Array(2);
  for (let i = n - 1; i > 0; i--) {
    threefry(key.words[0], key.words[1], i, 0, words);
    const u = ((words[0]! >>> 0) * 2 ** 21 + (words[1]! >>> 11)) / 2 ** 53;
    const j = Math.floor(u * (i + 1));
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  return order;
}

/** Element i < 2³³ of the key's uniforms, equal to that of `fillUniform`. */
export function uniformAt(key: Key, i: number): number {
  threefry(key.words[0] | 0, key.words[1] | 0, Math.floor(i / 2), 0, pair);
  return unit(pair[i % 2]!);
}

const pair = new Int32Array(2);

function unit(word: number): number {
  return ((word >>> 9) + 0.5) / 2 ** 23;
}

/**
 * Writes one block into `words`: 20 rounds on the counter (c0, c1), with the key added before every fourth. The rounds are
 * written out because a loop is slower.
 */
export function threefry(k0: number, k1: number, c0: number, c1: number, words: Int32Array): void {
  const k2 = PARITY ^ k0 ^ k1;
  let x = (c0 + k0) | 0;
  let y = (c1 + k1) | 0;
  x = (x + y) | 0;
  y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0;
  y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0;
  y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0;
  y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + k1) | 0;
  y = (y + k2 + 1) | 0;
  x = (x + y) | 0;
  y = ((y << 17) | (y >>> 15)) ^ x;
  x = (x + y) | 0;
  y = ((y << 29) | (y >>> 3)) ^ x;
  x = (x + y) | 0;
  y = ((y << 16) | (y >>> 16)) ^ x;
  x = (x + y) | 0;
  y = ((y << 24) | (y >>> 8)) ^ x;
  x = (x + k2) | 0;
  y = (y + k0 + 2) | 0;
  x = (x + y) | 0;
  y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0;
  y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0;
  y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0;
  y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + k0) | 0;
  y = (y + k1 + 3) | 0;
  x = (x + y) | 0;
  y = ((y << 17) | (y >>> 15)) ^ x;
  x = (x + y) | 0;
  y = ((y << 29) | (y >>> 3)) ^ x;
  x = (x + y) | 0;
  y = ((y << 16) | (y >>> 16)) ^ x;
  x = (x + y) | 0;
  y = ((y << 24) | (y >>> 8)) ^ x;
  x = (x + k1) | 0;
  y = (y + k2 + 4) | 0;
  x = (x + y) | 0;
  y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0;
  y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0;
  y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0;
  y = ((y << 6) | (y >>> 26)) ^ x;
  words[0] = (x + k2) | 0;
  words[1] = (y + k0 + 5) | 0;
}

import test from "ava";
import fc from "fast-check";
import { fillUniform, key, permutation, threefry } from "../../tasks/noise.ts";

const PINNED = {
  key: ["ae187b2e", "135e71ae"],
  uniforms: [
    0.3740249276161194, 0.6430030465126038, 0.7504852414131165, 0.9580716490745544, 0.14292484521865845,
    0.4431033730506897,
  ],
  order: [2, 8, 9, 1, 5, 3, 0, 6, 4, 7],
};

const word = (value: number): string => (value >>> 0).toString(16).padStart(8, "0");

function block(k0: number, k1: number, c0: number, c1: number): string {
  const words = new Int32Array(2);
  threefry(k0, k1, c0, c1, words);
  return `${word(words[0]!)} ${word(words[1]!)}`;
}

function uniforms(name: string, length: number, offset = 0): Float32Array {
  const out = new Float32Array(length);
  fillUniform(key(name), out, offset);
  return out;
}

test("threefry gives the known answers published with Random123, for signed and unsigned words", (t) => {
  t.is(block(0, 0, 0, 0), "6b200159 99ba4efe");
  t.is(block(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff), "1cb996fc bb002be7");
  t.is(block(-1, -1, -1, -1), "1cb996fc bb002be7");
  t.is(block(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3), "c4923a9c 483df7a0");
});

test("key is the start of SHA-256 of the parts as JSON", (t) => {
  // printf '[0,"cat10","train",7,"z"]' | sha256sum
  t.deepEqual(key(0, "cat10", "train", 7, "z").words.map(word), PINNED.key);
});

test("key tells parts apart that would join to the same text", (t) => {
  const keys = [key("ab", "c"), key("a", "bc"), key("abc"), key(1), key("1"), key("1", ""), key(), key("")];
  t.is(new Set(keys.map(({ words }) => words.join())).size, keys.length);
});

test("key refuses a number that names no stream", (t) => {
  t.throws(() => key("a", NaN), { message: "Numbers of a key must be finite, got NaN." });
});

test("fillUniform has pinned first outputs", (t) => {
  t.deepEqual([...uniforms("pinned", 6)], PINNED.uniforms);
});

test("fillUniform writes the top 23 bits of each word, in order, with a half added", (t) => {
  const zero = new Float32Array(2);
  fillUniform({ words: [0, 0] }, zero);
  t.deepEqual([...zero], [((0x6b200159 >>> 9) + 0.5) / 2 ** 23, ((0x99ba4efe >>> 9) + 0.5) / 2 ** 23]);
});

test("fillUniform makes element i a function of key and i alone", (t) => {
  const whole = uniforms("whole", 300);
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), (a, b) => {
      const [start, end] = a < b ? [a, b] : [b, a];
      t.deepEqual(uniforms("whole", end - start, start), whole.slice(start, end));
    }),
    { seed: 1 },
  );
});

test("fillUniform reaches its last element and refuses the next", (t) => {
  t.notThrows(() => uniforms("end", 3, 2 ** 33 - 3));
  for (const offset of [2 ** 33 - 2, -1, 0.5, NaN]) {
    t.throws(() => uniforms("end", 3, offset), {
      message: /^Elements of a key must be in 0 \.\.\. 2\^33 - 1/,
    });
  }
});

test("fillUniform is uniform and its neighbours are independent", (t) => {
  // Chi-square of pairs in 16 × 16 cells, 255 degrees of freedom: mean 255, deviation 22.6. The bounds are at
  // five deviations, and the noise is fixed.
  const pairs = 1 << 18;
  for (const name of ["first", "second", "third"]) {
    const u = uniforms(name, 2 * pairs);
    const counts = new Float64Array(256);
    for (let i = 0; i < u.length; i += 2) counts[Math.floor(u[i]! * 16) * 16 + Math.floor(u[i + 1]! * 16)]!++;
    const expected = pairs / 256;
    const chi = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    t.true(Math.abs(chi - 255) < 5 * Math.sqrt(2 * 255), `${name}: ${chi}`);
  }
});

test("permutation holds every index once", (t) => {
  fc.assert(
    fc.property(fc.nat(200), fc.integer(), (n, seed) => {
      const order = permutation(key(seed), n);
      t.deepEqual(
        [...order].sort((a, b) => a - b),
        Array.from({ length: n }, (_, i) => i),
      );
    }),
    { seed: 2 },
  );
});

test("permutation has a pinned order", (t) => {
  t.deepEqual([...permutation(key("pinned"), 10)], PINNED.order);
});

test("permutation gives every order of four about equally often", (t) => {
  // 23 degrees of freedom: the bound is the 1 − 1e-6 quantile, 70.6; a fixed key makes it repeatable.
  const draws = 24_000;
  const counts = new Map<string, number>();
  for (let i = 0; i < draws; i++) {
    const order = permutation(key("orders", i), 4).join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  t.is(counts.size, 24);
  const chi = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
  t.true(chi < 70.6, String(chi));
});

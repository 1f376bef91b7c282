/**
 * The uniforms of tasks/noise.ts, bit for bit, eight at a time: four blocks of Threefry2x32-20 side by side in the
 * lanes of two vectors.
 */
import { fillUniform as fillPlain, type Key } from "../../../tasks/noise.ts";
import type { Code, Frame, Routine } from "./assembler.ts";
import { assemble, f32, f32x4, i32, i32x4, repeat, v128 } from "./assembler.ts";

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;
const PARITY = 0x1bd11bda;
/** Bytes that interleave the words of two vectors: first halves, then second halves. */
const LOW = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23];
const HIGH = [8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31];

/** Twenty rounds; before the first and after every fourth the key is added, and the number of the addition to y. */
function rounds({ get, set }: Frame): Code {
  const keys = ["k0", "k1", "k2"].map((name) => get(`${name}4`));
  const [x, y] = [get("x"), get("y")];
  const inject = (n: number) => [
    ...set("x", i32x4.add(x, keys[n % 3]!)),
    ...set("y", i32x4.add(i32x4.add(y, keys[(n + 1) % 3]!), i32x4.splat(i32.constant(n)))),
  ];
  const round = (by: number) => [
    ...set("x", i32x4.add(x, y)),
    ...set("y", v128.xor(v128.or(i32x4.shiftLeft(y, i32.constant(by)), i32x4.shiftRight(y, i32.constant(32 - by))), x)), // prettier-ignore
  ];
  const groups = [0, 1, 2, 3, 4].flatMap((n) => [...ROTATIONS[n % 2]!.flatMap(round), ...inject(n + 1)]);
  return [...inject(0), ...groups];
}

/** (k + ½)/2²³, k the top 23 bits of each word: exact in float32. */
const unit = (words: Code): Code =>
  f32x4.add(
    f32x4.mul(
      f32x4.fromUnsigned(i32x4.shiftRight(words, i32.constant(9))),
      f32x4.splat(f32.constant(2 ** -23)),
    ),
    f32x4.splat(f32.constant(2 ** -24)),
  );

const fill: Routine = {
  name: "fill",
  parameters: (["out", "end", "counter", "k0", "k1", "k2"] as const).map((name) => [name, "i32"]),
  locals: (["x", "y", "k04", "k14", "k24", "counters"] as const).map((name) => [name, "v128"]),
  body: (frame) => {
    const { get, set } = frame;
    const at = (bytes: number) => i32.add(get("out"), i32.constant(bytes));
    const words = (bytes: readonly number[]) => v128.shuffle(get("x"), get("y"), bytes);
    return [
      ...["k0", "k1", "k2"].flatMap((name) => set(`${name}4`, i32x4.splat(get(name)))),
      ...set("counters", i32x4.add(i32x4.splat(get("counter")), i32x4.constant([0, 1, 2, 3]))),
      ...repeat(
        [
          ...set("x", get("counters")),
          ...set("y", i32x4.constant([0, 0, 0, 0])),
          ...rounds(frame),
          ...v128.store(at(0), unit(words(LOW))),
          ...v128.store(at(16), unit(words(HIGH))),
          ...set("counters", i32x4.add(get("counters"), i32x4.splat(i32.constant(4)))),
          ...set("out", at(32)),
        ],
        i32.lessUnsigned(get("out"), get("end")),
      ),
    ];
  },
};

/** Elements computed before they are copied out: two pages. */
const CHUNK = 32768;
/** Below this the plain generator is as fast. */
const FEW = 32;

let loaded: { run: (...x: number[]) => void; values: Float32Array } | undefined;
function load() {
  const memory = new WebAssembly.Memory({ initial: (4 * CHUNK) / 65536, maximum: (4 * CHUNK) / 65536 });
  const module = new WebAssembly.Module(assemble([fill]));
  const { exports } = new WebAssembly.Instance(module, { environment: { memory } });
  return { run: exports["fill"] as (...x: number[]) => void, values: new Float32Array(memory.buffer) };
}

/** Writes elements offset, offset + 1, ... of the key's uniforms: the same bits as `fillUniform` of tasks/noise.ts. */
export function fillUniform(key: Key, out: Float32Array, offset = 0): void {
  if (out.length < FEW || offset % 2 !== 0) {
    fillPlain(key, out, offset);
    return;
  }
  const { run, values } = (loaded ??= load());
  const [k0, k1] = key.words;
  for (let at = 0; at < out.length; at += CHUNK) {
    const n = Math.min(CHUNK, out.length - at);
    run(0, 4 * n, (offset + at) / 2, k0 | 0, k1 | 0, PARITY ^ k0 ^ k1);
    out.set(n === CHUNK ? values : values.subarray(0, n), at);
  }
}

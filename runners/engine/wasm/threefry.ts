/**
 * The uniforms of tasks/noise.ts, bit for bit, 24 at a time: two vectors hold four blocks of Threefry2x32-20, and three such
 * pairs are computed in turn.
 */
import { fillUniform as fillPlain, type Key } from "../../../tasks/noise.ts";
import type { Code, Frame, Routine } from "./assembler.ts";
import { assembleModule, f32, f32x4, i32, i32x4, repeat, v128 } from "./assembler.ts";

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;
const PARITY = 0x1bd11bda;
/** Numbers of the words of the key, and of the additions of the key. */
const [KEYS, SUMS] = [
  [0, 1, 2],
  [0, 1, 2, 3, 4, 5],
];
/** Bytes that interleave the words of two vectors: first halves, then second halves. */
const LOW = [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23];
const HIGH = [8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31];

/** Independent pairs of vectors. The operations of one pair depend on each other, so that one pair alone would leave units idle. */
const CHAINS = [0, 1, 2];
/** Bytes that one pass of the loop writes, 32 for each pair. */
const PASS = 32 * CHAINS.length;

/** Twenty rounds. Before the first and after every fourth the key is added, and to y also the number of the addition. */
function rounds({ get, set }: Frame): Code {
  const each = (code: (x: string, y: string) => Code) => CHAINS.flatMap((c) => code(`x${c}`, `y${c}`));
  const inject = (n: number) =>
    each((x, y) => [
      ...set(x, i32x4.add(get(x), get(`key${n % 3}`))),
      ...set(y, i32x4.add(get(y), get(`sum${n}`))),
    ]);
  const round = (by: number) => [
    ...each((x, y) => set(x, i32x4.add(get(x), get(y)))),
    ...each((x, y) => set(y, v128.xor(v128.or(i32x4.shiftLeft(get(y), i32.constant(by)), i32x4.shiftRight(get(y), i32.constant(32 - by))), get(x)))), // prettier-ignore
  ];
  const groups = [0, 1, 2, 3, 4].flatMap((n) => [...ROTATIONS[n % 2]!.flatMap(round), ...inject(n + 1)]);
  return [...inject(0), ...groups];
}

/** Computes once a call what is added to x and y: the words of the key, and those plus the number of the addition. */
const additions = ({ get, set }: Frame): Code => [
  ...KEYS.flatMap((n) => set(`key${n}`, i32x4.splat(get(`k${n}`)))),
  ...SUMS.flatMap((n) => set(`sum${n}`, i32x4.add(get(`key${(n + 1) % 3}`), i32x4.splat(i32.constant(n))))),
];

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
  parameters: ["out", "end", "counter", ...KEYS.map((n) => `k${n}`)].map((name) => [name, "i32"]),
  locals: [
    ...["counters", ...CHAINS.flatMap((c) => [`x${c}`, `y${c}`])],
    ...[...KEYS.map((n) => `key${n}`), ...SUMS.map((n) => `sum${n}`)],
  ].map((name) => [name, "v128"]),
  body: (frame) => {
    const { get, set } = frame;
    const later = (blocks: number) => i32x4.add(get("counters"), i32x4.splat(i32.constant(blocks)));
    const at = (bytes: number) => i32.add(get("out"), i32.constant(bytes));
    const words = (c: number, bytes: readonly number[]) => v128.shuffle(get(`x${c}`), get(`y${c}`), bytes);
    return [
      ...additions(frame),
      ...set("counters", i32x4.add(i32x4.splat(get("counter")), i32x4.constant([0, 1, 2, 3]))),
      ...repeat(
        [
          ...CHAINS.flatMap((c) => [
            ...set(`x${c}`, later(4 * c)),
            ...set(`y${c}`, i32x4.constant([0, 0, 0, 0])),
          ]),
          ...rounds(frame),
          ...CHAINS.flatMap((c) => [
            ...v128.store(at(32 * c), unit(words(c, LOW))),
            ...v128.store(at(32 * c + 16), unit(words(c, HIGH))),
          ]),
          ...set("counters", later(4 * CHAINS.length)),
          ...set("out", at(PASS)),
        ],
        i32.lessUnsigned(get("out"), get("end")),
      ),
    ];
  },
};

/** Pages of the memory from which uniforms are copied out. */
const PAGES = 2;
/** Its elements in whole passes: the last pass of a call may write more than is needed. */
const CHUNK = (Math.floor((PAGES * 65536) / PASS) * PASS) / 4;
/** Shorter arrays are filled as fast by the plain generator. */
const SHORTEST = 32;

let loaded: { run: (...x: number[]) => void; values: Float32Array } | undefined;
function load() {
  const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
  const module = new WebAssembly.Module(assembleModule([fill]));
  const { exports } = new WebAssembly.Instance(module, { environment: { memory } });
  return { run: exports["fill"] as (...x: number[]) => void, values: new Float32Array(memory.buffer) };
}

/** Writes elements offset, offset + 1, ... of the key's uniforms: the same bits as `fillUniform` of tasks/noise.ts. */
export function fillUniformQuickly(key: Key, out: Float32Array, offset = 0): void {
  if (out.length < SHORTEST || offset % 2 !== 0) {
    fillPlain(key, out, offset);
    return;
  }
  const { run, values } = (loaded ??= load());
  const [k0, k1] = key.words;
  for (let at = 0; at < out.length; at += CHUNK) {
    const n = Math.min(CHUNK, out.length - at);
    run(0, 4 * n, (offset + at) / 2, k0 | 0, k1 | 0, PARITY ^ k0 ^ k1);
    out.set(values.subarray(0, n), at);
  }
}

/**
 * A small assembler for WebAssembly functions with SIMD, for the few inner loops of the engine. Code is a list of bytes; the
 * operands of an instruction come before it. Opcodes: WebAssembly core specification 2.0, chapter 5.4.
 */
export type Code = readonly number[];
type ValueType = "i32" | "f32" | "v128";

const types: Readonly<Record<ValueType, number>> = { i32: 0x7f, f32: 0x7d, v128: 0x7b };
const VECTOR = 0xfd;

function unsigned(x: number): number[] {
  return x < 128 ? [x] : [(x & 127) | 128, ...unsigned(Math.floor(x / 128))];
}
function signed(x: number): number[] {
  const low = x & 127;
  const rest = x >> 7;
  const done = (rest === 0 && low < 64) || (rest === -1 && low >= 64);
  return done ? [low] : [low | 128, ...signed(rest)];
}

const vector =
  (code: number) =>
  (...operands: Code[]): Code => [...operands.flat(), VECTOR, ...unsigned(code)];
const plain =
  (code: number) =>
  (...operands: Code[]): Code => [...operands.flat(), code];

export const i32 = {
  constant: (x: number): Code => [0x41, ...signed(x | 0)],
  add: plain(0x6a),
  lessUnsigned: plain(0x49),
};
export const f32 = {
  constant: (x: number): Code => [0x43, ...new Uint8Array(Float32Array.of(x).buffer)],
};
/** Loads and stores assume the alignment of 16 bytes only as a hint. */
export const v128 = {
  load: (address: Code): Code => [...address, VECTOR, 0, 4, 0],
  store: (address: Code, value: Code): Code => [...address, ...value, VECTOR, 11, 4, 0],
  xor: vector(0x51),
  or: vector(0x50),
  /** Bytes picked from two vectors by their numbers 0 ... 31. */
  shuffle: (a: Code, b: Code, bytes: readonly number[]): Code => [...a, ...b, VECTOR, 13, ...bytes],
};
export const f32x4 = {
  splat: vector(19),
  add: vector(228),
  sub: vector(229),
  mul: vector(230),
  div: vector(231),
  sqrt: vector(227),
  fromUnsigned: vector(251),
};
export const i32x4 = {
  splat: vector(17),
  add: vector(174),
  shiftLeft: vector(171),
  shiftRight: vector(173),
  constant: (x: readonly number[]): Code => [VECTOR, 12, ...new Uint8Array(Int32Array.from(x).buffer)],
};

/** Parameters and locals of a function by name. */
export interface Frame {
  readonly get: (name: string) => Code;
  readonly set: (name: string, value: Code) => Code;
}

export interface Routine {
  readonly name: string;
  readonly parameters: readonly (readonly [name: string, type: ValueType])[];
  readonly locals: readonly (readonly [name: string, type: ValueType])[];
  readonly body: (frame: Frame) => Code;
}

/** Runs `body` while `condition` holds at its end: at least once. */
export const repeat = (body: Code, condition: Code): Code =>
  [[0x03, 0x40], body, condition, [0x0d, 0, 0x0b]].flat(); // loop, br_if 0, end

function frameOf({ parameters, locals }: Routine): Frame {
  const names = [...parameters, ...locals].map(([name]) => name);
  const index = (name: string) => {
    const at = names.indexOf(name);
    if (at < 0) throw new Error(`"${name}" is neither a parameter nor a local: ${names.join(", ")}.`);
    return unsigned(at);
  };
  return {
    get: (name) => [0x20, ...index(name)],
    set: (name, value) => [...value, 0x21, ...index(name)],
  };
}

const list = (items: readonly Code[]): Code => [...unsigned(items.length), ...items.flat()];
const section = (id: number, content: Code): Code => [id, ...unsigned(content.length), ...content];
const string = (x: string): Code => list([...new TextEncoder().encode(x)].map((byte) => [byte]));

/** A module of these routines on an imported memory `environment.memory`. */
export function assembleModule(routines: readonly Routine[]): Uint8Array<ArrayBuffer> {
  const signature = ({ parameters }: Routine) => [
    0x60,
    ...list(parameters.map(([, type]) => [types[type]])),
    0,
  ];
  const memory = [...string("environment"), ...string("memory"), 0x02, 0x00, ...unsigned(1)];
  const bodies = routines.map((routine) => {
    const locals = list(routine.locals.map(([, type]) => [1, types[type]]));
    const code = [...locals, ...routine.body(frameOf(routine)), 0x0b];
    return [...unsigned(code.length), ...code];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, list(routines.map(signature))),
    ...section(2, list([memory])),
    ...section(3, list(routines.map((_, i) => unsigned(i)))),
    ...section(7, list(routines.map(({ name }, i) => [...string(name), 0x00, ...unsigned(i)]))),
    ...section(10, list(bodies)),
  ]);
}

/**
 * The optimisers as single passes over flat regions of float32, four elements at a time. The rules, and the order
 * of their roundings, are those of optimiser.ts.
 */
import type { Optimiser } from "../../../tasks/task.ts";
import { corrections } from "../optimiser.ts";
import type { Code, Frame, Routine } from "./assembler.ts";
import { assemble, f32x4, i32, repeat, v128 } from "./assembler.ts";

const pointers = (...names: string[]) => names.map((name) => [name, "i32"] as const);
const scalars = (...names: string[]) => names.map((name) => [name, "f32"] as const);
const spread = (names: readonly string[]) => names.map((name) => [`${name}4`, "v128"] as const);

/** Calls `each` with the address i bytes into every region, for i = 0, 16, ... while i < bytes. */
function pass(
  frame: Frame,
  constants: readonly string[],
  each: (at: (region: string) => Code) => Code,
): Code {
  const { get, set } = frame;
  return [
    ...constants.flatMap((name) => set(`${name}4`, f32x4.splat(get(name)))),
    ...repeat(
      [...each((region) => i32.add(get(region), get("i"))), ...set("i", i32.add(get("i"), i32.constant(16)))],
      i32.lessUnsigned(get("i"), get("bytes")),
    ),
  ];
}

const sgdScalars = ["momentum", "rate"];
/** v ← μv + g, p ← p − v·rate */
const sgd: Routine = {
  name: "sgd",
  parameters: [...pointers("p", "v", "g", "bytes"), ...scalars(...sgdScalars)],
  locals: [["i", "i32"], ["velocity", "v128"], ...spread(sgdScalars)],
  body: (frame) =>
    pass(frame, sgdScalars, (at) => {
      const { get, set } = frame;
      return [
        ...set("velocity", f32x4.add(f32x4.mul(v128.load(at("v")), get("momentum4")), v128.load(at("g")))),
        ...v128.store(at("v"), get("velocity")),
        ...v128.store(at("p"), f32x4.sub(v128.load(at("p")), f32x4.mul(get("velocity"), get("rate4")))),
      ];
    }),
};

const adamScalars = ["beta1", "rest1", "beta2", "rest2", "unbias1", "unbias2", "epsilon", "rate"];
/** m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← p − rate·(m·unbias₁)/(√(v·unbias₂) + ε) */
const adam: Routine = {
  name: "adam",
  parameters: [...pointers("p", "m", "v", "g", "bytes"), ...scalars(...adamScalars)],
  locals: [["i", "i32"], ["gradient", "v128"], ["mean", "v128"], ["square", "v128"], ...spread(adamScalars)],
  body: (frame) =>
    pass(frame, adamScalars, (at) => {
      const { get, set } = frame;
      const { add, sub, mul, div, sqrt } = f32x4;
      const gradient = get("gradient");
      const deviation = add(sqrt(mul(get("square"), get("unbias24"))), get("epsilon4"));
      const step = div(mul(get("mean"), get("unbias14")), deviation);
      return [
        ...set("gradient", v128.load(at("g"))),
        ...set("mean", add(mul(v128.load(at("m")), get("beta14")), mul(gradient, get("rest14")))),
        ...set(
          "square",
          add(mul(v128.load(at("v")), get("beta24")), mul(mul(gradient, gradient), get("rest24"))),
        ),
        ...v128.store(at("m"), get("mean")),
        ...v128.store(at("v"), get("square")),
        ...v128.store(at("p"), sub(v128.load(at("p")), mul(step, get("rate4")))),
      ];
    }),
};

/** Addresses in bytes into the memory, multiples of 16; `bytes` a positive multiple of 16. */
export interface Regions {
  readonly parameters: number;
  readonly slots: readonly number[];
  readonly gradients: number;
  readonly bytes: number;
}

/** Moves the parameters of a group by their gradients; t counts updates from 1. */
export type Update = (optimiser: Optimiser, regions: Regions, rate: number, t: number) => void;

let compiled: WebAssembly.Module | undefined;

export function optimisers(memory: WebAssembly.Memory): Update {
  compiled ??= new WebAssembly.Module(assemble([sgd, adam]));
  const { exports } = new WebAssembly.Instance(compiled, { environment: { memory } });
  const run = exports as Record<"sgd" | "adam", (...x: number[]) => void>;
  return (optimiser, { parameters, slots, gradients, bytes }, rate, t) => {
    if (bytes === 0) return;
    if (optimiser.kind === "sgd") {
      run.sgd(parameters, slots[0]!, gradients, bytes, optimiser.momentum, rate);
      return;
    }
    const { beta1, beta2, epsilon } = optimiser;
    const [unbias1, unbias2] = corrections(optimiser, t);
    const scalars = [beta1, 1 - beta1, beta2, 1 - beta2, unbias1, unbias2, epsilon, rate];
    run.adam(parameters, slots[0]!, slots[1]!, gradients, bytes, ...scalars);
  };
}

/**
 * The rule of an optimiser as one WebAssembly loop over flat arrays, four elements at a time. ONNX Runtime would read and
 * write whole arrays for each operation of the rule. The loop is compiled from the trace of the rule, so its operations and
 * their order are those of the rule, and its results have the same bits as on the engine cpu.
 */
import type { Optimiser } from "../../../tasks/task.ts";
import { updateRule } from "../optimisers.ts";
import { type Code, type Routine, assembleModule, f32, f32x4, i32, repeat, v128 } from "../wasm/assembler.ts";
import { type Value, scalarOf } from "./graph/value.ts";
import { nameOf } from "./model.ts";
import { trace } from "./trace.ts";

const { add, sub, mul, div, sqrt } = f32x4;
/** The operators that occur in rules, as instructions. */
const instructions: Readonly<Record<string, (...operands: Code[]) => Code>> = { Add: add, Sub: sub, Mul: mul, Div: div, Sqrt: sqrt }; // prettier-ignore

/** Bytes of a vector. */
const VECTOR = 16;

function routine(optimiser: Optimiser): Routine {
  const rule = updateRule(optimiser);
  const arrays = ["parameter", "gradient", ...rule.slots];
  const scalars = ["rate", ...Object.keys(rule.factors(1))];
  const shapes: Record<string, number[]> = {};
  for (const name of arrays) shapes[name] = [4];
  for (const name of scalars) shapes[name] = [];
  const graph = trace((inputs) => rule.update(inputs), shapes);
  const made = graph.nodes.map(({ outputs }) => outputs[0]!);
  const locals = [...Object.values(graph.inputs), ...graph.constants, ...made];
  return {
    name: "update",
    parameters: [
      ...[...arrays, "bytes"].map((name) => [name, "i32"] as const),
      ...scalars.map((name) => [name, "f32"] as const),
    ],
    locals: [["offset", "i32"], ...locals.map((value) => [nameOf(value), "v128"] as const)],
    body: ({ get, set }) => {
      const read = (value: Value) => get(nameOf(value));
      const address = (array: string) => i32.add(get(array), get("offset"));
      const inputs = Object.entries(graph.inputs);
      return [
        ...graph.constants.flatMap((x) => set(nameOf(x), f32x4.splat(f32.constant(scalarOf(x)!)))),
        ...inputs.flatMap(([name, x]) =>
          scalars.includes(name) ? set(nameOf(x), f32x4.splat(get(name))) : [],
        ),
        ...repeat(
          [
            ...inputs.flatMap(([name, x]) =>
              arrays.includes(name) ? set(nameOf(x), v128.load(address(name))) : [],
            ),
            ...graph.nodes.flatMap((node) =>
              set(nameOf(node.outputs[0]!), instructions[node.op]!(...node.inputs.map(read))),
            ),
            ...Object.entries(graph.outputs).flatMap(([name, x]) => v128.store(address(name), read(x))),
            ...set("offset", i32.add(get("offset"), i32.constant(VECTOR))),
          ],
          i32.lessUnsigned(get("offset"), get("bytes")),
        ),
      ];
    },
  };
}

const modules = new Map<string, WebAssembly.Module>();

/** Where the arrays of a group lie. */
export interface UpdateRegions {
  /** Addresses in bytes of `parameter`, `gradient` and each slot. */
  readonly addresses: Readonly<Record<string, number>>;
  /** The length of each. What follows it up to a multiple of 16 is overwritten. */
  readonly bytes: number;
}

/** A function that makes the t-th update (t from 1) of these regions of the memory in place. */
export function updateLoop(
  optimiser: Optimiser,
  { addresses, bytes }: UpdateRegions,
  memory: WebAssembly.Memory,
): (rate: number, t: number) => void {
  const { slots, factors } = updateRule(optimiser);
  const id = JSON.stringify(optimiser);
  const module = modules.get(id) ?? new WebAssembly.Module(assembleModule([routine(optimiser)]));
  modules.set(id, module);
  const { exports } = new WebAssembly.Instance(module, { environment: { memory } });
  const run = exports["update"] as (...x: number[]) => void;
  const regions = ["parameter", "gradient", ...slots].map((name) => addresses[name]!);
  const names = Object.keys(factors(1));
  return (rate, t) => {
    const values = factors(t);
    if (bytes > 0) run(...regions, bytes, rate, ...names.map((name) => values[name]!));
  };
}

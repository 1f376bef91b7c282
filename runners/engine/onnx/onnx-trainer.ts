/**
 * Training on ONNX Runtime. The graph computes gradients only. Parameters, slots and gradients are flat regions of one
 * memory: the graph reads the parameters in place, and the optimiser is one pass over the regions of each group. Two
 * sessions: steps that log nothing compute no loss.
 */
import type * as ort from "onnxruntime-node";
import { discard } from "../discard.ts";
import type { Arrays, Fill, Group, Snapshot, Trainer, Training } from "../engine.ts";
import type { Graph, Value } from "./graph/value.ts";
import { prune, sizeOf } from "./graph/value.ts";
import type { Memory } from "./memory.ts";
import { createMemory } from "./memory.ts";
import { nameOf, outputName } from "./model.ts";
import { initialSlots, slotName, updateRule } from "../optimisers.ts";
import { optimise } from "./passes/index.ts";
import { tensorOn } from "./session.ts";
import type { Sessions } from "./session-cache.ts";
import { noiseName, trace } from "./trace.ts";
import { runInPlace } from "./outputs-in-place.ts";
import { updateLoop, type UpdateRegions } from "./update-loop.ts";

type Tensors = Record<string, ort.Tensor>;
const shapesOf = (arrays: Arrays) =>
  Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape]));

/** Parameters of a group first, then its slots, then its gradients: each kind contiguous. */
function layout({ groups, parameters, state, inputs }: Training, { noise }: Graph) {
  const shapes: [string, readonly number[]][] = [];
  const kinds = ({ optimiser }: Group) => [
    (name: string) => name,
    ...updateRule(optimiser).slots.map((slot) => (name: string) => slotName(slot, name)),
    (name: string) => `gradient/${name}`,
  ];
  for (const group of groups)
    for (const key of kinds(group))
      for (const name of group.names) shapes.push([key(name), parameters[name]!.shape]);
  const trained = new Set(groups.flatMap(({ names }) => names));
  for (const [name, { shape }] of Object.entries(parameters))
    if (!trained.has(name)) shapes.push([name, shape]);
  for (const [name, { shape }] of Object.entries(state)) shapes.push([name, shape]);
  for (const [name, shape] of Object.entries(inputs)) shapes.push([name, shape]);
  for (const [id, { shape }] of Object.entries(noise)) shapes.push([`noise/${id}`, shape]);
  return createMemory(shapes);
}

function regionsOf({ names, optimiser }: Group, memory: Memory): UpdateRegions {
  const [first, last] = [names[0], names.at(-1)];
  if (first === undefined || last === undefined) return { addresses: {}, bytes: 0 };
  const address = (key: string) => memory.region(key).address;
  const addresses: Record<string, number> = {
    parameter: address(first),
    gradient: address(`gradient/${first}`),
  };
  for (const slot of updateRule(optimiser).slots) addresses[slot] = address(slotName(slot, first));
  return { addresses, bytes: address(last) + memory.region(last).bytes - address(first) };
}

const isLogged = (name: string) => name.startsWith("log/");

interface Program {
  /** Computes the outputs into the tensors of `made`. */
  readonly run: () => Promise<void>;
  readonly made: Tensors;
  readonly release: () => void;
}

async function program(traced: Graph, logs: boolean, memory: Memory, sessions: Sessions): Promise<Program> {
  const outputs = Object.fromEntries(
    Object.entries(traced.outputs).filter(([name]) => logs || !isLogged(name)),
  );
  const graph = optimise(prune(traced.inputs, traced.noise, outputs));
  const { session, release } = await sessions.get(graph, sessions.barrier !== undefined);
  const bind = (values: Readonly<Record<string, Value>>, key: (name: string) => string): Tensors =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        nameOf(value),
        tensorOn(memory.view(key(name)), value.shape),
      ]),
    );
  const fetches: Tensors = {};
  for (const [name, { shape }] of Object.entries(outputs)) {
    const values = name.startsWith("gradient/") ? memory.view(name) : new Float32Array(sizeOf(shape));
    fetches[outputName(name)] = tensorOn(values, shape);
  }
  const feeds = { ...bind(graph.inputs, (name) => name), ...bind(graph.noise, (id) => `noise/${id}`) };
  const run = async () => {
    if (sessions.barrier) await runInPlace(session, feeds, fetches, sessions.barrier.message);
    else discardCopies(await session.run(feeds, fetches), fetches);
  };
  return { run, made: fetches, release };
}

/** The given fetches are filled; onnxruntime-node returns copies of them beside, which nobody reads. */
function discardCopies(returned: ort.InferenceSession.ReturnType, fetches: Tensors): void {
  const kept = new Set(Object.values(fetches).map(({ data }) => (data as Float32Array).buffer));
  const views = Object.values(returned).map(({ data }) => data as Float32Array);
  discard(views.filter(({ buffer }) => !kept.has(buffer)));
}

export async function createTrainer(training: Training, sessions: Sessions): Promise<Trainer> {
  const { groups, parameters, state, inputs } = training;
  const traced = trace(training.body, { ...shapesOf(parameters), ...shapesOf(state), ...inputs });
  check(training, traced);
  const memory = layout(training, traced);
  const slots = initialSlots(groups, parameters);
  const held = { ...parameters, ...slots, ...state };
  const views = new Map(Object.keys(held).map((name) => [name, memory.view(name)]));
  for (const [name, { values }] of Object.entries(held)) views.get(name)!.set(values);
  const batch = Object.entries(inputs).map(([name, shape]) => ({ name, shape, view: memory.view(name) }));
  const noise = Object.keys(traced.noise).map((id) => ({
    name: noiseName(id),
    view: memory.view(`noise/${id}`),
  }));
  const updates = groups.map((group) => ({
    rate: group.rate,
    update: updateLoop(group.optimiser, regionsOf(group, memory), memory.memory),
  }));

  const programs: { [logs: string]: Promise<Program> | undefined } = {};
  const programFor = (logs: boolean) => (programs[String(logs)] ??= program(traced, logs, memory, sessions));
  await programFor(false);
  let count = 0;

  const read = (names: readonly string[], copy: boolean): Arrays =>
    Object.fromEntries(
      names.map((name) => {
        const values = views.get(name)!;
        return [name, { shape: held[name]!.shape, values: copy ? values.slice() : values }];
      }),
    );

  return {
    async step(given: Arrays, fill: Fill, log: boolean) {
      const { run, made } = await programFor(log);
      for (const { name, shape, view } of batch) view.set(arrayFor(given, name, shape));
      for (const { name, view } of noise) fill(name, view);
      await run();
      count += 1;
      for (const { rate, update } of updates) update(given[rate]!.values[0]!, count);
      for (const name of Object.keys(state)) {
        const next = made[outputName(`state/${name}`)];
        if (next) views.get(name)!.set(next.data as Float32Array);
      }
      if (!log) return undefined;
      const logged = Object.keys(traced.outputs).filter(isLogged);
      return Object.fromEntries(
        logged.map((name) => [name.slice(4), Number(made[outputName(name)]!.data[0])]),
      );
    },
    parameters: () => read(Object.keys(parameters), false),
    state: () => read(Object.keys(state), false),
    save: (): Snapshot => ({ step: count, arrays: read(Object.keys(held), true) }),
    restore({ step, arrays }) {
      for (const [name, view] of views) view.set(arrayFor(arrays, name, held[name]!.shape));
      count = step;
    },
    dispose() {
      for (const made of Object.values(programs)) {
        // Whose step failed to compile was told.
        void made?.then(
          ({ release }) => release(),
          () => undefined,
        );
      }
    },
  };
}

function arrayFor(arrays: Arrays, name: string, shape: readonly number[]): Float32Array {
  const array = arrays[name];
  if (array?.values.length !== sizeOf(shape))
    throw new Error(
      `step: "${name}" must have shape [${shape.join()}], got ${array ? `[${array.shape.join()}]` : "nothing"}`,
    );
  return array.values;
}

function check({ groups, parameters, state, inputs }: Training, { outputs }: Graph): void {
  for (const { names, rate } of groups) {
    if (!inputs[rate]) throw new Error(`train: the rate of a group must be one of the inputs, got "${rate}"`);
    for (const name of names)
      expectShape(outputs, `gradient/${name}`, parameters[name]?.shape ?? [], parameters[name] !== undefined);
  }
  for (const [name, { shape }] of Object.entries(state))
    if (outputs[`state/${name}`]) expectShape(outputs, `state/${name}`, shape, true);
  for (const [name, { shape }] of Object.entries(outputs))
    if (isLogged(name) && sizeOf(shape) !== 1)
      throw new Error(`train: ${name} must be a scalar, got shape [${shape.join()}]`);
}

function expectShape(
  outputs: Graph["outputs"],
  name: string,
  shape: readonly number[],
  known: boolean,
): void {
  const made = outputs[name];
  if (!known || made?.type !== "float32" || made.shape.join() !== shape.join())
    throw new Error(
      `train: the body must give ${name} of shape [${shape.join()}] in float32, got ${made ? `[${made.shape.join()}] in ${made.type}` : "nothing"}`,
    );
}

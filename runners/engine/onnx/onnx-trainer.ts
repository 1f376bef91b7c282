/**
 * Training on ONNX Runtime. The graph computes gradients only. Parameters, slots and gradients lie in one memory: the graph
 * reads the parameters in place, and each group is updated by one loop. There are two sessions: the one for steps that log
 * nothing computes no loss.
 */
import type * as ort from "onnxruntime-node";
import type { Arrays, Fill, Group, Shapes, Snapshot, Trainer, Training } from "../engine.ts";
import { initialSlots, slotName, updateRule } from "../optimisers.ts";
import { type Graph, prune, sizeOf } from "./graph/value.ts";
import { createMemory, type SharedMemory, valuesOf } from "./memory.ts";
import { nameOf, outputName } from "./model.ts";
import { runInto } from "./outputs-in-place.ts";
import { optimise } from "./passes/index.ts";
import { tensorOn } from "./session.ts";
import type { SessionCache } from "./session-cache.ts";
import { noiseName, trace } from "./trace.ts";
import { updateLoop, type UpdateRegions } from "./update-loop.ts";

const shapesOf = (arrays: Arrays): Shapes =>
  Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape]));
const isLogged = (output: string) => output.startsWith("log/");
const gradientName = (parameter: string) => `gradient/${parameter}`;
const noiseKey = (id: string) => `noise/${id}`;

/** For each group its parameters, then slot by slot, then its gradients, so that each kind is contiguous. */
function layOut({ groups, parameters, state, inputs }: Training, { noise }: Graph): SharedMemory {
  const shapes = new Map<string, readonly number[]>();
  for (const { optimiser, names } of groups) {
    const slots = updateRule(optimiser).slots.map((slot) => (name: string) => slotName(slot, name));
    for (const key of [(name: string) => name, ...slots, gradientName])
      for (const name of names) shapes.set(key(name), parameters[name]!.shape);
  }
  for (const [name, { shape }] of Object.entries({ ...parameters, ...state })) shapes.set(name, shape);
  for (const [name, shape] of Object.entries(inputs)) shapes.set(name, shape);
  for (const [id, { shape }] of Object.entries(noise)) shapes.set(noiseKey(id), shape);
  return createMemory(shapes);
}

function updateRegions({ names, optimiser }: Group, { views }: SharedMemory): UpdateRegions {
  const [first, last] = [names[0], names.at(-1)];
  if (first === undefined || last === undefined) return { addresses: {}, bytes: 0 };
  const address = (name: string) => views.get(name)!.byteOffset;
  const addresses: Record<string, number> = {
    parameter: address(first),
    gradient: address(gradientName(first)),
  };
  for (const slot of updateRule(optimiser).slots) addresses[slot] = address(slotName(slot, first));
  return { addresses, bytes: address(last) + views.get(last)!.byteLength - address(first) };
}

/** `run` computes the outputs from the arrays in the memory. */
async function stepProgram(
  traced: Graph,
  logs: boolean,
  { views }: SharedMemory,
  sessions: SessionCache,
): Promise<{ run: () => Promise<void>; outputs: Record<string, Float32Array>; release: () => void }> {
  const kept = Object.entries(traced.outputs).filter(([name]) => logs || !isLogged(name));
  const graph = optimise(prune(traced.inputs, traced.noise, Object.fromEntries(kept)));
  const { expectedError } = sessions;
  const { session, release } = await sessions.get(graph, expectedError !== undefined);
  const feeds: Record<string, ort.Tensor> = {};
  for (const [name, value] of Object.entries(graph.inputs))
    feeds[nameOf(value)] = tensorOn(views.get(name)!, value.shape);
  for (const [id, value] of Object.entries(graph.noise))
    feeds[nameOf(value)] = tensorOn(views.get(noiseKey(id))!, value.shape);
  const outputs: Record<string, Float32Array> = {};
  const fetches: Record<string, ort.Tensor> = {};
  for (const [name, { shape }] of kept) {
    outputs[name] = name.startsWith("gradient/") ? views.get(name)! : new Float32Array(sizeOf(shape));
    fetches[outputName(name)] = tensorOn(outputs[name], shape);
  }
  return { run: () => runInto(session, feeds, fetches, expectedError), outputs, release };
}

/** Traces and compiles the step. Throws a TraceError, or an Error where the body lacks a gradient. */
export async function createTrainer(training: Training, sessions: SessionCache): Promise<Trainer> {
  const { groups, parameters, state, inputs } = training;
  const traced = trace(training.body, { ...shapesOf(parameters), ...shapesOf(state), ...inputs });
  check(training, traced);
  const memory = layOut(training, traced);
  const view = (name: string) => memory.views.get(name)!;
  const saved = { ...parameters, ...initialSlots(groups, parameters), ...state };
  for (const [name, { values }] of Object.entries(saved)) view(name).set(values);
  const noise = Object.keys(traced.noise).map((id) => ({ name: noiseName(id), values: view(noiseKey(id)) }));
  const updates = groups.map((group) => ({
    rate: group.rate,
    update: updateLoop(group.optimiser, updateRegions(group, memory), memory.memory),
  }));
  const programs = new Map<boolean, ReturnType<typeof stepProgram>>();
  const programFor = (logs: boolean) => {
    const program = programs.get(logs) ?? stepProgram(traced, logs, memory, sessions);
    programs.set(logs, program);
    return program;
  };
  await programFor(false);
  let count = 0;

  const read = (names: readonly string[]): Arrays =>
    Object.fromEntries(names.map((name) => [name, { shape: saved[name]!.shape, values: view(name) }]));

  return {
    async step(given: Arrays, fill: Fill, log: boolean) {
      const { run, outputs } = await programFor(log);
      for (const [name, shape] of Object.entries(inputs)) view(name).set(valuesOf(given, name, shape));
      for (const { name, values } of noise) fill(name, values);
      await run();
      count += 1;
      for (const { rate, update } of updates) update(given[rate]!.values[0]!, count);
      for (const name of Object.keys(state)) {
        const next = outputs[`state/${name}`];
        if (next) view(name).set(next);
      }
      if (!log) return undefined;
      const logged = Object.entries(outputs).filter(([name]) => isLogged(name));
      return Object.fromEntries(logged.map(([name, values]) => [name.slice(4), values[0]!]));
    },
    parameters: () => read(Object.keys(parameters)),
    state: () => read(Object.keys(state)),
    save(): Snapshot {
      const arrays = Object.entries(read(Object.keys(saved)));
      const copies = arrays.map(
        ([name, { shape, values }]) => [name, { shape, values: values.slice() }] as const,
      );
      return { step: count, arrays: Object.fromEntries(copies) };
    },
    restore({ step, arrays }) {
      for (const [name, { shape }] of Object.entries(saved)) view(name).set(valuesOf(arrays, name, shape));
      count = step;
    },
    dispose() {
      // A program that failed to compile made its step fail.
      const ignore = () => undefined;
      for (const program of programs.values()) void program.then(({ release }) => release(), ignore);
    },
  };
}

function check({ groups, parameters, state, inputs }: Training, { outputs }: Graph): void {
  const expect = (name: string, shape: readonly number[]) => {
    const made = outputs[name];
    if (made?.type === "float32" && made.shape.join() === shape.join()) return;
    const got = made ? `[${made.shape.join()}] in ${made.type}` : "nothing";
    throw new Error(
      `The body of a step must give ${name} of shape [${shape.join()}] in float32, got ${got}.`,
    );
  };
  for (const { names, rate } of groups) {
    if (!inputs[rate]) throw new Error(`The learning rate "${rate}" is not an input of the step.`);
    for (const name of names) expect(gradientName(name), parameters[name]!.shape);
  }
  for (const [name, { shape }] of Object.entries(state))
    if (outputs[`state/${name}`]) expect(`state/${name}`, shape);
  for (const name of Object.keys(outputs)) if (isLogged(name)) expect(name, []);
}

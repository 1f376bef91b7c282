/**
 * The engines, and how to choose and open one. An engine is what runs arithmetic on tensors: it compiles a pure function, or
 * trains with one. Read engine.ts first, the contract. This folder imports errors.ts, options/, estimators/ and the
 * contracts of tasks/ (task.ts, noise.ts).
 *
 * - optimisers.ts: each optimiser once, as a function of tensors.
 * - eager.ts: the engines that run a body tensor by tensor on a backend of tfjs (cpu, wasm/, tensorflow/).
 * - onnx/: trace.ts records a body as a graph (graph/), with an ONNX form of each tfjs kernel (kernels/); repeat-graph.ts
 *   makes many draws of one (product-outputs.ts: weight gradients as their factors); passes/ make the graph faster; model.ts writes it as an ONNX model; session-cache.ts opens it; onnx-trainer.ts steps it.
 * - wasm/assembler.ts: WebAssembly for the few inner loops, random numbers (threefry.ts) and optimisers.
 */
import { createRequire } from "node:module";
import type { OptionSpecs, Settings } from "../../estimators/estimator.ts";
import { BenchError, codeOf, environment, lineOf, mistake } from "../errors.ts";
import { readOptions, resolveOptions } from "../options/resolve.ts";
import { matching, parseSelections, writeSelection } from "../options/selection.ts";
import type { Engine } from "./engine.ts";
import { findTensorflow } from "./tensorflow/tensorflow-package.ts";

export interface EngineDefinition {
  readonly name: string;
  readonly title: string;
  readonly options: OptionSpecs;
  /** The package that computes and its version; it is part of a cell's hash. Throws where it is not installed. */
  version(): string;
  open(options: Settings): Promise<Engine>;
}

const installed = (name: string) => (): string => {
  try {
    const { version } = createRequire(import.meta.url)(`${name}/package.json`) as { version: string };
    return `${name} ${version}`;
  } catch (error) {
    if (codeOf(error) !== "MODULE_NOT_FOUND") throw error;
    throw environment(`${name} is not installed. Run npm install ${name}.`, error);
  }
};

/** All engines. A library is loaded only when its engine is opened. */
export const engines: readonly EngineDefinition[] = [
  {
    name: "onnx",
    title: "the step traced once into an ONNX graph, run by ONNX Runtime",
    options: {
      device: { default: "cpu", choices: ["cpu", "webgpu", "cuda"], doc: "where the graph runs" },
      threads: {
        default: 1,
        minimum: 1,
        maximum: 256,
        integer: true,
        doc: "threads inside an operator; in sweeps one process a core is faster",
      },
    },
    version: installed("onnxruntime-node"),
    open: async ({ device, threads }) =>
      (await import("./onnx/onnx.ts")).createOnnxEngine({
        device: device as "cpu" | "webgpu" | "cuda",
        threads: Number(threads),
      }),
  },
  {
    name: "tensorflow",
    title: "TensorFlow's kernels through @tensorflow/tfjs-node-gpu or @tensorflow/tfjs-node, where installed",
    options: {},
    version: () => {
      const { name, version } = findTensorflow();
      return `${name} ${version}`;
    },
    open: async () => (await import("./tensorflow/tensorflow.ts")).tensorflowEngine(),
  },
  {
    name: "wasm",
    title: "tfjs on WebAssembly, tensor by tensor",
    options: {},
    version: installed("@tensorflow/tfjs-backend-wasm"),
    open: async () => (await import("./wasm/wasm-backend.ts")).wasmEngine(),
  },
  {
    name: "cpu",
    title: "tfjs in plain JavaScript: slow, the reference for other engines",
    options: {},
    version: installed("@tensorflow/tfjs"),
    open: async () => (await import("./eager.ts")).cpuEngine(),
  },
];

/** The engine of a run that names none. */
export const defaultEngine = "onnx";

export interface EngineChoice {
  readonly definition: EngineDefinition;
  /** The engine and the options that were given, under their declared names: `onnx:device=webgpu`. */
  readonly text: string;
  readonly options: Settings;
}

/** The engine that a text such as `onnx:threads=2` names. Throws a mistake where there is none of that name. */
export function chooseEngine(text: string): EngineChoice {
  const found = parseSelections([text], "--engine").map((selection) => ({
    ...selection,
    definitions: matching(selection.name, "engine", engines),
  }));
  const [definition, ...others] = found.flatMap(({ definitions }) => definitions);
  if (definition === undefined || others.length > 0)
    throw mistake(`--engine takes one engine, got "${text}".`);
  const scope = { who: definition.name, specs: definition.options };
  const given = readOptions(found[0]!.options, scope);
  return { definition, text: writeSelection(definition.name, given), options: resolveOptions(given, scope) };
}

/** The engine with the options that differ from their defaults, for hashes: equal engines have equal texts. */
export function resolvedText({ definition, options }: EngineChoice): string {
  const changed = Object.entries(options).filter(
    ([name, value]) => value !== definition.options[name]?.default,
  );
  return writeSelection(definition.name, Object.fromEntries(changed));
}

/** The package that computes and its version. Throws an environment error where it is not installed. */
export const engineVersion = ({ definition }: EngineChoice): string => definition.version();

/** Opens the engine. Throws an environment error where that fails. */
export async function openEngine({ definition, text, options }: EngineChoice): Promise<Engine> {
  try {
    return await definition.open(options);
  } catch (error) {
    if (error instanceof BenchError) throw error;
    throw environment(`The engine ${text} does not start on this machine: ${lineOf(error)}`, error);
  }
}

/** The engines there are, and how each is opened. Nothing is loaded before it is asked for. */
import { createRequire } from "node:module";
import type { OptionSpecs, Settings } from "../../estimators/estimator.ts";
import type { Engine } from "./engine.ts";
import { BenchError, codeOf, environment, lineOf, mistake } from "../errors.ts";
import { readOptions, resolveOptions } from "../options/resolve.ts";
import { findTensorflow } from "./tensorflow/tensorflow-package.ts";
import { matching, parseSelections, writeSelection } from "../options/selection.ts";

export interface EngineDefinition {
  readonly name: string;
  readonly title: string;
  readonly options: OptionSpecs;
  /** The package that computes and its version, which go into the hash of a cell. Throws where it is not installed. */
  version(): string;
  open(options: Settings): Promise<Engine>;
}

const installed = (library: string) => (): string => {
  try {
    const { version } = createRequire(import.meta.url)(`${library}/package.json`) as { version: string };
    return `${library} ${version}`;
  } catch (error) {
    if (codeOf(error) !== "MODULE_NOT_FOUND") throw error;
    throw environment(`engine: ${library} must be installed, got none (npm install ${library})`, error);
  }
};

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
    title: "tfjs in plain JavaScript: slow, and right",
    options: {},
    version: installed("@tensorflow/tfjs"),
    open: async () => (await import("./eager.ts")).cpuEngine(),
  },
];

/** The engine of a run that names none. */
export const defaultEngine = "onnx";

export interface EngineChoice {
  readonly definition: EngineDefinition;
  /** As given, under canonical names: `onnx:device=webgpu`. */
  readonly text: string;
  readonly options: Settings;
}

/** The engine that the text names; an unknown one is the user's mistake. */
export function chooseEngine(text: string): EngineChoice {
  const [selection, ...others] = parseSelections([text], "--engine");
  if (selection === undefined || others.length > 0)
    throw mistake(`--engine expects one engine, got "${text}".`);
  const [definition, ...more] = matching(selection.name, "engine", engines);
  if (definition === undefined || more.length > 0)
    throw mistake(`--engine expects one engine, got "${text}".`);
  const origin = { who: definition.name, specs: definition.options };
  const given = readOptions(selection.options, origin);
  return { definition, text: writeSelection(definition.name, given), options: resolveOptions(given, origin) };
}

/** The engine with those options that differ from their defaults: what a hash takes, for equal engines have one. */
export function resolvedText({ definition, options }: EngineChoice): string {
  const changed = Object.entries(options).filter(
    ([name, value]) => value !== definition.options[name]?.default,
  );
  return writeSelection(definition.name, Object.fromEntries(changed));
}

/** The version of the library that computes, or a failure of the environment when it is not installed. */
export const engineVersion = ({ definition }: EngineChoice): string => definition.version();

/** Opens the engine; a failure is one of the environment. */
export async function openEngine(choice: EngineChoice): Promise<Engine> {
  try {
    return await choice.definition.open(choice.options);
  } catch (error) {
    if (error instanceof BenchError) throw error;
    throw environment(`engine ${choice.text}: it must start on this machine, but ${lineOf(error)}`, error);
  }
}

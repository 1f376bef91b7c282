/** The engines there are, and how each is opened. Nothing is loaded before it is asked for. */
import { createRequire } from "node:module";
import type { OptionSpecs, Settings } from "../estimators/estimator.ts";
import type { Engine } from "./engine/engine.ts";
import { BenchError, codeOf, environment, messageOf, mistake } from "./errors.ts";
import { readOptions, resolveOptions } from "./options.ts";
import { matching, parseSelections, writeSelection } from "./selection.ts";

export interface EngineDefinition {
  readonly name: string;
  readonly title: string;
  readonly options: OptionSpecs;
  /** The package whose version goes into the hash of a cell. */
  readonly library: string;
  /** Whether the whole test split is evaluated with many samples in bearable time. */
  readonly fast: boolean;
  open(options: Settings): Promise<Engine>;
}

export const engines: readonly EngineDefinition[] = [
  {
    name: "wasm",
    title: "tfjs on WebAssembly, tensor by tensor",
    options: {},
    library: "@tensorflow/tfjs-backend-wasm",
    fast: false,
    open: async () => (await import("./engine/wasm-backend.ts")).wasmEngine(),
  },
  {
    name: "cpu",
    title: "tfjs in plain JavaScript: slow, and right",
    options: {},
    library: "@tensorflow/tfjs",
    fast: false,
    open: async () => (await import("./engine/eager.ts")).cpuEngine(),
  },
];

/** The engine of a run that names none. */
export const defaultEngine = "wasm";

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
    throw mistake(`--engine: one engine must be named, got "${text}"`);
  const [definition, ...more] = matching(selection.name, "engine", engines);
  if (definition === undefined || more.length > 0)
    throw mistake(`--engine: one engine must be named, got "${text}"`);
  const origin = { who: definition.name, specs: definition.options };
  const given = readOptions(selection.options, origin);
  return { definition, text: writeSelection(definition.name, given), options: resolveOptions(given, origin) };
}

/** The version of the library that computes, or a failure of the environment when it is not installed. */
export function engineVersion({ definition }: EngineChoice): string {
  try {
    const { version } = createRequire(import.meta.url)(`${definition.library}/package.json`) as {
      version: string;
    };
    return `${definition.library} ${version}`;
  } catch (error) {
    if (codeOf(error) !== "MODULE_NOT_FOUND") throw error;
    throw environment(
      `engine ${definition.name}: ${definition.library} must be installed, got none (npm install ${definition.library})`,
      error,
    );
  }
}

/** Opens the engine; a failure is one of the environment. */
export async function openEngine(choice: EngineChoice): Promise<Engine> {
  try {
    return await choice.definition.open(choice.options);
  } catch (error) {
    if (error instanceof BenchError) throw error;
    throw environment(`engine ${choice.text}: it must start on this machine, but ${messageOf(error)}`, error);
  }
}

/** Loads a plug-in: imports its file, calls its default export with the toolkit and checks what it defines. */
import { pathToFileURL } from "node:url";
import type { Estimator } from "../../estimators/estimator.ts";
import type { TaskDefinition } from "../../tasks/task.ts";
import { BenchError, codeOf, lineOf, mistake } from "../errors.ts";
import { valueText } from "../options/schema.ts";
import { withExitBlocked } from "./block-exit.ts";
import { asEstimator } from "./estimator-schema.ts";
import type { Toolkit } from "./plugin-toolkit.ts";
import { asTaskDefinition } from "./task-schema.ts";
import { withTimeLimit } from "./time-limit.ts";

/** Seconds that a plug-in and its imports may take to load. */
const usualSeconds = 60;

/** What a plug-in defines. */
export interface LoadedPlugin {
  readonly estimators: readonly Estimator[];
  readonly tasks: readonly TaskDefinition[];
}

/**
 * The estimators and tasks that a file exports.
 *
 * @param spec The plug-in as the user named it, for errors.
 * @throws {BenchError} When the file does not load within the time or defines neither.
 */
export async function loadPlugin(
  spec: string,
  path: string,
  toolkit: Toolkit,
  seconds = usualSeconds,
): Promise<LoadedPlugin> {
  const who = `plug-in ${spec}`;
  const within = async <R>(action: () => R | Promise<R>): Promise<R> => {
    try {
      return await withTimeLimit(seconds, () =>
        withExitBlocked("while the plug-in loads", () => Promise.resolve().then(action)),
      );
    } catch (error) {
      if (error instanceof BenchError) throw error;
      const missing = codeOf(error) === "ERR_MODULE_NOT_FOUND" ? " One of its imports is not installed." : "";
      const failed = mistake(`${who}: ${path} does not load: ${lineOf(error)}.${missing}`, error);
      if (error instanceof Error && error.stack !== undefined) failed.detail = error.stack;
      throw failed;
    }
  };
  const { default: make } = await within(() => importFile(path));
  if (typeof make !== "function")
    throw mistake(
      `${who}: the default export must be a function (toolkit) => estimator or task, got ${valueText(make)}.`,
    );
  return within(async () => definedBy(who, await (make as (toolkit: Toolkit) => unknown)(toolkit)));
}

function definedBy(who: string, made: unknown): LoadedPlugin {
  const values = Array.isArray(made) ? (made as unknown[]) : [made];
  if (values.length === 0)
    throw mistake(`${who}: the default export must return an estimator or a task, got an empty list.`);
  const [estimators, tasks]: [Estimator[], TaskDefinition[]] = [[], []];
  for (const [i, value] of values.entries()) {
    const item = Array.isArray(made) ? `${who}: [${i}]` : who;
    if (isTask(value)) tasks.push(asTaskDefinition(item, value));
    else estimators.push(asEstimator(item, value));
  }
  return { estimators, tasks };
}

/** Whether a value is meant as a task: it has a field that only tasks have. */
const isTask = (value: unknown) =>
  typeof value === "object" && value !== null && ["create", "sites", "steps"].some((field) => field in value);

type Module = Readonly<Record<string, unknown>>;

/**
 * Imports a file. TypeScript is compiled by tsx, which is loaded only then. A module that Node takes for CommonJS, as
 * where no package.json says otherwise, holds its default export inside another one.
 */
export async function importFile(path: string): Promise<Module> {
  const url = pathToFileURL(path).href;
  const typed = /\.m?ts$/.test(path);
  const module = (await (typed
    ? (await import("tsx/esm/api")).tsImport(url, import.meta.url)
    : import(url))) as Module;
  const { default: outer } = module;
  const wrapped = typeof outer === "object" && outer !== null && "__esModule" in outer && "default" in outer;
  return wrapped ? outer : module;
}

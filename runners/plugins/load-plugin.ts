/** Loads a plug-in: imports its file, calls its default export with the toolkit and checks the estimator. */
import { pathToFileURL } from "node:url";
import type { Estimator } from "../../estimators/estimator.ts";
import type { Toolkit } from "../../estimators/core/toolkit.ts";
import { codeOf, lineOf, mistake } from "../errors.ts";
import { valueText } from "../options/schema.ts";
import { withExitBlocked } from "./block-exit.ts";
import { asEstimator } from "./estimator-schema.ts";
import { withTimeLimit } from "./time-limit.ts";

/** Seconds that a plug-in and its imports may take to load. */
const usualSeconds = 60;

/**
 * The estimator that a file exports.
 *
 * @param spec The plug-in as the user named it, for errors.
 * @throws {BenchError} When the file does not load within the time or exports no estimator.
 */
export async function loadPlugin(
  spec: string,
  path: string,
  toolkit: Toolkit,
  seconds = usualSeconds,
): Promise<Estimator> {
  const who = `plug-in ${spec}`;
  const within = async <R>(action: () => Promise<R>): Promise<R> => {
    try {
      return await withTimeLimit(seconds, () => withExitBlocked("while the plug-in loads", action));
    } catch (error) {
      const missing = codeOf(error) === "ERR_MODULE_NOT_FOUND" ? " One of its imports is not installed." : "";
      const failed = mistake(`${who}: ${path} does not load: ${lineOf(error)}.${missing}`, error);
      if (error instanceof Error && error.stack !== undefined) failed.detail = error.stack;
      throw failed;
    }
  };
  const { default: make } = await within(() => importFile(path));
  if (typeof make !== "function")
    throw mistake(
      `${who}: the default export must be a function (toolkit) => estimator, got ${valueText(make)}.`,
    );
  const made = await within(() => Promise.resolve(toolkit).then(make as (toolkit: Toolkit) => unknown));
  return asEstimator(who, made);
}

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

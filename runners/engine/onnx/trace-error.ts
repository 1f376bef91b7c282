/** Errors of tracing, which name the operation and the line of the step that called it. */
import { tf } from "../../../estimators/core/autodiff.ts";
import { fileURLToPath } from "node:url";

/** A step that cannot be traced. The message says which operation, why, where it was called and what to do. */
export class TraceError extends Error {
  override name = "TraceError";
}

/** Paths of installed packages, and of tfjs in its source maps. */
const library = /node_modules|[/\\]tfjs[-a-z]*[/\\]src[/\\]/;
const root = fileURLToPath(new URL("../../../", import.meta.url));
const engine = fileURLToPath(new URL("../", import.meta.url));

/** ` (at FILE:LINE)` of the code that called tfjs: the line of a plug-in if one is on the stack, else one of this project. */
export function callerLine(): string {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 200;
  const stack = new Error().stack ?? "";
  Error.stackTraceLimit = limit;
  const places = stack
    .split("\n")
    .map((line) =>
      /\(?((?:file:\/\/)?\/[^()]*|[A-Za-z]:\\[^()]*):(\d+):\d+\)?$/.exec(line.trim().replace(/^at /, "")),
    )
    .flatMap((match) => (match ? [{ file: pathOf(match[1]!), line: match[2]! }] : []))
    .filter(({ file }) => !library.test(file) && !file.startsWith(engine));
  const place = places.find(({ file }) => !isHarness(file)) ?? places[0];
  return place ? ` (at ${place.file}:${place.line})` : "";
}

const folders = ["estimators/", "tasks/", "runners/", "reports/"];
const isHarness = (file: string) => folders.some((folder) => file.startsWith(root + folder));
const pathOf = (place: string) => {
  const path = place.replace(/^.*\s/, "");
  return path.startsWith("file://") ? fileURLToPath(path) : path;
};

/** The tfjs operations that are running, outermost first. */
export function opsOnStack(): string[] {
  const { scopeStack } = (tf.engine() as unknown as { state: { scopeStack: { name: string }[] } }).state;
  return scopeStack.flatMap(({ name }) => (name?.endsWith("__op") ? [name.slice(0, -"__op".length)] : []));
}

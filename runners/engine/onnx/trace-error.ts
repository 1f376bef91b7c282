/** Where a trace went wrong, for the person who wrote the step. */
import { tf } from "../../../estimators/core/autodiff.ts";
import { fileURLToPath } from "node:url";

/** One sentence: the operation, why it cannot be compiled, where it was called, and what to do. */
export class TraceError extends Error {
  override name = "TraceError";
}

/** Installed packages, and tfjs by the paths of its source maps. */
const library = /node_modules|[/\\]tfjs[-a-z]*[/\\]src[/\\]/;
const own = fileURLToPath(new URL("../../../", import.meta.url));
const engine = fileURLToPath(new URL("../", import.meta.url));

/** ` (FILE:LINE)` of the code that called tfjs: a plug-in's line if one is on the stack, else ours. */
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

const rooms = ["estimators/", "tasks/", "runners/", "reports/"];
const isHarness = (file: string) => file.startsWith(own) && rooms.some((room) => file.startsWith(own + room));
const pathOf = (place: string) => {
  const path = place.replace(/^.*\s/, "");
  return path.startsWith("file://") ? fileURLToPath(path) : path;
};

interface Scopes {
  state: { scopeStack: { name: string }[] };
}

/** The tfjs operations under way, outermost first. */
export function opsOnStack(): string[] {
  const { scopeStack } = (tf.engine() as unknown as Scopes).state;
  return scopeStack.flatMap(({ name }) => (name?.endsWith("__op") ? [name.slice(0, -"__op".length)] : []));
}

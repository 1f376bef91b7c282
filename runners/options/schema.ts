/** Checks values from files and plug-ins against a valibot schema; the error names the file and the field. */
import * as v from "valibot";
import { mistake } from "../errors.ts";
import { suggestion } from "./suggest.ts";

/** An object with exactly these fields. The error for another field suggests the one that may be meant. */
export const strictFields = <const E extends v.ObjectEntries>(entries: E) =>
  v.pipe(
    v.unknown(),
    v.check((value) => !Array.isArray(value), "must be an object"),
    v.strictObject(entries, ({ path }) => suggestion(String(path?.at(-1)?.key), Object.keys(entries))),
  );

/**
 * The value as the schema gives it.
 *
 * @param where What errors name first: a file or `plug-in ./mine.ts`.
 * @throws {BenchError} One sentence for the first fault: `bench.config.json: quick expects true or false, got "yes".`
 */
export function validate<const S extends v.GenericSchema>(
  where: string,
  schema: S,
  value: unknown,
): v.InferOutput<S> {
  const { success, output, issues = [] } = v.safeParse(schema, value);
  if (success) return output;
  const issue = issues.find(({ expected }) => expected === "never") ?? issues[0]!;
  const field = v.getDotPath(issue);
  if (issue.expected === "never") throw mistake(`${where}: unknown field "${field}".${issue.message}`);
  if (issue.received === "undefined") throw mistake(`${where}: ${field ?? "the value"} is missing.`);
  const got = valueText(issue.input);
  const at = field === null ? where : `${where}: ${field}`;
  if (issue.kind === "validation") throw mistake(`${at} ${issue.message}, got ${got}.`);
  throw mistake(`${at} expects ${expectedWords(issue)}, got ${got}.`);
}

const names: Readonly<Record<string, string>> = {
  Object: "an object",
  Array: "a list",
  Function: "a function",
  string: "a text",
  number: "a number",
  boolean: "true or false",
};

/** Valibot's expectation in words: `("one" | number)` becomes `"one" or a number`. */
function expectedWords({ expected }: v.BaseIssue<unknown>): string {
  const parts = (expected ?? "another value").replaceAll(/[()]/g, "").split(" | ");
  return parts.map((part) => names[part] ?? part).join(" or ");
}

/** A short text of a value, to be quoted in an error. */
export function valueText(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "function") return "a function";
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

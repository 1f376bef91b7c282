/** JSON files: replaced whole when they are written, checked against a schema when they are read. */
import * as v from "valibot";
import { environment } from "./bench-error.ts";
import { readBytes, replaceFile } from "./disk.ts";

export function writeJson(path: string, value: object): void {
  replaceFile(path, `${JSON.stringify(value, undefined, 2)}\n`);
}

/** The checked value of a file, or undefined where there is none. */
export function readJson<S extends v.GenericSchema>(path: string, schema: S): v.InferOutput<S> | undefined {
  const bytes = readBytes(path);
  return bytes === undefined ? undefined : parseJson(bytes.toString("utf8"), schema, path);
}

/** The checked value of a text; `where` stands at the beginning of the error's sentence. */
export function parseJson<S extends v.GenericSchema>(
  text: string,
  schema: S,
  where: string,
): v.InferOutput<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw environment(
      `${where}: this is not JSON (${(error as Error).message.replaceAll(/\s+/g, " ").trim()}).`,
      error,
    );
  }
  const result = v.safeParse(schema, value, { abortEarly: true });
  // The value itself, not the parsed copy: fields that no schema names stay.
  if (result.success) return value;
  throw environment(faultSentence(where, result.issues[0]));
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

/** A fault that a schema finds, in one sentence: `bench.config.json: quick expects true or false, got "yes".` */
export function faultSentence(where: string, issue: v.BaseIssue<unknown>): string {
  const field = v.getDotPath(issue);
  if (issue.received === "undefined") return `${where}: ${field ?? "the value"} is missing.`;
  // The schemas give the message of a validation, valibot that of a type.
  const rule = issue.kind === "validation" ? issue.message : `expects ${expectedWords(issue)}`;
  return `${field === null ? where : `${where}: ${field}`} ${rule}, got ${valueText(issue.input)}.`;
}

/** A short text of a value, to be quoted in an error. */
export function valueText(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "function") return "a function";
  if (typeof value === "number") return String(value);
  const text = JSON.stringify(value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

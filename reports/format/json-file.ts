/** JSON files: replaced whole when they are written, checked against a schema when they are read. */
import * as v from "valibot";
import { environment } from "./bench-error.ts";
import { readBytes, replaceFile } from "./disk.ts";

const oneLine = (text: string) => text.replaceAll(/\s+/g, " ").trim();

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
    throw environment(`${where}: this is not JSON (${oneLine((error as Error).message)}).`, error);
  }
  const result = v.safeParse(schema, value, { abortEarly: true });
  // The value itself, not the parsed copy: fields that no schema names stay.
  if (result.success) return value;
  throw environment(`${where}: ${describeIssue(result.issues[0])}.`);
}

const kinds: Readonly<Record<string, string>> = {
  Object: "an object",
  Array: "an array",
  number: "a number",
  string: "a string",
  boolean: "true or false",
};

function describeIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  const what = path === null ? "the content" : `field ${path}`;
  if (issue.received === "undefined") return `${what} is missing`;
  const names = (issue.expected ?? "").replaceAll(/[()]/g, "").split(" | ");
  const expected = `should be ${names.map((name) => kinds[name] ?? name).join(" or ")}`;
  // The schemas give the message of a validation, valibot that of a type.
  const rule = issue.kind === "validation" ? issue.message : expected;
  return `${what} ${rule}, but is ${oneLine(issue.received).slice(0, 60)}`;
}

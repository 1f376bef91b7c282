/** Checks values from files and plug-ins against a valibot schema; the error names the file and the field. */
import * as v from "valibot";
import { faultSentence } from "../../reports/format/json-file.ts";
import { mistake } from "../errors.ts";
import { suggestion } from "./suggest.ts";

export { valueText } from "../../reports/format/json-file.ts";

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
  if (issue.expected === "never")
    throw mistake(`${where}: unknown field "${v.getDotPath(issue)}".${issue.message}`);
  throw mistake(faultSentence(where, issue));
}

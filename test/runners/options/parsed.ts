/** What is asked of every parser, and texts to ask it with. */
import fc from "fast-check";
import { BenchError } from "../../../runners/errors.ts";

/** The parser's answer is sound, or its error is the user's mistake in one sentence; anything else fails. */
export function soundOrRefused<R>(parse: () => R, isSound: (value: R) => boolean): boolean {
  try {
    return isSound(parse());
  } catch (error) {
    if (!(error instanceof BenchError) || error.exit !== 2) throw error;
    return /^\S.*: ./.test(error.message) && !error.message.includes("\n");
  }
}

/** Texts near what a parser takes, and texts that are far. */
export const near = (...pieces: readonly string[]) =>
  fc.oneof(
    fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.stringMatching(/^[0-9]{1,3}$/)), { maxLength: 9 })
      .map((parts) => parts.join("")),
    fc.string({ maxLength: 20 }),
  );
export const numbers = [
  "-",
  "-0",
  "+",
  ".",
  "e",
  "E",
  "0",
  "1",
  "9".repeat(30),
  "e308",
  "e-400",
  "0x",
  "_",
  " ",
  "Infinity",
  "NaN",
];
/** The places of a pattern `%.%=%` filled by texts, or any text near it. */
export const filled = (pattern: string, place: fc.Arbitrary<string>, ...pieces: readonly string[]) =>
  fc.oneof(
    fc.array(place, { minLength: 9, maxLength: 9 }).map((texts) => {
      const rest = [...texts];
      return pattern.replaceAll("%", () => rest.pop()!);
    }),
    near(...pieces),
  );
export const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,6}$/);

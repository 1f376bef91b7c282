/** What every parser must do, and texts to test it with. */
import test from "ava";
import fc from "fast-check";
import { BenchError } from "../../../runners/errors.ts";

/** Whether the parser's value is sound, or its error is one sentence with exit status 2. Any other error is thrown. */
export function soundOrRefused<R>(parse: () => R, isSound: (value: R) => boolean): boolean {
  try {
    return isSound(parse());
  } catch (error) {
    if (!(error instanceof BenchError) || error.exit !== 2) throw error;
    return isSentence(error.message);
  }
}

/** Whether a message is one line that ends like a sentence. */
export const isSentence = (message: string) => /^\S[^\n]*[.?]$/.test(message);

/** A test that each input fails with the message and exit status 2. */
export function refusesEach<I>(
  title: string,
  parse: (input: I) => unknown,
  rows: readonly (readonly [I, RegExp])[],
) {
  test(title, (t) => {
    for (const [input, message] of rows) {
      const error = t.throws(() => parse(input), { instanceOf: BenchError, message }, JSON.stringify(input));
      t.is(error.exit, 2);
      t.true(isSentence(error.message), error.message);
    }
  });
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
  ...["-", "-0", "+", ".", "e", "E", "0", "1", "9".repeat(30)],
  ...["e308", "e-400", "0x", "_", " ", "Infinity", "NaN"],
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

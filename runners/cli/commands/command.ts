/** What a file of a verb exports. Its imports are light; what is heavy is imported when the verb runs. */
import type { ExitStatus } from "../../errors.ts";
import type { FlagName, Given } from "../flags.ts";
import type { Io } from "../io.ts";

export interface Positional {
  readonly name: string;
  readonly doc: string;
  /** The only values there are. */
  readonly choices?: readonly string[];
  readonly optional?: boolean;
  /** Takes all that follow. */
  readonly many?: boolean;
}

export interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly positionals?: readonly Positional[];
  readonly flags: readonly FlagName[];
  /** Three: a command without the leading `bench`, and what it does. */
  readonly examples: readonly (readonly [command: string, does: string])[];
  run(call: Call): Promise<ExitStatus>;
}

export interface Call {
  readonly given: Given;
  /** By name; a list for one that takes many. */
  readonly positional: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** As typed after `bench`. */
  readonly argv: readonly string[];
  readonly io: Io;
}

/** A positional that is one text, or nothing. */
export function one({ positional }: Call, name: string): string | undefined {
  const value = positional[name];
  return typeof value === "string" ? value : undefined;
}

/** A positional that takes many. */
export function many({ positional }: Call, name: string): readonly string[] {
  const value = positional[name];
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}

export function printJson(io: Io, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** What the file of a command exports. Its imports are light; heavy modules are imported when the command runs. */
import type { ExitStatus } from "../../errors.ts";
import type { FlagValues } from "../flag-values.ts";
import type { FlagName } from "../flags.ts";
import { printJson, type Io } from "../output.ts";

export interface Positional {
  readonly name: string;
  readonly doc: string;
  /** The only valid values. */
  readonly choices?: readonly string[];
  readonly default?: string;
  readonly optional?: boolean;
  /** Takes all arguments that follow. */
  readonly many?: boolean;
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly positionals?: readonly Positional[];
  readonly flags: readonly FlagName[];
  /** Defaults that differ from those of the flags. */
  readonly defaults?: Readonly<Partial<Record<FlagName, string>>>;
  /** Three examples: a command without the leading `bench`, and what it does. */
  readonly examples: readonly (readonly [command: string, does: string])[];
  run(invocation: Invocation): Promise<ExitStatus>;
}

/** One use of a command. */
export interface Invocation {
  readonly flags: FlagValues;
  /** The values of each positional argument. */
  readonly positional: Readonly<Record<string, readonly string[]>>;
  /** The words after `bench`. */
  readonly argv: readonly string[];
  readonly io: Io;
}

/** The value of a positional argument, if there is one. */
export function argument({ positional }: Invocation, name: string): string | undefined {
  return positional[name]?.[0];
}

/** Prints the value as JSON with --json, else the text. */
export function print({ flags, io }: Invocation, value: unknown, text: () => string): void {
  if (flags.on("json")) printJson(io, value);
  else io.stdout.write(text());
}

/** A function that prints lines of progress on stderr, unless --quiet is set. */
export function progressLines({ flags, io }: Invocation): (line: string) => void {
  return (line) => void (flags.on("quiet") || io.stderr.write(`${line}\n`));
}

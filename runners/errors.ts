/**
 * Errors that end a command with one sentence instead of a stack. Every other error is a defect of this program or of
 * a plug-in and keeps its stack.
 */
import { BenchError, diskError, type ExitStatus } from "../reports/format/bench-error.ts";

export { BenchError, codeOf, DiskError, diskError, environment } from "../reports/format/bench-error.ts";
export type { ExitStatus } from "../reports/format/bench-error.ts";

/** An error in what the user typed or wrote: exit status 2. The message is one sentence that quotes the value. */
export function mistake(message: string, cause?: unknown): BenchError {
  return new BenchError(message, 2, cause);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The message in one line and without its full stop, to be quoted inside a sentence. */
export const lineOf = (error: unknown): string =>
  messageOf(error).replaceAll(/\s+/g, " ").trim().replace(/\.$/, "");

/**
 * The exit status for anything thrown: by this program, by the folders below `runners` (their errors carry `exit`) or
 * by the system. Undefined for a defect, whose stack should be printed.
 */
export function exitOf(error: unknown): ExitStatus | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error instanceof BenchError) return error.exit;
  const { exit } = error as { exit?: unknown };
  if (exit === 2 || exit === 3) return exit;
  return diskError(error, "")?.exit === 3 ? 3 : undefined;
}

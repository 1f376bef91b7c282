/**
 * Errors that end a command with one sentence instead of a stack. Every other error is a defect of this program or of
 * a plug-in and keeps its stack.
 */

/** 1: a check failed or a cell did not finish; 2: wrong input; 3: engine, data or disk; 130: interrupted. */
export type ExitStatus = 0 | 1 | 2 | 3 | 130;

export class BenchError extends Error {
  override readonly name = "BenchError";
  readonly exit: ExitStatus;
  /** The stack of a plug-in, printed below the message. */
  detail?: string;

  constructor(message: string, exit: ExitStatus, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exit = exit;
  }
}

/** An error in what the user typed or wrote: exit status 2. The message is one sentence that quotes the value. */
export function mistake(message: string, cause?: unknown): BenchError {
  return new BenchError(message, 2, cause);
}

/** An error of the engine, the data or the disk: exit status 3. */
export function environment(message: string, cause?: unknown): BenchError {
  return new BenchError(message, 3, cause);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The message in one line and without its full stop, to be quoted inside a sentence. */
export const lineOf = (error: unknown): string =>
  messageOf(error).replaceAll(/\s+/g, " ").trim().replace(/\.$/, "");

/** The code of a system error, such as ENOSPC. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === "string" ? code : undefined;
}

const diskSentences: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EROFS: "the file system is read-only",
  EACCES: "permission is denied",
  EPERM: "permission is denied",
  EIO: "the disk reports an input/output error",
  EMFILE: "too many files are open",
  ENAMETOOLONG: "the name is too long",
};

/** A disk error as an error that names the path; undefined when `error` is of another kind. */
export function diskError(error: unknown, path: string): BenchError | undefined {
  const code = codeOf(error) ?? "";
  if (code === "ENOTDIR" || code === "EEXIST")
    return mistake(`Cannot write to ${path}: a part of the path is a file, not a folder.`, error);
  if (code === "EISDIR") return environment(`${path} is a folder, not a file.`, error);
  const why = diskSentences[code];
  return why === undefined ? undefined : environment(`Cannot write to ${path}: ${why}.`, error);
}

/**
 * The exit status for anything thrown: by this program, by the folders below `runners` (their errors carry `exit`) or
 * by the system. Undefined for a defect, whose stack should be printed.
 */
export function exitOf(error: unknown): ExitStatus | undefined {
  if (error instanceof BenchError) return error.exit;
  if (!(error instanceof Error)) return undefined;
  const { exit } = error as { exit?: unknown };
  if (exit === 2 || exit === 3) return exit;
  if (error.name === "ReportError") return 3;
  return diskSentences[codeOf(error) ?? ""] === undefined ? undefined : 3;
}

/**
 * Errors that end a command with one sentence instead of a stack. Every other error is a defect, of ours or of
 * a plug-in, and keeps its stack.
 */

/** 1: a measured failure; 2: the user's mistake; 3: the environment (engine, data, disk); 130: interrupted. */
export type ExitStatus = 0 | 1 | 2 | 3 | 130;

export class BenchError extends Error {
  override readonly name = "BenchError";
  readonly exit: ExitStatus;
  /** The stack of somebody else's code, to be shown under the sentence. */
  detail?: string;

  constructor(message: string, exit: ExitStatus, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.exit = exit;
  }
}

/** The user's mistake. The message: who: what must hold (why), got what. */
export function mistake(message: string, cause?: unknown): BenchError {
  return new BenchError(message, 2, cause);
}

/** What surrounds the program is not as it must be. */
export function environment(message: string, cause?: unknown): BenchError {
  return new BenchError(message, 3, cause);
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The same in one line, to stand inside a sentence. */
export const lineOf = (error: unknown): string => messageOf(error).replaceAll(/\s+/g, " ").trim();

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

/** A failing disk as an error that names the path, or undefined when `error` is another one. */
export function diskError(error: unknown, path: string): BenchError | undefined {
  const code = codeOf(error) ?? "";
  if (code === "ENOTDIR" || code === "EEXIST") {
    return mistake(`${path}: results must go to a folder, but a part of the path is a file`, error);
  }
  if (code === "EISDIR") return environment(`${path}: it must be a file, but it is a folder`, error);
  const why = diskSentences[code];
  if (why === undefined) return undefined;
  return environment(`${path}: the folder of results must be writable, but ${why}`, error);
}

/**
 * The exit status of anything thrown: of ours, of a room below (which carries `exit`), of the system. Undefined
 * for a defect, whose stack is worth showing.
 */
export function exitOf(error: unknown): ExitStatus | undefined {
  if (error instanceof BenchError) return error.exit;
  if (!(error instanceof Error)) return undefined;
  const { exit } = error as { exit?: unknown };
  if (exit === 2 || exit === 3) return exit;
  if (error.name === "ReportError") return 3;
  return diskSentences[codeOf(error) ?? ""] === undefined ? undefined : 3;
}

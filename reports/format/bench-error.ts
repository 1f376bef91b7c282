/** Errors that end a command with one sentence and no stack. Every other error is a defect and keeps its stack. */

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

/** An error of the engine, the data or the disk: exit status 3. */
export function environment(message: string, cause?: unknown): BenchError {
  return new BenchError(message, 3, cause);
}

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
  EISDIR: "it is a folder, not a file",
};

/** A disk that cannot be read or written; it ends a run, while other errors of a cell or report do not. */
export class DiskError extends BenchError {}

/** The sentence for a system error of the disk at a path, or undefined when `error` is of another kind. */
export function diskError(error: unknown, path: string): BenchError | undefined {
  if (error instanceof DiskError) return error;
  const code = codeOf(error) ?? "";
  if (code === "ENOTDIR" || code === "EEXIST")
    return new DiskError(`Cannot access ${path}: a part of the path is a file, not a folder.`, 2, error);
  const why = diskSentences[code];
  return why === undefined ? undefined : new DiskError(`Cannot access ${path}: ${why}.`, 3, error);
}

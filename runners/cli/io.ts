/** What a command may touch of the process, handed in so that tests can hold it. */
import type { ExitStatus } from "../errors.ts";

export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface Io {
  /** Data. */
  readonly stdout: Stream;
  /** Progress and errors. */
  readonly stderr: Stream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Calls the handler at each SIGINT or SIGTERM; the result takes it off again. */
  onInterrupt(handler: () => void): () => void;
  /** Ends the process at once. */
  exit(status: ExitStatus): void;
}

/** Whether colours are wanted: on a terminal, unless NO_COLOR is set. */
export function coloured(stream: Stream, env: Io["env"]): boolean {
  return stream.isTTY === true && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
}

const codes = { red: 31, green: 32, yellow: 33, bold: 1, dim: 2 } as const;
export type Paint = (style: keyof typeof codes, text: string) => string;

export function painter(stream: Stream, env: Io["env"]): Paint {
  return coloured(stream, env)
    ? (style, text) => `\u001B[${codes[style]}m${text}\u001B[0m`
    : (_, text) => text;
}

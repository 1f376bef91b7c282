/** The parts of the process that a command may touch, so that tests can replace them, and how it prints. */
import { spawn } from "node:child_process";
import { relative } from "node:path";
import { styleText } from "node:util";
import type { ExitStatus } from "../errors.ts";
import { quoted } from "../options/shell-quote.ts";

export interface Stream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface Io {
  /** For results. */
  readonly stdout: Stream;
  /** For progress and errors. */
  readonly stderr: Stream;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Calls the handler at each SIGINT or SIGTERM; the returned function removes it. */
  onInterrupt(handler: () => void): () => void;
  /** Ends the process at once. */
  exit(status: ExitStatus): void;
}

export type Style = "red" | "green" | "yellow" | "dim";
export type Paint = (style: Style, text: string) => string;

/** Colours text on a terminal, unless NO_COLOR is set. */
export function painter({ isTTY }: Stream, env: Io["env"]): Paint {
  const coloured = isTTY === true && (env["NO_COLOR"] ?? "") === "" && env["TERM"] !== "dumb";
  return (style, text) => (coloured ? styleText(style, text, { validateStream: false }) : text);
}

export function printJson(io: Io, value: unknown): void {
  io.stdout.write(`${JSON.stringify(value, undefined, 2)}\n`);
}

/** A path relative to the working directory, or absolute when it is outside. */
export function shownPath(cwd: string, path: string): string {
  const short = relative(cwd, path);
  return short.startsWith("..") ? path : short;
}

/** The command as the user can type it again. */
export function commandLine(argv: readonly string[]): string {
  return ["bench", ...argv.map(quoted)].join(" ");
}

/** The command that continues what this one began; `--force` would begin again. */
export function resumingLine(argv: readonly string[]): string {
  return commandLine(argv.filter((word) => !/^--force(=|$)/.test(word)));
}

/** Listens to signals: the first asks the run to stop after its step, the second ends the process. */
export function listenForInterruption(io: Io, note: (message: string) => void) {
  let requested = false;
  const release = io.onInterrupt(() => {
    if (requested) io.exit(130);
    requested = true;
    note("Stopping after this step; a second signal stops at once.");
  });
  return { requested: () => requested, release };
}

/** Opens a file with the desktop's default program; does nothing where there is none. */
export function openFile(path: string): void {
  const [command, ...args] =
    process.platform === "darwin"
      ? ["open"]
      : process.platform === "win32"
        ? ["cmd", "/c", "start", ""]
        : ["xdg-open"];
  const child = spawn(command, [...args, path], { detached: true, stdio: "ignore" });
  child.on("error", () => undefined);
  child.unref();
}

/**
 * Where cells run: in this process, or in child processes (`--jobs`, `--cell-time-limit`, plug-ins). A child that dies,
 * hangs or takes all memory costs only its own cell.
 */
import { fork, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { BenchError, type ExitStatus } from "../errors.ts";
import type { PlannedCell } from "../plan/plan.ts";
import type { Request } from "../plan/request.ts";
import type { CellOutcome, CellProgress } from "../train/cell-job.ts";
import {
  cellName,
  recordDeath,
  runLockedCell,
  type CellContext,
  type CellListener,
  type CellResult,
  type RerunOptions,
} from "./locked-cell.ts";

/** Runs one cell at a time. */
export interface CellWorker {
  run(cell: PlannedCell, rerun: RerunOptions, listener: CellListener): Promise<CellResult>;
  close(): Promise<void>;
}

export function workerHere(context: CellContext): CellWorker {
  return {
    run: (cell, rerun, listener) => runLockedCell(cell, context, rerun, listener),
    close: () => Promise.resolve(),
  };
}

export interface JobSettings {
  readonly request: Request;
  /** The run's folder. */
  readonly folder: string;
  /** As the records name it. */
  readonly engine: string;
  readonly jobs: number;
  /** Seconds of wall-clock time that a cell may take. */
  readonly cellSeconds?: number;
  /** Bytes that a child may hold: its share of nine tenths of the machine's by default. */
  readonly memory?: number;
}

/** As many child processes as there are jobs, or cells if those are fewer. */
export function openCellWorkers(settings: JobSettings, cells: number): CellWorker[] {
  const count = Math.max(1, Math.min(settings.jobs, cells));
  const memory = settings.memory ?? (0.9 * memoryHere()) / count;
  return Array.from({ length: count }, () => workerInChild({ ...settings, memory }));
}

/** Bytes of the container, where there is one. */
function memoryHere(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

/** A child gets `open` once, then `run` for each cell. */
export type ToChild =
  | { readonly kind: "open"; readonly request: Request; readonly folder: string }
  | { readonly kind: "run"; readonly hash: string; readonly rerun: RerunOptions }
  | { readonly kind: "stop" };

export type FromChild =
  | { readonly kind: "started" }
  | { readonly kind: "progress"; readonly progress: CellProgress }
  | { readonly kind: "note"; readonly message: string }
  | { readonly kind: "result"; readonly result: CellResult }
  | { readonly kind: "error"; readonly message: string; readonly exit: ExitStatus };

function workerInChild(settings: JobSettings & { readonly memory: number }): CellWorker {
  const { request, folder, engine } = settings;
  let current: CellProcess | undefined;
  return {
    async run(cell, rerun, listener) {
      if (current === undefined || hasEnded(current.child)) {
        current = startProcess();
        send(current.child, { kind: "open", request, folder });
      }
      const before = current.printed();
      const end = await runIn(current, { kind: "run", hash: cell.hash, rerun }, listener, settings);
      const megabytes = (current.printed() - before) / 1e6;
      if (megabytes > 1)
        listener.note(`${cellName(cell)}: ${megabytes.toFixed(0)} MB of printed text were left out`);
      if (!("died" in end)) return end;
      if (listener.interrupted()) return { outcome: { ...end.died, state: "interrupted" } };
      recordDeath(cell, folder, engine, end.died);
      return { outcome: end.died };
    },
    async close() {
      if (current === undefined) return;
      const { child, ended } = current;
      if (child.connected) child.disconnect();
      const late = setTimeout(() => child.kill("SIGKILL"), 5000);
      await ended;
      clearTimeout(late);
    },
  };
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess) => exitCode !== null || signalCode !== null;

interface Death {
  readonly code: number | null;
  readonly signal: string | null;
}

interface CellProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Death>;
  /** The end of what the child has printed, for the stack of an error; nothing is passed on. */
  readonly tail: () => string;
  /** Bytes of text that the child has printed so far. */
  readonly printed: () => number;
}

const tailLength = 4000;

/** Milliseconds that output may take to arrive after the child's exit; a grandchild may hold the pipe for ever. */
const outputDelay = 1000;

function startProcess(): CellProcess {
  const program = new URL(`./job-worker${extname(import.meta.url)}`, import.meta.url);
  const child = fork(fileURLToPath(program), [], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // JSON has no NaN and no typed arrays.
    serialization: "advanced",
    // V8's helper threads would wait for each other on cores that other children hold: two steps at once took 1.4 times
    // as long as one.
    execArgv: [...process.execArgv, "--single-threaded-gc"],
  });
  let [tail, bytes] = ["", 0];
  for (const stream of [child.stdout!, child.stderr!])
    stream.on("data", (data: Buffer) => {
      bytes += data.length;
      tail = (tail + data.subarray(-tailLength).toString("utf8")).slice(-tailLength);
    });
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  child.on("error", () => undefined); // A message to a child that has just died; its exit is handled.
  const ended = new Promise<Death>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }));
    child.once("exit", (code, signal) => {
      process.off("exit", kill);
      setTimeout(() => resolve({ code, signal }), outputDelay).unref();
    });
  });
  void ended.then(() => [child.stdout!, child.stderr!].forEach((stream) => stream.destroy()));
  return { child, ended, tail: () => tail, printed: () => bytes };
}

function send(child: ChildProcess, message: ToChild): void {
  if (child.connected) child.send(message, () => undefined);
}

/**
 * Runs a cell in the child; an interruption is passed on, and a child that exceeds its time or memory is killed. Rejects
 * with the error that the child sent.
 */
async function runIn(
  { child, ended, tail }: CellProcess,
  job: ToChild,
  listener: CellListener,
  { cellSeconds = Infinity, memory }: { readonly cellSeconds?: number; readonly memory: number },
): Promise<CellResult | { readonly died: CellOutcome }> {
  let began = Infinity;
  let stopping = false;
  let reason: CellOutcome | undefined;
  const kill = (outcome: CellOutcome) => {
    reason ??= outcome;
    child.kill("SIGKILL");
  };
  const timer = setInterval(() => {
    if (!stopping && listener.interrupted()) send(child, { kind: "stop" });
    stopping = listener.interrupted();
    if ((performance.now() - began) / 1000 > cellSeconds)
      kill({ state: "timeout", error: `it ran longer than the ${cellSeconds} s of --cell-time-limit` });
    const held = residentBytes(child.pid!);
    if (held > memory)
      kill({
        state: "failed",
        error: `it held ${gibibytes(held)} of memory, more than its ${gibibytes(memory)}`,
      });
  }, 100);
  const finished = new Promise<CellResult>((resolve, reject) => {
    child.on("message", (message: FromChild) => {
      if (message.kind === "started") {
        began = performance.now();
        listener.started();
      } else if (message.kind === "progress") listener.progress(message.progress);
      else if (message.kind === "note") listener.note(message.message);
      else if (message.kind === "result") resolve(message.result);
      else
        reject(
          message.exit === 1 ? new Error(message.message) : new BenchError(message.message, message.exit),
        );
    });
  });
  const death = ended.then(({ code, signal }) => ({
    died: reason ?? deathOf(code, signal, tail()),
  }));
  send(child, job);
  try {
    return await Promise.race([finished, death]);
  } finally {
    clearInterval(timer);
    child.removeAllListeners("message");
  }
}

const gibibytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** 0 where the system does not say. */
function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * 4096;
  } catch {
    return 0;
  }
}

function deathOf(code: number | null, signal: string | null, tail: string): CellOutcome {
  const how = signal === null ? `exit status ${code}` : `signal ${signal}`;
  const uncaught = tail.match(/^\[?(?:\w*Error|UnhandledPromiseRejection)\b.*$/gm)?.at(-1);
  const error = /heap out of memory|Array buffer allocation failed|bad_alloc/.test(tail)
    ? `its process ran out of memory (${how})`
    : signal === "SIGKILL"
      ? `its process ended with ${how} (perhaps for lack of memory)`
      : `its process ended with ${how}${code === 1 && uncaught !== undefined ? `: ${uncaught}` : ""}`;
  return { state: "failed", error, ...(tail.trim() === "" ? {} : { stack: tail.trim() }) };
}

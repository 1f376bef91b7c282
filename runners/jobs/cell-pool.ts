/** `--jobs`: cells in child processes. A child that dies, hangs or eats the memory costs its own cell only. */
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { nameOf, recordDeath, type Again, type Attempted, type Hearer } from "./locked-cell.ts";
import { startBeside } from "./child.ts";
import { BenchError, messageOf, type ExitStatus } from "../errors.ts";
import type { PlannedCell } from "../plan/plan.ts";
import type { CellOutcome, CellProgress } from "../train/cell-job.ts";
import type { Request } from "../plan/request.ts";
import type { Lane } from "./run-cells.ts";

export type ToWorker =
  | { readonly kind: "open"; readonly request: Request; readonly folder: string }
  | { readonly kind: "cell"; readonly hash: string; readonly again: Again }
  | { readonly kind: "stop" };

export type FromWorker =
  | { readonly kind: "started" }
  | { readonly kind: "progress"; readonly progress: CellProgress }
  | { readonly kind: "note"; readonly message: string }
  | { readonly kind: "logged" }
  | { readonly kind: "ended"; readonly attempted: Attempted }
  | { readonly kind: "fault"; readonly message: string; readonly exit: ExitStatus };

export interface JobSettings {
  readonly request: Request;
  readonly folder: string;
  /** As the records name it. */
  readonly engine: string;
  readonly jobs: number;
  /** Seconds of wall-clock time that a cell may take. */
  readonly cellSeconds?: number;
  /** Bytes that a child may hold; its share of nine tenths of the machine's unless told. */
  readonly memory?: number;
}

/** As many lanes as there are jobs, or cells if those are fewer. */
export function openJobs(settings: JobSettings, cells: number): Lane[] {
  const count = Math.max(1, Math.min(settings.jobs, cells));
  const memory = settings.memory ?? (0.9 * memoryHere()) / count;
  return Array.from({ length: count }, () => openJob({ ...settings, memory }));
}

/** Of the container, where there is one. */
function memoryHere(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}

function openJob(settings: JobSettings & { readonly memory: number }): Lane {
  let child: Child | undefined;
  return {
    async attempt(cell, again, hearer) {
      if (child?.alive() !== true) child = startChild(settings);
      const attempted = await attemptIn(child, { cell, again, hearer, settings });
      if ("outcome" in attempted) return attempted;
      if (!("died" in attempted)) return attempted;
      const outcome = hearer.interrupted()
        ? { state: "interrupted" as const, error: attempted.died.error ?? "interrupted" }
        : attempted.died;
      if (outcome.state !== "interrupted") recordDeath(cell, settings.folder, settings.engine, outcome);
      return { outcome };
    },
    close: async () => child?.close(),
  };
}

interface Child {
  readonly process: ChildProcess;
  alive(): boolean;
  /** The end of what it printed, and how much that was. */
  printed(): { readonly tail: string; readonly bytes: number };
  close(): Promise<void>;
}

const tailLength = 4000;

function startChild({ request, folder }: JobSettings): Child {
  const child = startBeside("cell-worker", { stdio: ["ignore", "pipe", "pipe", "ipc"] });
  let tail = "";
  let bytes = 0;
  for (const stream of [child.stdout!, child.stderr!])
    stream.on("data", (data: Buffer) => {
      bytes += data.length;
      tail = (tail + data.subarray(-tailLength).toString("utf8")).slice(-tailLength);
    });
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  child.on("error", () => undefined); // A message to a child that has just died; its exit says the rest.
  tell(child, { kind: "open", request, folder });
  return {
    process: child,
    alive: () => child.exitCode === null && child.signalCode === null && child.connected,
    printed: () => ({ tail, bytes }),
    async close() {
      if (child.connected) child.disconnect();
      const late = setTimeout(kill, 5000);
      await ended;
      clearTimeout(late);
    },
  };
}

function tell(child: ChildProcess, message: ToWorker): void {
  if (child.connected) child.send(message, () => undefined);
}

interface Job {
  readonly cell: PlannedCell;
  readonly again: Again;
  readonly hearer: Hearer;
  readonly settings: JobSettings & { readonly memory: number };
}

type Ended = Attempted | { readonly died: CellOutcome };

/** Milliseconds between two looks at a child. */
const lookEvery = 100;
/** Milliseconds after its end in which what a child printed arrives; a process of its own may hold the pipe for ever. */
const lastWords = 1000;

function attemptIn(child: Child, job: Job): Promise<Ended> {
  const { cell, again, hearer } = job;
  return new Promise<Ended>((resolve, reject) => {
    const watch = watchOver(child, job);
    const before = child.printed().bytes;
    const hear = (message: FromWorker) => {
      if (message.kind === "started") {
        watch.started();
        hearer.started();
      } else if (message.kind === "progress") hearer.progress(message.progress);
      else if (message.kind === "note") hearer.note(message.message);
      else if (message.kind === "logged")
        hearer.logged().catch((error: unknown) => finish(() => reject(asError(error))));
      else finish(() => (message.kind === "ended" ? resolve(message.attempted) : reject(thrown(message))));
    };
    let late: NodeJS.Timeout | undefined;
    const exited = (code: number | null, signal: string | null) =>
      void (late = setTimeout(closed, lastWords, code, signal));
    const closed = (code: number | null, signal: string | null) => {
      for (const stream of [child.process.stdout!, child.process.stderr!]) stream.destroy();
      finish(() => resolve({ died: watch.reason() ?? death(code, signal, child.printed().tail) }));
    };
    function finish(answer: () => void): void {
      watch.end();
      clearTimeout(late);
      child.process.off("message", hear);
      child.process.off("exit", exited);
      child.process.off("close", closed);
      const megabytes = (child.printed().bytes - before) / 1e6;
      if (megabytes > 1)
        hearer.note(`${nameOf(cell)}: it printed ${megabytes.toFixed(0)} MB, which were left out`);
      answer();
    }
    child.process.on("message", hear);
    child.process.on("exit", exited);
    child.process.on("close", closed);
    tell(child.process, { kind: "cell", hash: cell.hash, again });
  });
}

/** Tells the child to stop when it is to, and ends it when it takes too much. */
function watchOver({ process: child }: Child, { hearer, settings }: Job) {
  const { cellSeconds = Infinity, memory } = settings;
  let began: number | undefined;
  let told = false;
  let reason: CellOutcome | undefined;
  const end = (outcome: CellOutcome) => {
    reason ??= outcome;
    child.kill("SIGKILL");
  };
  const timer = setInterval(() => {
    if (!told && hearer.interrupted()) {
      told = true;
      tell(child, { kind: "stop" });
    }
    const seconds = began === undefined ? 0 : (performance.now() - began) / 1000;
    if (seconds > cellSeconds)
      end({ state: "timeout", error: `it ran longer than the ${cellSeconds} s of --cell-time-limit` });
    const held = residentBytes(child.pid!);
    if (held > memory)
      end({
        state: "failed",
        error: `it held ${gigabytes(held)} of memory, more than its ${gigabytes(memory)}`,
      });
  }, lookEvery);
  return {
    started: () => (began = performance.now()),
    reason: () => reason,
    end: () => clearInterval(timer),
  };
}

const gigabytes = (bytes: number) => `${(bytes / 2 ** 30).toFixed(1)} GiB`;

/** 0 where the system does not say. */
function residentBytes(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]) * 4096;
  } catch {
    return 0;
  }
}

function death(code: number | null, signal: string | null, tail: string): CellOutcome {
  const memory = /heap out of memory|Array buffer allocation failed|bad_alloc/.test(tail);
  const how = signal === null ? `exit status ${code}` : `signal ${signal}`;
  const error = memory
    ? `its process ran out of memory (${how})`
    : `its process ended with ${how}${signal === "SIGKILL" ? " (for lack of memory?)" : ""}${code === 1 ? uncaught(tail) : ""}`;
  return { state: "failed", error, ...(tail.trim() === "" ? {} : { stack: tail.trim() }) };
}

/** What nobody caught, from what node prints of it. */
function uncaught(tail: string): string {
  const said = tail.match(/^\[?(?:\w*Error|UnhandledPromiseRejection)\b.*$/gm)?.at(-1);
  return said === undefined ? "" : `: ${said}`;
}

const asError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));

function thrown({ message, exit }: Extract<FromWorker, { kind: "fault" }>): Error {
  return exit === 1 ? new Error(messageOf(message)) : new BenchError(message, exit);
}

/**
 * Child processes that run one job at a time: a cell of a run, a measurement of `bench variance` or the checks of an
 * estimator. A child that dies, hangs or takes all memory costs only its own job.
 */
import { fork, type ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { CheckRequest } from "../check/choose-checked.ts";
import { BenchError, messageOf, type ExitStatus } from "../errors.ts";
import type { Request } from "../plan/request.ts";
import type { CellOutcome, CellProgress } from "../train/cell-job.ts";
import type { StagesRequest } from "../variance/bank-stages.ts";
import type { NamedPoint } from "../variance/make-bank.ts";
import type { Reference } from "../variance/reference.ts";
import type { VarianceRequest } from "../variance/variance-plan.ts";
import type { CellListener, RerunOptions } from "./locked-cell.ts";

/** What a child prepares once, before its first job. */
export type Preparation =
  | { readonly kind: "cells"; readonly request: Request; readonly folder: string }
  | { readonly kind: "variance"; readonly request: VarianceRequest }
  | { readonly kind: "checks"; readonly request: CheckRequest };

export type Job =
  | { readonly kind: "cell"; readonly hash: string; readonly rerun: RerunOptions }
  | {
      readonly kind: "measurement";
      readonly group: number;
      readonly estimator: number;
      readonly reference: Reference;
    }
  | { readonly kind: "stages"; readonly estimator: number; readonly stages: StagesRequest }
  | { readonly kind: "reference"; readonly at: NamedPoint["at"] }
  /** Some draws of a sampled reference. */
  | { readonly kind: "reference part"; readonly group: number; readonly part: number }
  | { readonly kind: "check"; readonly index: number };

export type ToChild = Preparation | Job | { readonly kind: "stop" };

export type FromChild =
  | { readonly kind: "started" }
  | { readonly kind: "progress"; readonly progress: CellProgress }
  | { readonly kind: "note"; readonly message: string }
  | { readonly kind: "result"; readonly result: unknown }
  | { readonly kind: "error"; readonly message: string; readonly exit: ExitStatus };

export interface JobLimits {
  /** Seconds of wall-clock time for a job, from its start message. */
  readonly seconds?: number;
  /** Bytes of memory that the child may hold. */
  readonly bytes?: number;
}

/** The result of a job, or how the child died in it. */
export type JobEnd<R> = { readonly result: R } | { readonly died: CellOutcome };

export type JobProcess = ReturnType<typeof startProcess>;

const silent: CellListener = {
  started: () => undefined,
  progress: () => undefined,
  note: () => undefined,
  interrupted: () => false,
};

/** The end of what the child prints is kept, for the stack of an error. */
const tailLength = 4000;

export function startProcess(preparation: Preparation, limits: JobLimits = {}) {
  const worker = new URL(`./job-worker${extname(import.meta.url)}`, import.meta.url);
  const child = fork(fileURLToPath(worker), [], {
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // JSON has no NaN and no typed arrays.
    serialization: "advanced",
    // V8's helper threads would wait for each other on cores that other children hold: two steps at once took 1.4 times
    // as long as one.
    execArgv: [...process.execArgv, "--single-threaded-gc"],
  });
  const printed = { tail: "", bytes: 0 };
  for (const stream of [child.stdout!, child.stderr!])
    stream.on("data", (data: Buffer) => {
      printed.bytes += data.length;
      printed.tail = (printed.tail + data.subarray(-tailLength).toString("utf8")).slice(-tailLength);
    });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  child.once("exit", () => process.off("exit", kill));
  child.on("error", () => undefined); // A message to a child that has just died; its exit is handled.
  send(child, preparation);
  return {
    pid: child.pid!,
    isAlive: () => child.exitCode === null && child.signalCode === null && child.connected,
    /** Bytes of text that the child has printed so far; it is not passed on. */
    printed: () => printed.bytes,
    /** Runs a job; rejects with the error that the job threw. */
    run: <R>(job: Job, listener = silent) =>
      runIn(child, job, listener, limits, () => printed.tail) as Promise<JobEnd<R>>,
    /** Ends the child once it has saved its cell. */
    async close() {
      if (child.connected) child.disconnect();
      const late = setTimeout(kill, 5000);
      await exited;
      clearTimeout(late);
    },
  };
}

function send(child: ChildProcess, message: ToChild): void {
  if (child.connected) child.send(message, () => undefined);
}

/** Milliseconds that output may take to arrive after the child's exit; a grandchild may hold the pipe for ever. */
const outputDelay = 1000;

function runIn(
  child: ChildProcess,
  job: Job,
  listener: CellListener,
  limits: JobLimits,
  tail: () => string,
): Promise<JobEnd<unknown>> {
  return new Promise((resolve, reject) => {
    const watch = watchOver(child, listener, limits);
    let late: NodeJS.Timeout | undefined;
    const finish = (settle: () => void) => {
      watch.end();
      clearTimeout(late);
      child.off("message", receive).off("exit", onExit).off("close", onClose);
      settle();
    };
    const receive = (message: FromChild) => {
      if (message.kind === "started") {
        watch.start();
        listener.started();
      } else if (message.kind === "progress") listener.progress(message.progress);
      else if (message.kind === "note") listener.note(message.message);
      else if (message.kind === "result") finish(() => resolve({ result: message.result }));
      else finish(() => reject(errorOf(message)));
    };
    const onClose = (code: number | null, signal: string | null) => {
      for (const stream of [child.stdout!, child.stderr!]) stream.destroy();
      finish(() => resolve({ died: watch.reason() ?? deathOf(code, signal, tail()) }));
    };
    const onExit = (code: number | null, signal: string | null) =>
      void (late = setTimeout(onClose, outputDelay, code, signal));
    if (child.exitCode !== null || child.signalCode !== null)
      return onClose(child.exitCode, child.signalCode);
    child.on("message", receive).on("exit", onExit).on("close", onClose);
    send(child, job);
  });
}

/** Asks the child to stop after an interruption, and kills it when it exceeds a limit. */
function watchOver(
  child: ChildProcess,
  listener: CellListener,
  { seconds = Infinity, bytes = Infinity }: JobLimits,
) {
  let began = Infinity;
  let stopping = false;
  let reason: CellOutcome | undefined;
  const kill = (outcome: CellOutcome) => {
    reason ??= outcome;
    child.kill("SIGKILL");
  };
  const timer = setInterval(() => {
    if (!stopping && listener.interrupted()) {
      stopping = true;
      send(child, { kind: "stop" });
    }
    if ((performance.now() - began) / 1000 > seconds)
      kill({ state: "timeout", error: `it ran longer than the ${seconds} s of --cell-time-limit` });
    const held = residentBytes(child.pid!);
    if (held > bytes)
      kill({
        state: "failed",
        error: `it held ${gibibytes(held)} of memory, more than its ${gibibytes(bytes)}`,
      });
  }, 100);
  return {
    start: () => (began = performance.now()),
    reason: () => reason,
    end: () => clearInterval(timer),
  };
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

const errorOf = ({ message, exit }: { readonly message: string; readonly exit: ExitStatus }): Error =>
  exit === 1 ? new Error(messageOf(message)) : new BenchError(message, exit);

/** Where cells run: in this process, or in child processes (`--jobs`, `--cell-time-limit`, plug-ins). */
import { totalmem } from "node:os";
import type { PlannedCell } from "../plan/plan.ts";
import { silentSeconds } from "../plugins/silence-watch.ts";
import type { Request } from "../plan/request.ts";
import type { CellProgress } from "../train/cell-job.ts";
import {
  cellName,
  recordDeath,
  runLockedCell,
  type CellContext,
  type CellListener,
  type CellResult,
  type RerunOptions,
} from "./locked-cell.ts";
import { startProcess, type JobProcess } from "./process-pool.ts";

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
  /** Seconds without progress after which a note says so; a minute by default. */
  readonly silence?: number;
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

function workerInChild({
  request,
  folder,
  engine,
  cellSeconds,
  memory,
  silence = silentSeconds,
}: JobSettings & { memory: number }): CellWorker {
  const limits = { bytes: memory, ...(cellSeconds === undefined ? {} : { seconds: cellSeconds }) };
  let child: JobProcess | undefined;
  return {
    async run(cell, rerun, listener) {
      if (child?.isAlive() !== true) child = startProcess({ kind: "cells", request, folder }, limits);
      const before = child.printed();
      const watch = noticingSilence(cell, listener, silence);
      const end = await child
        .run<CellResult>({ kind: "cell", hash: cell.hash, rerun }, watch.listener)
        .finally(watch.end);
      const megabytes = (child.printed() - before) / 1e6;
      if (megabytes > 1)
        listener.note(`${cellName(cell)}: ${megabytes.toFixed(0)} MB of printed text were left out`);
      if ("result" in end) return end.result;
      if (listener.interrupted()) return { outcome: { ...end.died, state: "interrupted" } };
      recordDeath(cell, folder, engine, end.died);
      return { outcome: end.died };
    },
    close: async () => child?.close(),
  };
}

/** The listener, with a note once nothing has happened for so many seconds. */
function noticingSilence(cell: PlannedCell, listener: CellListener, seconds: number) {
  let last = "it began";
  const timer = setTimeout(() => {
    listener.note(
      `${cellName(cell)}: nothing has happened for ${seconds} s since ${last}. If it never returns, stop it with Ctrl-C, ` +
        "or give each cell a time with --cell-time-limit.",
    );
  }, 1000 * seconds);
  return {
    end: () => clearTimeout(timer),
    listener: {
      ...listener,
      progress(progress: CellProgress) {
        timer.refresh();
        last = progress.phase === "train" ? `step ${progress.step}` : `it began to ${progress.phase}`;
        listener.progress(progress);
      },
    },
  };
}

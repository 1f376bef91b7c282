/** Where cells run: in this process, or in child processes (`--jobs`, `--cell-time-limit`, plug-ins). */
import type { PlannedCell } from "../plan/plan.ts";
import type { Request } from "../plan/request.ts";
import {
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
}

/** As many child processes as there are jobs, or cells if those are fewer. */
export function openCellWorkers(settings: JobSettings, cells: number): CellWorker[] {
  const count = Math.max(1, Math.min(settings.jobs, cells));
  return Array.from({ length: count }, () => workerInChild(settings));
}

function workerInChild({ request, folder, engine, cellSeconds }: JobSettings): CellWorker {
  let child: JobProcess | undefined;
  return {
    async run(cell, rerun, listener) {
      if (child?.isAlive() !== true) child = startProcess({ kind: "cells", request, folder }, cellSeconds);
      const end = await child.run<CellResult>({ kind: "cell", hash: cell.hash, rerun }, listener);
      if ("result" in end) return end.result;
      if (listener.interrupted()) return { outcome: { ...end.died, state: "interrupted" } };
      recordDeath(cell, folder, engine, end.died);
      return { outcome: end.died };
    },
    close: async () => child?.close(),
  };
}

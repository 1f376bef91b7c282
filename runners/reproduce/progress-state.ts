/** What a reproduction is given, and what it knows while it goes on. */
import { join } from "node:path";
import type { Reproduction, SpeedRow } from "../../reports/format/reproduction-record.ts";
import type { RunCell } from "../train/cell-job.ts";
import type { Registry } from "../plan/registry.ts";
import type { Reporter } from "../jobs/run-cells.ts";
import type { Column } from "./paper.ts";
import type { Progress } from "./measured-values.ts";
import type { Asked, Schedule } from "./time-plan.ts";
import type { Spent } from "./shares.ts";

export interface ReproduceSettings {
  readonly asked: Asked;
  readonly registry: Registry;
  readonly folder: string;
  readonly name: string;
  readonly command: string;
  readonly citation: string;
  readonly link: string;
  readonly force: boolean;
  readonly retryFailed: boolean;
  readonly reporter: Reporter;
  readonly interrupted: () => boolean;
  readonly runCell: RunCell;
  readonly writeReport: (
    folders: string | readonly string[],
    options: {
      readonly partial: boolean;
      readonly out?: string;
      readonly reproduction?: Reproduction;
    },
  ) => Promise<unknown>;
  /** Says what it will take, before it starts. */
  readonly announce: (
    schedule: Schedule,
    told: {
      readonly spared: readonly string[];
      /** Seconds that choose learning rates. */ readonly choosing: number;
    },
  ) => void;
  /** Stops after the announcement. */
  readonly dryRun?: boolean;
  /** Seconds of a clock. */
  readonly now: () => number;
}

export interface State extends ReproduceSettings {
  /** Grows by the share of each experiment that begins. */
  schedule: Schedule;
  readonly began: number;
  /** What this call planned and did: how fast it really goes. */
  readonly done: Spent[];
  readonly stopped: () => boolean;
  readonly late: () => boolean;
  readonly progress: Map<string, Progress>;
  readonly speed: SpeedRow[];
  /** Seconds of earlier calls. */
  readonly before: number;
}

const keyOf = (experiment: string, column: string) => JSON.stringify([experiment, column]);

export const testFolder = (folder: string, experiment: string) => join(folder, "runs", experiment);
export const validationFolder = (folder: string, experiment: string) => join(folder, "rates", experiment);

/** Every column before anything is known of it. */
export function begin({ asked, progress }: State): void {
  for (const experiment of asked.experiments)
    if (experiment.kind !== "speed")
      for (const column of experiment.columns)
        progress.set(keyOf(experiment.id, column.title), {
          ...{ experiment, column, rate: null, tried: [], planned: [], unequal: [] },
        });
}

export function update(state: State, experiment: string, column: Column, change: Partial<Progress>): void {
  const key = keyOf(experiment, column.title);
  state.progress.set(key, { ...state.progress.get(key)!, ...change });
}

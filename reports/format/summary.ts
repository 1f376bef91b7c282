/** The shape of summary.json, which `bench run --json` prints. Statistics are null where they were not measured. */
import type { CellState, Cost, Setting } from "./records.ts";

/** A mean over seeds with its 95% interval; `low` and `high` are null below three seeds. */
export interface Interval {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly n: number;
  /** One value per seed, in the order of the seeds. */
  readonly values: readonly { readonly seed: number; readonly value: number }[];
}

/** The quantity that estimators are ranked by. */
export interface Measure {
  readonly metric: string;
  readonly split: string;
  readonly title: string;
  readonly unit: string;
  readonly higherIsBetter: boolean;
  /** `log`: compared as ratios, with geometric means and intervals. */
  readonly scale: "linear" | "log";
  /** Whether the values are of unfinished cells, because no finished one has the metric. */
  readonly provisional: boolean;
}

/** The value on the curves over training that "time to target" refers to. */
export interface Target {
  readonly metric: string;
  readonly split: string;
  readonly higherIsBetter: boolean;
  readonly value: number;
  /** By --target; else it is the median over estimators of the mean final value. */
  readonly given: boolean;
}

export interface RankingRow {
  readonly estimator: string;
  readonly name: string;
  readonly options: Readonly<Record<string, Setting>>;
  /** 1 + the number of estimators detectably better; null without a value. */
  readonly rank: number | null;
  /** Letters: two that share one are not detectably different. Empty when there are not enough seeds to tell. */
  readonly group: string;
  readonly seeds: { readonly done: number; readonly all: number };
  readonly states: Readonly<Partial<Record<CellState, number>>>;
  /** `2 of 5 diverged`: the values are of the other seeds alone, which flatters the estimator. */
  readonly broken?: string;
  readonly value: Interval | null;
  readonly bound: Interval | null;
  readonly variance: Interval | null;
  readonly biasRelative: Interval | null;
  readonly cosine: Interval | null;
  readonly evaluations: Cost | null;
  /** Milliseconds of training per step. */
  readonly milliseconds: Interval | null;
  /** bias² + variance × evaluations of a draw, where the variance was measured. */
  readonly squaredError: Interval | null;
  /** Seeds that reach the task's target; evaluations and seconds of training to it, null unless all do. */
  readonly toTarget: {
    readonly reached: number;
    readonly all: number;
    readonly evaluations: Interval | null;
    readonly seconds: Interval | null;
  } | null;
}

export type Verdict =
  "better" | "worse" | "no detectable difference" | "not enough seeds to tell" | "not judged";

/** `first` against `second` on the seeds that both finished. */
export interface Pair {
  readonly first: string;
  readonly second: string;
  /** Mean of first − second; on a log scale the ratio first / second. */
  readonly difference: number | null;
  readonly low: number | null;
  readonly high: number | null;
  readonly seeds: number;
  /** Two-sided, before and after Holm's correction over the pairs of the task. */
  readonly p: number | null;
  readonly adjusted: number | null;
  /** `not judged` where seeds broke and the rest of them would not make the other the better one. */
  readonly verdict: Verdict;
  /** Why seeds are missing, where some failed: `rloo: 2 of 5 diverged`. */
  readonly broken?: string;
}

export interface TaskSummary {
  readonly task: string;
  readonly sentence: string;
  readonly measure: Measure | null;
  /** Where the variance column was measured: `frozen, step 0`. */
  readonly varianceAt: string | null;
  /** Samples and rows of the bound column: `m = 1000, 10000 rows`. */
  readonly boundAt: string | null;
  readonly target: Target | null;
  readonly ranking: readonly RankingRow[];
  readonly pairs: readonly Pair[];
}

interface Bounded {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** Estimators over several tasks, in normalised scores: 0 is the worst mean on a task and 1 the best. */
export interface AcrossTasks {
  readonly tasks: readonly string[];
  /** Estimators left out because they lack a value on some task. */
  readonly left: readonly string[];
  /** From the best interquartile mean to the worst. */
  readonly rows: readonly {
    readonly estimator: string;
    readonly iqm: Bounded;
    /** Share of scores above each threshold. */
    readonly profile: readonly (Bounded & { readonly threshold: number })[];
    /** Mean rank over tasks, 1 is best. */
    readonly rank: number;
    /** Letters: two that share one do not differ by the critical difference. */
    readonly group: string;
  }[];
  /** Probability that `first` has the higher score than `second` on a task, averaged over tasks. */
  readonly improvement: readonly (Bounded & { readonly first: string; readonly second: string })[];
  readonly friedman: {
    readonly chiSquared: number;
    readonly f: number | null;
    readonly p: number;
    readonly criticalDifference: number;
  };
}

export interface Summary {
  readonly version: 1;
  readonly name: string;
  readonly command: string;
  readonly created: string;
  readonly quick: boolean;
  readonly partial: boolean;
  readonly states: Readonly<Partial<Record<CellState, number>>>;
  readonly seeds: number;
  readonly title: string;
  readonly failures: readonly {
    readonly task: string;
    readonly estimator: string;
    readonly seed: number;
    readonly state: CellState;
    readonly error: string;
  }[];
  readonly tasks: readonly TaskSummary[];
  /** Absent with fewer than two tasks, or two estimators that ran on all of them. */
  readonly across?: AcrossTasks;
}

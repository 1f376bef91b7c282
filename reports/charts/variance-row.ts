/** The part of a row of `bench variance` that its charts and tables read. */
export interface VarianceRow {
  readonly estimator: string;
  readonly task: string;
  readonly protocol: string;
  /** Stage of the reference run, where the row was measured on a bank's checkpoints. */
  readonly stage?: string;
  readonly step: number;
  readonly draws: number;
  readonly reference: string;
  readonly bias: {
    readonly norm: number;
    readonly relative: number;
    readonly z: number;
    /** An estimate of the squared norm, and its standard error. */
    readonly squared?: number;
    readonly squaredError?: number;
    readonly standardError?: number | null;
    readonly relativeError?: number | null;
  };
  readonly variance: {
    readonly parameters: number;
    readonly logits: number;
    readonly standardError: number;
    readonly logitsError?: number;
  };
  readonly deviation?: number | null;
  readonly deviationError?: number | null;
  readonly signalToNoiseError?: number | null;
  readonly evaluations?: { readonly forward: number; readonly backward: number };
  readonly secondsPerDraw?: number;
  readonly varianceTimesEvaluations?: number;
  readonly varianceTimesSeconds?: number;
  readonly cosine: number | null;
  readonly cosineError?: number | null;
  readonly signalToNoise?: number | null;
  /** Over several fixed batches, at a bank's stages. */
  readonly batches?: {
    readonly batches: number;
    readonly values: {
      readonly varianceMinibatch: number | null;
      readonly varianceMinibatchError?: number | null;
    };
  };
}

/** The contract of a task: what is learned, from which data. A task does not know which estimator runs it. */
import type { Named, OptionSpecs, SiteSpec, Settings, T, Values } from "../estimators/estimator.ts";

/** An array outside the engines, in row-major order. */
export interface Values32 {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}
export type Arrays = Record<string, Values32>;

export type Split = "train" | "valid" | "test";

/**
 * Uniforms in (0, 1). Within a step the same tag and shape give the same tensor. Noise with a tag `data/...` is part of
 * the data, such as a binarisation [B, ...], so that evaluation draws it once for all samples and seeds.
 */
export type Random = (tag: string, shape: readonly number[]) => T;

interface MomentConstants {
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
}
/** An optimiser and its constants. The rules are in runners/engine/optimisers.ts. */
export type Optimiser =
  | { readonly kind: "sgd"; readonly momentum: number }
  | { readonly kind: "rmsprop"; readonly decay: number; readonly epsilon: number }
  | ({ readonly kind: "adam" } & MomentConstants)
  | ({ readonly kind: "radam" } & MomentConstants);

/** What the program of a model asks for. Each site is sampled once, parents first. */
export interface Trace {
  /**
   * The sample [S, B, ...shape] of the site with this name, for the logits of q, [1 or S, B, ...shape] or [B, ...shape].
   * With the logits of a prior p, the objective has the term KL(q ‖ p) in closed form; evaluation uses log q − log p at
   * the sample. Without a prior the site is a part of the model itself and adds no term.
   */
  readonly sample: (name: string, logits: T, prior?: T) => T;
  /**
   * The code vectors [S, B, D, d] that the sample of this site chooses from the codebook [K, d]. The logits are computed from
   * the points, [1 or S, B, D, d] or [B, D, d], to which an estimator may pass the derivative by the code vectors.
   */
  readonly codes: (name: string, logits: T, points: T, codebook: T) => T;
  /**
   * The prior of a site whose sample has been drawn; its logits may depend on any sample drawn so far. The objective has
   * the term −H(q) in closed form and −log p at the sample.
   */
  readonly prior: (name: string, logits: T) => void;
  /**
   * A reparameterised sample [S, B, Z] of N(mean, exp logVariance), with a standard normal prior. The objective has
   * the term KL(q ‖ p) in closed form, evaluation log q − log p at the sample. Arguments are [S, B, Z].
   */
  readonly normal: (name: string, mean: T, logVariance: T) => T;
}

/** One term of a cost [S, B], with the sites whose samples it depends on. */
export interface Term {
  readonly cost: T;
  readonly sites: readonly string[];
}

/**
 * Samples every site and returns the cost of the samples [S, B], whole or as terms: −log p(x | z) of a model, without
 * priors and posteriors, which the harness adds. It may run several times.
 */
export type Program = (trace: Trace) => T | readonly Term[];

/**
 * What is learned from a batch. From this one description the harness derives the training cost (the program's cost and
 * the divergences in closed form), the −log weights log q(z | x) − log p(x, z) of evaluation, and multi-sample bounds.
 */
export interface Model {
  readonly program: Program;
  /**
   * For a program with one site: the program's costs [n, D, B] of the sample x [1, B, ...shape] with one variable at a time
   * taken from `other` [n, B, ...shape], computed in less time than by the program. They are the program's up to rounding.
   */
  readonly singleChanges?: (x: T, other: T) => T;
  /** A scalar loss of other rows. It trains the parameters but is not part of the cost of the batch. */
  readonly auxiliary?: T;
}

/** A picture as data: rows of grey-scale tiles in [0, 1]. */
export interface Picture {
  readonly name: string;
  readonly title: string;
  readonly caption: string;
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  /** One Float32Array of width × height for each tile. */
  readonly tiles: readonly Float32Array[];
}

/** A pure function of tensors that the engine evaluates, and the arrangement of its outputs as pictures. */
export interface PictureProgram {
  /** Inputs besides the parameters. */
  readonly inputs: Arrays;
  body(parameters: Named, inputs: Named, random: Random): Named;
  arrange(outputs: Arrays): Picture[];
  /** The name of the picture whose first row is kept several times during training, as a strip. */
  readonly strip?: string;
}

export interface Task {
  readonly name: string;
  readonly options: Settings;
  readonly sites: readonly SiteSpec[];
  /** Width of the observed inputs that baselines see. */
  readonly features: number;
  /** Rows of a training batch, B. */
  readonly rows: number;
  readonly optimiser: Optimiser;
  /** The learning rate of a step, counted from 0. */
  learningRate(step: number): number;
  /** The default of estimator options that are marked `fromTask`. */
  readonly temperature?: string;
  /** The parameters before training. */
  init(random: Random): Named;
  /** The model of a batch. What needs no sample, such as an encoder, is evaluated here, once for all runs of the program. */
  model(parameters: Named, batch: Named, random: Random): Model;
  /** The number of rows of each split. Toys have rows only in `train`. */
  readonly splits: Readonly<Record<Split, number>>;
  /**
   * Some rows of a split, as inputs of a batch; `features` is [B, F]. It may write them into `into`, the result of an
   * earlier call with as many rows of the same split, because allocating the large arrays at every step costs more than
   * filling them.
   */
  gather(split: Split, rows: Int32Array, into?: Arrays): Arrays;
  /** `elbo`: the cost is −log p(x | z) in nats, so that costs and divergences are the negative ELBO. `cost`: any cost. */
  readonly metric: "elbo" | "cost";
  /** Further measures per row [B], such as accuracy. They are averaged over the validation and the test split. */
  readonly measures?: Readonly<Record<string, (parameters: Named, batch: Named, random: Random) => T>>;
  readonly pictures?: PictureProgram;
  /** The name and the checksum of each data file. */
  readonly sums: Readonly<Record<string, string>>;
}

/** A task as it is registered, before its options are chosen and its data are loaded. */
export interface TaskDefinition<O extends OptionSpecs = OptionSpecs> {
  readonly name: string;
  readonly title: string;
  readonly aliases?: readonly string[];
  /** Increased whenever the numbers of the task change. */
  readonly version: number;
  readonly paper?: string;
  readonly doc: string;
  readonly options: O;
  /** Named sets of options. The option `variant` chooses one. */
  readonly variants?: Readonly<Record<string, Settings>>;
  /** The default number of steps. */
  readonly steps: number;
  /** The default number of steps of variants that differ. */
  readonly variantSteps?: Readonly<Record<string, number>>;
  /** The sites. They are known before data are loaded, so that a wrong pairing is refused early. */
  sites(options: Settings): readonly SiteSpec[];
  /**
   * True if the cost has no useful derivative with respect to the samples, as with a comparison or a lookup. Estimators that
   * need one are then refused.
   */
  valuesOnly?(options: Settings): boolean;
  /** The task with these options. Rejects with a DataError if the data are wrong. */
  create(options: Settings, source: DataSource): Promise<Task>;
}

/** Where the data are. */
export interface DataSource {
  /** The folder that the user named with --data: of one data set, or of folders with their names. */
  readonly folder?: string;
}

/** The default number of steps of a run with these settings. */
export const defaultSteps = ({ steps, variantSteps }: TaskDefinition, settings: Settings): number =>
  variantSteps?.[String(settings["variant"])] ?? steps;

/** Returns the definition, with its options checked by type. */
export function task<const O extends OptionSpecs>(definition: TaskDefinition<O>): TaskDefinition {
  return definition;
}
export type { Named, OptionSpecs, SiteSpec, Settings, T, Values };

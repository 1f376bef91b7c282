/** The contract of what is learned. Nothing in a task knows which estimator runs it. */
import type { Named, OptionSpecs, Program, SiteSpec, Settings, T, Values } from "../estimators/estimator.ts";

/** An array outside any engine. */
export interface Values32 {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}
export type Arrays = Record<string, Values32>;

export type Split = "train" | "valid" | "test";

/**
 * Uniforms in (0, 1); the same tag and shape within a step is the same tensor. A tag `data/...` belongs to the data
 * (a binarisation, [B, ...]): evaluation draws it once for all samples and seeds.
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

export interface Built {
  readonly program: Program;
  /** Terms per row that meet no sample [B]: an analytic KL. */
  readonly direct?: T;
  /** A loss of other rows, a scalar: it trains the parameters and is no part of what the batch's rows cost. */
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
  /** One Float32Array of width × height a tile. */
  readonly tiles: readonly Float32Array[];
}

/** How a task makes its pictures: a pure function of tensors, run by the engine, and the arrangement of what it gives. */
export interface PictureProgram {
  /** Inputs beside the parameters. */
  readonly inputs: Arrays;
  body(parameters: Named, inputs: Named, random: Random): Named;
  arrange(outputs: Arrays): Picture[];
  /** Of these pictures, the one whose first row is kept at stages of training, as a strip. */
  readonly strip?: string;
}

export interface Task {
  readonly name: string;
  readonly options: Settings;
  readonly sites: readonly SiteSpec[];
  /** Width of the observed inputs that baselines see. */
  readonly features: number;
  /** Rows of a training batch. */
  readonly rows: number;
  readonly optimiser: Optimiser;
  /** The rate of step t, counted from 0. */
  learningRate(step: number): number;
  /** Replaces the default of an estimator's option marked `fromTask`. */
  readonly temperature?: string;
  /** `sampled`: negativeLogWeight may be averaged inside a multi-sample bound during training. */
  readonly bound?: "sampled";
  /** Its parameters, before training. */
  init(random: Random): Named;
  /** Encoder logits once, in the closure. `batch.features` is [B, F]. */
  build(parameters: Named, batch: Named, random: Random): Built;
  /** −log p(x, z)/q(z | x) of hard samples: what the one evaluator averages. */
  negativeLogWeight(parameters: Named, batch: Named, random: Random): Program;
  /** Rows of each split; an exact toy has its rows in `train` and the others empty. */
  readonly splits: Readonly<Record<Split, number>>;
  /**
   * The rows named, as inputs of a batch. May write them into `into`, what an earlier call for as many rows of the same
   * split gave: an array of a batch is large, and one left to the collector at every step costs more than to fill it.
   */
  gather(split: Split, rows: Int32Array, into?: Arrays): Arrays;
  /** What `negativeLogWeight` means: `elbo` and `bound` in nats for models, `cost` for toys. */
  readonly metric: "elbo" | "cost";
  /** Further measures per row [B], averaged over validation and test: the accuracy of a classifier. */
  readonly measures?: Readonly<Record<string, (parameters: Named, batch: Named, random: Random) => T>>;
  readonly pictures?: PictureProgram;
  /** Provenance of the data: name and checksum of each file. */
  readonly sums: Readonly<Record<string, string>>;
}

export interface TaskDefinition<O extends OptionSpecs = OptionSpecs> {
  readonly name: string;
  readonly title: string;
  readonly aliases?: readonly string[];
  /** Raised when its numbers change. */
  readonly version: number;
  readonly paper?: string;
  readonly doc: string;
  readonly options: O;
  /** Named sets of options; the option `variant` picks one. */
  readonly variants?: Readonly<Record<string, Settings>>;
  /** Steps of a run that says nothing. */
  readonly steps: number;
  /** Of a variant, where its protocol has its own. */
  readonly variantSteps?: Readonly<Record<string, number>>;
  /** Known before data are loaded, so that a pairing can be refused early. */
  sites(options: Settings): readonly SiteSpec[];
  create(options: Settings, source: DataSource): Promise<Task>;
}

/** Where data come from. */
export interface DataSource {
  /** A folder of IDX files given by the user. */
  readonly folder?: string;
}

/** Steps of a run of these settings that says nothing. */
export const defaultSteps = ({ steps, variantSteps }: TaskDefinition, settings: Settings): number =>
  variantSteps?.[String(settings["variant"])] ?? steps;

/** Types the options of a definition; the value is the definition itself. */
export function task<const O extends OptionSpecs>(definition: TaskDefinition<O>): TaskDefinition {
  return definition;
}
export type { Named, OptionSpecs, Program, SiteSpec, Settings, T, Values };

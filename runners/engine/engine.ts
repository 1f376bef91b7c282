/**
 * The contract of an engine. A body is a pure function of tensors: it reads no value, takes all noise from `noise`, has
 * static shapes, and everything that changes from step to step is an input, all new state an output.
 */
import type { Named, T } from "../../estimators/estimator.ts";
import type { Arrays, Optimiser } from "../../tasks/task.ts";

export type { Arrays, Values32 } from "../../tasks/task.ts";

/** Uniforms in (0, 1) by name; the same name and shape twice in a body is the same tensor. */
export type Noise = (name: string, shape: readonly number[]) => T;
/** Identifies the uniforms of a name and shape among those of a body. */
export const noiseId = (name: string, shape: readonly number[]) => `${name} ${shape.join("×")}`;
/** Fills the uniforms of one evaluation of a body. */
export type Fill = (name: string, out: Float32Array) => void;

export type Shapes = Readonly<Record<string, readonly number[]>>;
export type Body = (inputs: Named, noise: Noise) => Named;

/** A body ready to run. */
export interface Compiled {
  run(inputs: Arrays, fill: Fill): Promise<Arrays>;
  dispose(): void;
}

/**
 * A body that one run evaluates `size` times: uniforms and the values of outputs are those of one draw after another. An output
 * NAME [m, n] that is a product AᵀD, A [B, m] being the same in all draws, may be left as its factors: then NAME is D [B, n]
 * of each draw, `left of NAME` is A, once, and `turned NAME` is AAᵀD of each draw, so that ‖AᵀD‖² is the sum of D ∘ AAᵀD.
 */
export interface CompiledDraws extends Compiled {
  readonly size: number;
}

/** Parameters that one optimiser updates. */
export interface Group {
  readonly names: readonly string[];
  readonly optimiser: Optimiser;
  /** The name of the input, a scalar, that holds the learning rate. */
  readonly rate: string;
}

/**
 * One step of training. `body` is given the inputs, the parameters and the state under their own names. It returns
 * `gradient/NAME` for every parameter of every group, `state/NAME` for each state that changes, and scalars `log/NAME`.
 */
export interface Training {
  readonly groups: readonly Group[];
  readonly parameters: Arrays;
  readonly state: Arrays;
  /** Shapes of the inputs that are new in each step: the batch and scalars. */
  readonly inputs: Shapes;
  readonly body: Body;
}

/** Everything needed to continue bit for bit: parameters, the optimiser's slots `slot/SLOT/NAME`, state, number of steps. */
export interface Snapshot {
  readonly step: number;
  readonly arrays: Arrays;
}

/** A step of training with its state, which each step replaces. */
export interface Trainer {
  /** Makes one step. Returns the logged scalars if `log`; otherwise nothing is computed for them. */
  step(inputs: Arrays, fill: Fill, log: boolean): Promise<Record<string, number> | undefined>;
  /** The parameters now, as inputs for a compiled body; valid until the next step. */
  parameters(): Arrays;
  state(): Arrays;
  save(): Snapshot;
  restore(snapshot: Snapshot): void;
  dispose(): void;
}

export interface Engine {
  readonly name: string;
  /** Version, device and threads, for the manifest. */
  readonly description: Readonly<Record<string, string | number>>;
  compile(body: Body, inputs: Shapes): Promise<Compiled>;
  /** The body for draws that differ in noise alone. At most `most` are made in a run; the engine chooses how many. */
  compileDraws(body: Body, inputs: Shapes, most: number): Promise<CompiledDraws>;
  train(training: Training): Promise<Trainer>;
  close(): Promise<void>;
}

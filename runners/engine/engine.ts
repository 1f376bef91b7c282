/**
 * What runs arithmetic on tensors. A body is a pure function that obeys the four rules of tracing: it reads
 * no value, takes all noise from `noise`, has static shapes, and everything that changes from step to step
 * is an input, all new state an output.
 */
import type { Named, T } from "../../estimators/estimator.ts";
import type { Arrays, Optimiser } from "../../tasks/task.ts";

export type { Arrays, Values32 } from "../../tasks/task.ts";

/** Uniforms in (0, 1) by name; the same name twice in a body is the same tensor. */
export type Noise = (name: string, shape: readonly number[]) => T;
/** Fills the uniforms of one evaluation of a body. */
export type Fill = (name: string, out: Float32Array) => void;

export type Shapes = Readonly<Record<string, readonly number[]>>;
export type Body = (inputs: Named, noise: Noise) => Named;

/** A body ready to run. */
export interface Compiled {
  run(inputs: Arrays, fill: Fill): Promise<Arrays>;
  dispose(): void;
}

/** Parameters that one optimiser moves. */
export interface Group {
  readonly names: readonly string[];
  readonly optimiser: Optimiser;
  /** The input (a scalar) that holds its learning rate. */
  readonly rate: string;
}

/**
 * One step of training: `body` sees the inputs, the parameters and the state under their own names, and gives
 * `gradient/NAME` for every parameter of every group, `state/NAME` for every state, and `log/NAME` scalars.
 */
export interface Training {
  readonly groups: readonly Group[];
  readonly parameters: Arrays;
  readonly state: Arrays;
  /** What comes anew with each step: batch and scalars. */
  readonly inputs: Shapes;
  readonly body: Body;
}

/** Everything that must be kept to go on bit for bit: parameters, optimiser slots `slot/KIND/NAME`, state, count. */
export interface Snapshot {
  readonly step: number;
  readonly arrays: Arrays;
}

/** A step of training with its state, advanced in place. */
export interface Trainer {
  /** One step; the logged scalars when `log`, else nothing is computed for them. */
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
  /** Version, device, threads: for the manifest. */
  readonly description: Readonly<Record<string, string | number>>;
  compile(body: Body, inputs: Shapes): Promise<Compiled>;
  train(training: Training): Promise<Trainer>;
  close(): Promise<void>;
}

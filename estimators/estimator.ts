/**
 * The contract: what an estimator is given, and what it answers.
 *
 * A task gives a program, a program asks for samples and returns a cost, an estimator answers the questions
 * and returns a surrogate whose gradient is its estimate.
 *
 * Sizes: S samples, B rows of the batch, D variables of a site, K outcomes of a variable.
 * Costs are in nats for probabilistic tasks and are minimised.
 */
import type { Tensor } from "@tensorflow/tfjs";
import type { Family } from "./distributions/family.ts";

export type { Family } from "./distributions/family.ts";

export type T = Tensor;
export type Named = Record<string, T>;

/** A stochastic layer, as declared before any run. `shape`: [D] for Bernoulli, [D, K] for one-hot. */
export interface SiteSpec {
  readonly name: string;
  readonly family: Family;
  readonly shape: readonly number[];
}

/** A stochastic layer as met in a run: `logits` [1 or S, B, ...shape], always with the leading axis. */
export interface Site extends SiteSpec {
  readonly index: number;
  readonly logits: T;
}

/** Answers a site with [S, B, ...shape]; S may be 1 where the program broadcasts. */
export type Sample = (site: Site) => T;

/** Asks for each site once, parents first, and returns the cost [S, B]. */
export type Program = (sample: (name: string, logits: T) => T) => T;

/** One option, read by help, validation, grids and hashes. A schedule arrives in the step as a scalar tensor. */
export interface OptionSpec {
  readonly default: number | string | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  /** The bounds themselves are not allowed. */
  readonly exclusive?: boolean;
  readonly integer?: boolean;
  readonly choices?: readonly string[];
  /** Of text: a regular expression that the whole of it must match, and the same in words. */
  readonly form?: { readonly pattern: string; readonly words: string };
  /** A number or a schedule such as `exp:1:3e-5:0.5:1000` (start, rate, floor, update every N steps). */
  readonly schedule?: boolean;
  /** The task may replace the default: the temperature schedule of its paper. */
  readonly fromTask?: boolean;
  readonly doc: string;
}
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;
export type OptionValue = number | string | boolean;

/** What a step sees of an option: a scalar tensor for a schedule, one of the choices, or the plain value. */
export type Values<O extends OptionSpecs> = {
  readonly [K in keyof O]: O[K] extends { schedule: true }
    ? T
    : O[K] extends { choices: readonly (infer C)[] }
      ? C
      : O[K]["default"] extends number
        ? number
        : O[K]["default"] extends boolean
          ? boolean
          : string;
};

/** The same before a run, where a schedule is still text or a number. */
export type Settings = Readonly<Record<string, OptionValue>>;

/** One play of the program. */
export interface Run {
  /** The cost [S, B]. */
  readonly cost: T;
  readonly drawn: readonly { readonly site: Site; readonly x: T }[];
  /** log q of what was drawn, summed over sites and variables [S, B]; computed when asked for. */
  readonly logp: T;
}

/** All that an estimator sees. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- plug-ins without `estimator()` get untyped options
export interface Problem<O extends OptionSpecs = any> {
  readonly sites: readonly SiteSpec[];
  readonly rows: number;
  /** Observed inputs [B, F], for input-dependent baselines. */
  readonly features: T;
  readonly options: Values<O>;
  /** The estimator's own parameters, trained by `control`. */
  readonly parameters: Named;
  /** The estimator's own state, carried from step to step. */
  readonly state: Named;
  /** Plays the program; may be called several times. */
  readonly run: (sample: Sample) => Run;
  /**
   * Uniforms in (0, 1) of shape [samples, B, ...shape]. The same name (of site, or tag) and shape within a
   * step is the same tensor.
   */
  readonly uniform: (site: SiteSpec | readonly number[], samples?: number, tag?: string) => T;
}

export interface Estimate {
  /** A scalar whose gradient is the estimate of the gradient of the expected cost, mean over rows. */
  readonly surrogate: T;
  /** A scalar that the estimator's own parameters minimise. */
  readonly control?: T;
  /** The next state; names absent here keep their value. */
  readonly state?: Named;
  /** The cost of each row [B], where it is not the mean over the samples of the first run: weighted samples. */
  readonly cost?: T;
}

export interface Claims {
  readonly families: readonly Family["name"][];
  readonly sites: "one" | "any";
  /** `one`: only sites with a single variable. */
  readonly variables?: "one";
  /** `direction`: unbiased up to a positive factor. */
  readonly unbiased: boolean | "direction";
  /** Of the cost: its values only, or its derivatives with respect to the sample too. */
  readonly needs: "values" | "derivatives";
  /**
   * `multi-sample`: minimises −log mean_s w_s over the samples, not the mean cost. Then `run` gives the whole negative
   * log weight −log w_s as the cost, so that nothing is left to `direct`; the task must offer `bound: "sampled"`.
   */
  readonly objective?: "mean" | "multi-sample";
  /**
   * Own parameters that scale a control variate or a baseline: with these at zero there is none, and the fitted ones
   * must lower the variance against that. `scale` means `scale` and every `scale/SITE`.
   */
  readonly coefficients?: readonly string[];
  /** Trains on relaxed samples, so that its training cost is not the cost of the discrete model. */
  readonly relaxed?: boolean;
  /** Evaluations of the cost per row and step, forward and backward apart. */
  evaluations(sites: readonly SiteSpec[], options: Settings): { forward: number; backward: number };
}

/** What is known when an estimator makes its own parameters and state. */
export interface Start {
  readonly sites: readonly SiteSpec[];
  readonly rows: number;
  /** Width of the observed inputs. */
  readonly features: number;
  readonly options: Settings;
  /** Uniforms in (0, 1), the same for the same tag. */
  readonly random: (tag: string, shape: readonly number[]) => T;
  /**
   * Mean and variance of the cost of hard samples before training, on rows and noise that no step meets: where a
   * moving average may begin without a bias and without a first step of the cost's own size.
   */
  readonly pilot: () => { readonly mean: number; readonly variance: number };
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
export interface Estimator<O extends OptionSpecs = any> {
  /** The file's and the command line's name. */
  readonly name: string;
  readonly title: string;
  /** Other names under which people look for it. */
  readonly aliases?: readonly string[];
  /** A key of papers.ts, or a citation in words. */
  readonly paper?: string;
  /** The estimate in one line of mathematics. */
  readonly formula?: string;
  readonly options: O;
  readonly claims: Claims;
  /** Why not, in a sentence, or nothing. */
  supports?(sites: readonly SiteSpec[], options: Settings): string | undefined;
  init?(start: Start): { parameters?: Named; state?: Named };
  estimate(problem: Problem<O>): Estimate;
}

/** Types the options of a definition; the value is the definition itself. */
export function estimator<const O extends OptionSpecs>(definition: Estimator<O>): Estimator {
  return definition;
}

/**
 * The contract between an estimator and the harness.
 *
 * A task provides a program. The program asks for a sample of each site and returns a cost. The estimator supplies the
 * samples and returns a surrogate whose gradient is its estimate of the gradient of the expected cost.
 *
 * Sizes: S samples, B rows of the batch, D variables of a site, K outcomes of a variable.
 * Costs are in nats for probabilistic tasks and are minimised.
 */
import type { Tensor } from "@tensorflow/tfjs";
import type { Capability, Family } from "./distributions/family.ts";

export type { Capability, Family } from "./distributions/family.ts";

export type T = Tensor;
export type Named = Record<string, T>;

/** A stochastic layer as a task declares it. `shape` is [D] for variables of rank 0 and [D, K] for those of rank 1. */
export interface SiteSpec {
  readonly name: string;
  readonly family: Family;
  readonly shape: readonly number[];
  /** The sites whose samples its logits depend on; all earlier ones by default. */
  readonly parents?: readonly string[];
  /** The outcomes of its one-hot variables stand for code vectors of this size d. */
  readonly codes?: number;
}

/** A stochastic layer during a run. `logits` is [1 or S, B, ...shape], always with the leading axis. */
export interface Site extends SiteSpec {
  readonly index: number;
  readonly logits: T;
  /** Of a site with code vectors: these [K, d], and the points [1 or S, B, D, d] from which the logits are computed. */
  readonly quantises?: { readonly points: T; readonly codebook: T };
}

/**
 * Returns the sample of a site, [S, B, ...shape]. S may be 1 where the program broadcasts. That of a site with code vectors may
 * have these beside it, [S, B, D, K + d]: the program then gets them instead of those that the sample chooses, so that
 * derivatives can pass from a code vector to its point.
 */
export type Sample = (site: Site) => T;

/** One option of an estimator or a task, used by help, validation, grids and hashes. */
export interface OptionSpec {
  readonly default: number | string | boolean;
  readonly minimum?: number;
  readonly maximum?: number;
  /** The bounds themselves are excluded. */
  readonly exclusive?: boolean;
  /** What to do in place of a value beyond the bounds, in a sentence. */
  readonly beyond?: string;
  readonly integer?: boolean;
  readonly choices?: readonly string[];
  /** For text: a regular expression that the whole value matches, and the same in words. */
  readonly form?: { readonly pattern: string; readonly words: string };
  /**
   * A number or a schedule such as `exp:1:3e-5:0.5:1000` (start, rate, floor, update every N steps). In a step it is a
   * scalar.
   */
  readonly schedule?: boolean;
  /** The task may replace the default, for instance by the temperature schedule of its paper. */
  readonly fromTask?: boolean;
  readonly doc: string;
}
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;
export type OptionValue = number | string | boolean;

/** The value of an option in a step: a scalar tensor for a schedule, one of the choices, or the plain value. */
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

/** The values of options before a run, where a schedule is still text or a number. */
export type Settings = Readonly<Record<string, OptionValue>>;

/** The result of one evaluation of the program. */
export interface Run {
  /** The cost [S, B]. */
  readonly cost: T;
  /** The sites with their samples, parents first. */
  readonly drawn: readonly { readonly site: Site; readonly x: T }[];
  /**
   * The part of the cost that the sample of this site can change, itself or through later sites [S, B]: the whole cost,
   * unless the task returns several terms.
   */
  readonly costOf: (site: SiteSpec) => T;
  /** log q of the samples, summed over sites and variables [S, B]. It is computed when it is read. */
  readonly logp: T;
  /**
   * The costs [n, D, B] of the sample with one of its D variables at a time taken from `other` [n, B, ...shape], off the
   * tape: nD evaluations. Only for one sample of one site, and where the task has a faster way than its program.
   */
  readonly singleChanges?: (other: T) => T;
}

/** Everything that an estimator sees. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- plug-ins without `estimator()` get untyped options
export interface Problem<O extends OptionSpecs = any> {
  readonly sites: readonly SiteSpec[];
  readonly rows: number;
  /** Observed inputs [B, F], for input-dependent baselines. */
  readonly features: T;
  readonly options: Values<O>;
  /** The estimator's parameters, which minimise `control`. */
  readonly parameters: Named;
  /** The estimator's state, which passes from step to step. */
  readonly state: Named;
  /**
   * Evaluates the program. It may be called several times. `factor`, a positive scalar, multiplies every gradient that reaches
   * the logits of a site: that of log q, and those of divergences in closed form, so that their proportion stays.
   */
  readonly run: (sample: Sample, factor?: T) => Run;
  /**
   * Uniforms in (0, 1) of shape [samples, B, ...shape]. Within a step the same site, tag and shape give the same tensor.
   */
  readonly uniform: (site: SiteSpec | readonly number[], samples?: number, tag?: string) => T;
  /**
   * Passes on a learning signal, which multiplies ∇log q(z), unchanged or as combinators change it: [S, B], or [S, B, ...]
   * by variable. An estimator that claims one calls this for it, with the site where each site has its own.
   */
  readonly learningSignal: (signal: T, site?: SiteSpec) => T;
}

export interface Estimate {
  /** A scalar. Its gradient is the estimate of the gradient of the expected cost, averaged over rows. */
  readonly surrogate: T;
  /** A scalar that the estimator's parameters minimise. */
  readonly control?: T;
  /** The next state. Names that are absent here keep their value. */
  readonly state?: Named;
  /** The cost of each row [B], if it is not the mean over the samples of the first run, as with weighted samples. */
  readonly cost?: T;
}

/**
 * A scalar, a mean over rows, whose gradient is the one that the estimator estimates. It gets −log w and log q of all N values
 * of the samples, [N, B] each.
 */
export type EnumeratedObjective = (cost: T, logp: T, options: Settings) => T;

/** The properties that an estimator states. The harness refuses pairs that do not fit them; `bench check` tests them. */
export interface Claims {
  /** What the families of all sites must offer beyond sampling. It uses nothing else of them. */
  readonly requires: readonly Capability[];
  readonly sites: "one" | "any";
  /** `one`: the site must have a single variable. */
  readonly variables?: "one";
  /** `direction`: unbiased up to a positive factor. */
  readonly unbiased: boolean | "direction";
  /** Whether it needs only values of the cost, or also its derivatives with respect to the sample. */
  readonly needs: "values" | "derivatives";
  /**
   * `multi-sample`: it minimises −log mean_s w_s over the samples, not the mean cost. An objective of its own is given by its
   * exact gradient. For both the cost of `run` is the whole negative log weight −log w_s, and the task must be a model, with
   * the metric `elbo`.
   */
  readonly objective?: "mean" | "multi-sample" | EnumeratedObjective;
  /**
   * The estimator's parameters that scale a control variate or a baseline. With all of them at zero there is none, and
   * fitted values must have less variance than that. `scale` stands for `scale` and every `scale/SITE`.
   */
  readonly coefficients?: readonly string[];
  /**
   * It passes its learning signal to `learningSignal`, so that combinators can centre and scale it. `joint`: the estimate is
   * one signal [S, B] for all sites times ∇log q(z), and nothing else. `per-site`: each site has its own.
   */
  readonly learningSignal?: "joint" | "per-site";
  /**
   * How it estimates one site beside others, for `mixed`. `sampler`: it answers the sampler of a single run, and its surrogate
   * is the mean cost. `enumeration`: it weighs every outcome by its probability.
   */
  readonly siteRule?: "sampler" | "enumeration";
  /** It trains on relaxed samples, so that its training cost is not the cost of the discrete model. */
  readonly relaxed?: boolean;
  /**
   * With these options its samples do not follow the distributions of these sites: `other`. Left out: always `exact`.
   */
  sampleLaw?(options: Settings, sites: readonly SiteSpec[]): "exact" | "other";
  /** Evaluations of the cost per row and step, and how many of them have a derivative. */
  evaluations(sites: readonly SiteSpec[], options: Settings): { forward: number; backward: number };
}

/** The arguments of `init`, with which an estimator creates its parameters and state. */
export interface Start {
  readonly sites: readonly SiteSpec[];
  readonly rows: number;
  /** Width of the observed inputs. */
  readonly features: number;
  readonly options: Settings;
  /** Uniforms in (0, 1), the same for the same tag. */
  readonly random: (tag: string, shape: readonly number[]) => T;
  /**
   * Mean and variance of the cost of hard samples before training, on rows and noise that no step uses. A moving average
   * that starts from them has no bias, and its first step is not as large as the cost.
   */
  readonly pilot: () => {
    readonly mean: number;
    readonly variance: number;
    /** The mean of the part of the cost that the sample of a site can change, see `Run.costOf`. */
    readonly meanOf: (site: SiteSpec) => number;
  };
}

/** An estimator of the literature, or another one here, that gives the same numbers; a test proves each. */
export interface Identity {
  readonly name: string;
  /** In which case, in words. */
  readonly when?: string;
  /** A key of core/bibliography.ts. */
  readonly paper?: string;
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as above
export interface Estimator<O extends OptionSpecs = any> {
  /** The name of the file and on the command line. */
  readonly name: string;
  readonly title: string;
  /** Other names on the command line. */
  readonly aliases?: readonly string[];
  readonly identities?: readonly Identity[];
  /** A key of core/bibliography.ts, or a citation in words. */
  readonly paper?: string;
  /** The estimate in one line of mathematics. */
  readonly formula?: string;
  readonly options: O;
  readonly claims: Claims;
  /** The reason why it does not support these sites, in a sentence; undefined if it does. */
  supports?(sites: readonly SiteSpec[], options: Settings): string | undefined;
  /** The same with what it claims for these sites, where that depends on them. */
  on?(sites: readonly SiteSpec[]): Estimator;
  init?(start: Start): { parameters?: Named; state?: Named };
  estimate(problem: Problem<O>): Estimate;
}

/** Returns the definition, with its options typed. */
export function estimator<const O extends OptionSpecs>(definition: Estimator<O>): Estimator {
  return definition;
}

/** The contract of combinators, which make an estimator of another estimator. */
import type { Claims, Estimator, OptionSpecs, Problem, Settings, Start, T } from "../estimator.ts";
import { tf } from "../core/autodiff.ts";
import { usesWeights } from "../core/multi-sample.ts";

/**
 * Wraps an estimator. The option `of` names the inner estimator, whose options are written `of.NAME`. Where `perSite` is set,
 * any other option without a dot is the name of a site, and names the estimator of that site in the same way.
 */
export interface Combinator {
  readonly name: string;
  readonly title: string;
  readonly aliases?: readonly string[];
  readonly paper?: string;
  readonly formula: string;
  /** One sentence for the help. */
  readonly doc: string;
  /** The combinator's options, `of` among them. */
  readonly options: OptionSpecs;
  readonly perSite?: true;
  /** The reason why it cannot wrap an estimator, in a sentence; undefined if it can. */
  accepts(inner: Estimator): string | undefined;
  /** The combined estimator, under the combinator's name. `named` are the estimators of single sites. */
  combine(inner: Estimator, named?: Readonly<Record<string, Estimator>>): Estimator;
}

/** An option of the harness, which applies to the parameters of any estimator and so gets no prefix. */
const hoisted = "control-rate";

/** The options of the inner estimator, out of those of the combination. `slot` is the option that names it. */
export const innerOptions = <V>(options: Readonly<Record<string, V>>, slot = "of"): Record<string, V> =>
  Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) => {
      if (name === hoisted) return [[name, value]];
      return name.startsWith(`${slot}.`) ? [[name.slice(slot.length + 1), value]] : [];
    }),
  );

/** The options of an inner estimator under their names in the combination. */
export const outerOptions = (inner: Estimator, slot = "of"): OptionSpecs =>
  Object.fromEntries(
    Object.entries(inner.options as OptionSpecs).map(([option, spec]) => [
      option === hoisted ? option : `${slot}.${option}`,
      spec,
    ]),
  );

/** The inner estimator's `supports` and `init`, called with the options of the combination. */
export const inherited = (inner: Estimator) => ({
  supports: (sites: Parameters<NonNullable<Estimator["supports"]>>[0], options: Settings) =>
    inner.supports?.(sites, innerOptions(options)),
  init: (start: Start) => inner.init?.({ ...start, options: innerOptions(start.options) }) ?? {},
});

interface Changes extends Pick<Estimator, "title" | "estimate" | "supports" | "init"> {
  readonly claims?: Partial<Claims>;
}

/**
 * The combination of a combinator with an inner estimator. It equals the inner estimator but for the changes. It has no
 * learning signal and no rule for single sites unless the changes claim one.
 */
export function combination(combinator: Combinator, inner: Estimator, changes: Changes): Estimator {
  const { name, formula, paper = inner.paper, options } = combinator;
  const { learningSignal, siteRule, ...claims } = inner.claims;
  return {
    ...inherited(inner),
    ...changes,
    name,
    formula,
    ...(paper && { paper }),
    options: { ...options, ...outerOptions(inner) },
    claims: {
      ...claims,
      evaluations: (sites, given) => claims.evaluations(sites, innerOptions(given)),
      ...(claims.sampleLaw && { sampleLaw: (given, sites) => claims.sampleLaw!(innerOptions(given), sites) }),
      ...changes.claims,
    },
  };
}

/** The inner estimate and its cost per row [B]. `problem` is the problem of the combination. */
export function estimateWith(inner: Estimator, problem: Problem) {
  let first: T | undefined;
  const estimate = inner.estimate({
    ...problem,
    options: innerOptions(problem.options as Record<string, unknown>),
    run(sample, factor) {
      const result = problem.run(sample, factor);
      first ??= result.cost;
      return result;
    },
  });
  return { ...estimate, cost: estimate.cost ?? tf.mean(first!, 0) };
}

/** Why a combinator of mean costs cannot wrap this estimator. */
export const needsMeanCost = ({ name, claims }: Estimator): string | undefined =>
  usesWeights(claims)
    ? `it wraps estimators of the mean cost; the objective of ${name} is made of log weights`
    : undefined;

/** Estimators made of estimators. */
import type { Estimator, OptionSpecs, Problem, Settings, T } from "../estimator.ts";
import { tf } from "../core/autodiff.ts";

/** Wraps any estimator that fits. Its option `of` names the inner one, whose options are given as `of.NAME`. */
export interface Combinator {
  readonly name: string;
  readonly title: string;
  readonly aliases?: readonly string[];
  readonly paper?: string;
  readonly formula?: string;
  /** What it does, in a sentence. */
  readonly doc: string;
  /** Its own, `of` among them. */
  readonly options: OptionSpecs;
  /** Why it cannot wrap this one, in a sentence, or nothing. */
  accepts(inner: Estimator): string | undefined;
  /** The estimator that results, under the combinator's name. */
  combine(inner: Estimator): Estimator;
}

const prefix = "of.";
/** The rate at which own parameters are trained is the harness's option, whoever's parameters they are. */
const hoisted = "control-rate";

/** The combinator's options and the inner's under `of.`. */
export const combinedOptions = (own: OptionSpecs, inner: Estimator): OptionSpecs => ({
  ...own,
  ...Object.fromEntries(
    Object.entries(inner.options as OptionSpecs).map(([name, spec]) => [
      name === hoisted ? name : `${prefix}${name}`,
      spec,
    ]),
  ),
});

/** The inner's options out of the combination's. */
export const innerOptions = <V>(options: Readonly<Record<string, V>>): Record<string, V> =>
  Object.fromEntries(
    Object.entries(options).flatMap(([name, value]) =>
      name.startsWith(prefix)
        ? [[name.slice(prefix.length), value]]
        : name === hoisted
          ? [[name, value]]
          : [],
    ),
  );

/** What a combination takes over from the inner estimator as it is. */
export function inherited(inner: Estimator): Required<Pick<Estimator, "supports" | "init">> {
  return {
    supports: (sites, options: Settings) => inner.supports?.(sites, innerOptions(options)),
    init: (start) => inner.init?.({ ...start, options: innerOptions(start.options) }) ?? {},
  };
}

/** The inner estimator's answer, and its cost per row [B]. `problem` as the combination sees it. */
export function estimateWith(inner: Estimator, problem: Problem) {
  let first: T | undefined;
  const estimate = inner.estimate({
    ...problem,
    options: innerOptions(problem.options as Record<string, unknown>),
    run(sample) {
      const result = problem.run(sample);
      first ??= result.cost;
      return result;
    },
  });
  return { ...estimate, cost: estimate.cost ?? tf.mean(first!, 0) };
}

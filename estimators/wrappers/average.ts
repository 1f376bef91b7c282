import { tf } from "../core/autodiff.ts";
import { type Combinator, combinedOptions, estimateWith, inherited, innerOptions } from "./wrapper.ts";
import type { Estimator, Problem, T } from "../estimator.ts";

const own = {
  of: { default: "reinforce", doc: "the estimator that is averaged; its options as of.NAME" },
  draws: { default: 4, minimum: 1, maximum: 10_000, integer: true, doc: "independent estimates per row" },
} as const;

/** The same problem with noise of its own. */
const drawn = (problem: Problem, i: number): Problem => ({
  ...problem,
  uniform: (site, samples, tag = "") => problem.uniform(site, samples, `draw ${i}/${tag}`),
});

const mean = (xs: readonly T[]): T => tf.mean(tf.stack([...xs]), 0);

/**
 * The mean of several independent estimates: g = 1/n Σ_i ĝ_i.
 *
 * As unbiased as the inner one, with 1/n of its variance; all start from the same state, whose next values are
 * averaged. The gradient of the cost itself is averaged too. Evaluations: n times the inner's.
 */
const average: Combinator = {
  name: "average",
  title: "Average of several estimates",
  doc: "the mean of n independent estimates of the inner estimator",
  formula: "g = 1/n Σ_i ĝ_i",
  options: own,
  accepts: () => undefined,
  combine: (inner): Estimator => ({
    name: "average",
    title: `Average of ${inner.title}`,
    ...(inner.paper && { paper: inner.paper }),
    formula: "g = 1/n Σ_i ĝ_i",
    options: combinedOptions(own, inner),
    claims: {
      ...inner.claims,
      evaluations(sites, options) {
        const n = Number(options["draws"]);
        const { forward, backward } = inner.claims.evaluations(sites, innerOptions(options));
        return { forward: n * forward, backward: n * backward };
      },
    },
    ...inherited(inner),
    estimate(problem) {
      const { draws } = problem.options as { draws: number };
      const all = Array.from({ length: draws }, (_, i) => estimateWith(inner, drawn(problem, i)));
      const controls = all.flatMap(({ control }) => (control ? [control] : []));
      const names = Object.keys(all[0]!.state ?? {});
      return {
        surrogate: mean(all.map(({ surrogate }) => surrogate)),
        cost: mean(all.map(({ cost }) => cost)),
        ...(controls.length > 0 && { control: mean(controls) }),
        state: Object.fromEntries(names.map((name) => [name, mean(all.map(({ state }) => state![name]!))])),
      };
    },
  }),
};
export default average;

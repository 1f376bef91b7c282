import { tf } from "../core/autodiff.ts";
import { count } from "../core/shared-definition.ts";
import type { Problem, T } from "../estimator.ts";
import { combination, type Combinator, estimateWith, innerOptions } from "./wrapper.ts";

/** The same problem with independent noise. */
const redrawn = (problem: Problem, i: number): Problem => ({
  ...problem,
  uniform: (site, samples, tag = "") => problem.uniform(site, samples, `draw ${i}/${tag}`),
});

const mean = (xs: readonly T[]): T => tf.mean(tf.stack([...xs]), 0);

/**
 * The mean of n independent estimates: g = 1/n Σ_i ĝ_i.
 *
 * It is unbiased where the inner estimator is, with 1/n of its variance. All estimates start from the same state, and
 * their next states are averaged. The gradient of the cost itself is averaged too.
 * Evaluations: n times those of the inner estimator.
 */
const average: Combinator = {
  name: "average",
  title: "Average of several estimates",
  doc: "averages n independent estimates of the inner estimator",
  formula: "g = 1/n Σ_i ĝ_i",
  options: {
    of: { default: "reinforce", doc: "inner estimator; its options are written of.NAME" },
    draws: count(4, "number n of independent estimates per row"),
  },
  accepts: () => undefined,
  combine: (inner) =>
    combination(average, inner, {
      title: `Average of ${inner.title}`,
      claims: {
        evaluations(sites, options) {
          const n = Number(options["draws"]);
          const { forward, backward } = inner.claims.evaluations(sites, innerOptions(options));
          return { forward: n * forward, backward: n * backward };
        },
      },
      estimate(problem) {
        const { draws } = problem.options as { draws: number };
        const all = Array.from({ length: draws }, (_, i) => estimateWith(inner, redrawn(problem, i)));
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

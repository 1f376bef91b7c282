import { stop, tf } from "../core/autodiff.ts";
import { count } from "../core/shared-definition.ts";
import { logProb } from "../core/toolkit.ts";
import { categorical } from "../distributions/categorical.ts";
import { lacking } from "../distributions/family.ts";
import type { Estimator, Problem, Run, Site, T } from "../estimator.ts";
import {
  combination,
  type Combinator,
  estimateWith,
  inherited,
  innerOptions,
  needsMeanCost,
} from "./wrapper.ts";

/** The summed outcomes get logits this far below the largest of the rest: e^−40 vanishes in float32. */
const depth = 40;

/** One-hot vectors of the k most probable outcomes. [1, B, 1, K] → [k, B, 1, K] */
function best({ logits, shape }: Site, k: number): T {
  const { indices } = tf.topk(stop(tf.squeeze(logits, [0, 2])), k); // [B, k]
  const hot = tf.oneHot(indices, shape.at(-1)!, 1, 0, "float32");
  return tf.expandDims(tf.transpose(hot, [1, 0, 2]), 2);
}

/** The site with the distribution of the rest: the summed outcomes are masked out of its logits. */
function rest(site: Site, k: number): Site {
  const mask = tf.sum(best(site, k), 0, true); // [1, B, 1, K]
  const floor = tf.min(site.logits);
  const others = stop(tf.add(tf.mul(tf.sub(1, mask), site.logits), tf.mul(mask, floor)));
  const low = tf.sub(tf.max(others, -1, true), depth);
  return { ...site, logits: tf.add(tf.mul(tf.sub(1, mask), site.logits), tf.mul(mask, low)) };
}

/** The share of the rest. [B] */
const shareOf = (site: Site, top: T): T =>
  tf.relu(tf.sub(1, tf.sum(tf.mul(tf.softmax(site.logits), top), [0, 2, 3])));

function notCategorical({ name, claims }: Estimator): string | undefined {
  const needed = lacking(categorical, claims.requires);
  return needed && `it wraps estimators of categorical variables; ${name} needs ${needed}`;
}

/**
 * Rao–Blackwellisation over the most probable outcomes of one variable: these are summed, and the inner estimator
 * estimates the rest.
 *
 * Estimate: ∇E f = Σ_T f ∇p − f̂ ∇P + (1 − P) ĝ, with T the top k outcomes, P their mass, ĝ the inner estimate of ∇E f
 * under the distribution of the rest, and f̂ its cost.
 * Unbiased where the inner estimator is.
 * Evaluations: those of the inner estimator + k.
 * Limit: with all outcomes but one summed it is exact, for any inner estimator.
 */
const topk: Combinator = {
  name: "topk",
  title: "Rao–Blackwellisation over the top k",
  aliases: ["rao-blackwell"],
  paper: "liu2019",
  doc: "sums over the k most probable outcomes of a variable and gives the rest to the inner estimator",
  formula: "g = Σ_{top k} f ∇p − f̂ ∇P + (1 − P) ĝ",
  options: {
    of: { default: "reinforce", doc: "inner estimator of the rest; its options are written of.NAME" },
    outcomes: count(1, "number k of the most probable outcomes, which are summed"),
  },
  accepts: (inner) => needsMeanCost(inner) ?? notCategorical(inner),
  combine: (inner) =>
    combination(topk, inner, {
      title: `${inner.title}, top k summed`,
      claims: {
        requires: [...new Set([...inner.claims.requires, "one-hot" as const])],
        sites: "one",
        variables: "one",
        evaluations(sites, options) {
          const { forward, backward } = inner.claims.evaluations(sites, innerOptions(options));
          return { forward: forward + Number(options["outcomes"]), backward };
        },
      },
      supports(sites, options) {
        const [{ name, shape }] = sites as [Site];
        const k = Number(options["outcomes"]);
        if (shape.at(-1)! <= k)
          return `outcomes must be below the number of outcomes of layer "${name}", ${shape.at(-1)}, got ${k}`;
        return inherited(inner).supports(sites, options);
      },
      estimate(problem) {
        const k = (problem.options as { outcomes: number }).outcomes;
        let met: Site | undefined;
        let factor: T | undefined;
        /** The program as the inner estimator sees it: logits of the rest, and the cost times the share of the rest. */
        const run: Problem["run"] = (sample, ofInner): Run => {
          factor = ofInner;
          let site: Site;
          const whole = problem.run((asked) => {
            met ??= asked;
            site = rest(asked, k);
            return sample(site);
          }, factor);
          const drawn = whole.drawn.map(({ x }) => ({ site, x }));
          const share = stop(shareOf(met!, best(met!, k)));
          const cost = tf.mul(whole.cost, share);
          return {
            cost,
            costOf: () => cost,
            drawn,
            get logp() {
              return logProb(drawn);
            },
          };
        };
        const estimate = estimateWith(inner, { ...problem, run });
        const top = best(met!, k);
        const p = tf.sum(tf.mul(tf.softmax(met!.logits), top), [2, 3]); // [k, B]
        const { cost } = problem.run(() => top, factor); // [k, B]
        const share = stop(shareOf(met!, top));
        const left = stop(tf.div(estimate.cost, tf.maximum(share, 1e-30))); // f̂ [B]
        const summed = tf.sum(tf.mul(p, cost), 0);
        const outside = tf.mul(tf.sum(p, 0), left);
        return {
          ...estimate,
          surrogate: tf.add(estimate.surrogate, tf.mean(tf.sub(summed, outside))),
          cost: tf.add(summed, estimate.cost),
        };
      },
    }),
};
export default topk;

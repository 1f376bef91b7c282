import { stop, tf } from "../core/autodiff.ts";
import { type Combinator, combinedOptions, estimateWith, inherited, innerOptions } from "./wrapper.ts";
import type { Estimator, Problem, Run, Site, T } from "../estimator.ts";
import { logProb } from "../core/toolkit.ts";

const own = {
  of: { default: "reinforce", doc: "the estimator used on what is left; its options as of.NAME" },
  outcomes: {
    default: 1,
    minimum: 1,
    maximum: 10_000,
    integer: true,
    doc: "k: the most probable outcomes, which are summed",
  },
} as const;

/** How far below the best of the rest the summed outcomes are put: e^−40 is nothing in float32. */
const depth = 40;

/** One-hot vectors of the k most probable outcomes. [1, B, 1, K] → [k, B, 1, K] */
function best({ logits, shape }: Site, k: number): T {
  const { indices } = tf.topk(stop(tf.squeeze(logits, [0, 2])), k); // [B, k]
  const hot = tf.oneHot(indices, shape.at(-1)!, 1, 0, "float32");
  return tf.expandDims(tf.transpose(hot, [1, 0, 2]), 2);
}

/** The site with the summed outcomes masked out of its logits: the distribution of the rest. */
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

/**
 * Rao–Blackwellisation over the most probable outcomes of one variable: they are summed, the inner estimator sees the
 * rest.
 *
 * With T the top k, P their mass, q the distribution of the rest: ∇E f = Σ_T f ∇p − f̂ ∇P + (1 − P) ĝ, ĝ the inner estimate of
 * ∇E_q f and f̂ its cost. As unbiased as the inner one. Evaluations: the inner's + k. With all outcomes but one summed
 * and any inner estimator it is exact.
 */
const topk: Combinator = {
  name: "topk",
  title: "Rao–Blackwellisation over the top k",
  aliases: ["rao-blackwell"],
  paper: "liu2019",
  doc: "sums over the k most probable outcomes of a variable and gives the rest to the inner estimator",
  formula: "g = Σ_{top k} f ∇p − f̂ ∇P + (1 − P) ĝ",
  options: own,
  accepts({ name, claims }) {
    if (claims.objective === "multi-sample")
      return `it must wrap an estimator of the mean cost, got ${name}, whose objective is a multi-sample bound`;
    return claims.families.includes("categorical")
      ? undefined
      : `it must wrap an estimator of categorical variables, got ${name}, of ${claims.families.join(" and ")} ones`;
  },
  combine: (inner): Estimator => ({
    name: "topk",
    title: `${inner.title}, top k summed`,
    paper: "liu2019",
    formula: "g = Σ_{top k} f ∇p − f̂ ∇P + (1 − P) ĝ",
    options: combinedOptions(own, inner),
    claims: {
      ...inner.claims,
      families: ["categorical"],
      sites: "one",
      variables: "one",
      evaluations(sites, options) {
        const { forward, backward } = inner.claims.evaluations(sites, innerOptions(options));
        return { forward: forward + Number(options["outcomes"]), backward };
      },
    },
    ...inherited(inner),
    supports(sites, options) {
      const [{ name, shape }] = sites as [Site];
      if (shape.at(-1)! <= Number(options["outcomes"]))
        return `layer "${name}" must have more outcomes than the ${Number(options["outcomes"])} summed, got ${shape.at(-1)}`;
      return inherited(inner).supports(sites, options);
    },
    estimate(problem) {
      const k = (problem.options as { outcomes: number }).outcomes;
      let met: Site | undefined;
      /** The program as the inner estimator plays it: the rest's logits, the cost times the rest's share. */
      const run: Problem["run"] = (sample): Run => {
        let site: Site;
        const played = problem.run((whole) => {
          met ??= whole;
          site = rest(whole, k);
          return sample(site);
        });
        const drawn = played.drawn.map(({ x }) => ({ site, x }));
        const share = stop(shareOf(met!, best(met!, k)));
        return {
          cost: tf.mul(played.cost, share),
          drawn,
          get logp() {
            return logProb(drawn);
          },
        };
      };
      const estimate = estimateWith(inner, { ...problem, run });
      const top = best(met!, k);
      const p = tf.sum(tf.mul(tf.softmax(met!.logits), top), [2, 3]); // [k, B]
      const { cost } = problem.run(() => top); // [k, B]
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

import { tf } from "./core/autodiff.ts";
import { antitheticBits, balanced, nodeLogits, outcomeOf, sticks, type Tree } from "./core/binary-tree.ts";
import { alternatives } from "./core/replay.ts";
import { carry, lift } from "./core/toolkit.ts";
import { estimator, type Site, type T } from "./estimator.ts";

/** The number of nodes on which the tree's graph grows. */
const most = 64;

/** The antithetic bits of a site's nodes, 1[u > 1 − σ(α)] and 1[u < σ(α)], and where they lead. */
function pairOf(tree: Tree, { logits }: Site, uniform: T) {
  const alpha = nodeLogits(tree, logits);
  const [b, other] = antitheticBits(alpha, uniform);
  return { alpha, b, other, ends: outcomeOf(tree, b), otherEnds: outcomeOf(tree, other) };
}

/** The gradient by the nodes' logits. [1, B, D, K − 1] */
function coupled({ alpha, b, other, ends, otherEnds }: ReturnType<typeof pairOf>, gain: T): T {
  const p = tf.sigmoid(alpha);
  const [here, there] = [ends.reached, otherEnds.reached];
  const both = tf.mul(tf.mul(here, there), tf.mul(tf.sub(b, other), tf.sigmoid(tf.abs(alpha))));
  const alone = tf.mul(tf.mul(here, tf.sub(1, there)), tf.sub(b, p));
  const otherAlone = tf.mul(tf.mul(there, tf.sub(1, here)), tf.sub(other, p));
  return tf.mul(lift(gain, alpha), tf.add(both, tf.sub(alone, otherAlone)));
}

/**
 * DisARM for categories (DisARM-SB, DisARM-Tree): outcomes are made of K − 1 bits, and the bits have antithetic copies.
 *
 * Estimate, by the logits α of a tree's bits: where both copies reach node i, ½(f − f̃)(b_i − b̃_i)σ(|α_i|) as in disarm; where
 * only the first does, ½(f − f̃)(b_i − σ(α_i)), where only the second, ½(f̃ − f)(b̃_i − σ(α_i)); else 0. α(φ) is the log of the
 * sums of e^φ on both sides, and g = (∂α/∂φ)ᵀ of this, [1, B, D, K]. `tree=sticks` is stick-breaking, bit k choosing outcome k or
 * a later one; `tree=balanced` halves the outcomes.
 * Unbiased: a bit that only one copy reaches is independent of the other copy's cost, which is a baseline.
 * Several layers: one layer at a time is antithetic, and the layers below repeat their noise.
 * Evaluations: 1 + the number of layers.
 * Limit: with two outcomes it is disarm.
 */
export default estimator({
  name: "disarm-tree",
  title: "DisARM for categories (SB, Tree)",
  aliases: ["disarm-sb"],
  paper: "dong2021",
  formula: "g = (∂α/∂φ)ᵀ ½ (f − f̃) (b − b̃) σ(|α|) where both reach the node",
  options: {
    tree: {
      default: "sticks",
      choices: ["sticks", "balanced"],
      doc: "how bits make an outcome: stick-breaking (DisARM-SB), or a balanced tree (DisARM-Tree)",
    },
  },
  claims: {
    requires: ["one-hot"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (sites) => ({ forward: 1 + sites.length, backward: 0 }),
  },
  supports: (sites) => {
    const wide = sites.find(({ shape }) => shape.at(-1)! > most);
    return wide && `it makes a bit of every outcome, for at most ${most} outcomes; layer "${wide.name}" has ${wide.shape.at(-1)}`; // prettier-ignore
  },
  estimate(problem) {
    const { run, uniform, options } = problem;
    const pair = (site: Site) => {
      const [D, K] = site.shape as [number, number];
      const tree = options.tree === "sticks" ? sticks(K) : balanced(0, K);
      return pairOf(tree, site, uniform([D, K - 1], 1, site.name));
    };
    const replay = (site: Site) => pair(site).ends.x;
    const { cost, drawn } = run(replay);
    const pairs = drawn.map(({ site }) => pair(site));
    const changes = drawn.map(({ site }, i) => ({ site, x: pairs[i]!.otherEnds.x }));
    const costs = alternatives(problem, replay, changes);
    const given = drawn.map(({ site }, i) => {
      const gain = tf.mul(0.5, tf.sub(cost, costs[i]!));
      return { site: { ...site, logits: pairs[i]!.alpha }, gradient: coupled(pairs[i]!, gain) };
    });
    return { surrogate: carry(cost, given) };
  },
});

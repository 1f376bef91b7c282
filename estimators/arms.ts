import { antithetic } from "./core/antithetic.ts";
import { stop, tf } from "./core/autodiff.ts";
import { estimator, type Site, type T } from "./estimator.ts";
import { carry, hard, lift } from "./core/toolkit.ts";

/** Antithetic bits: 1[u′ < p], or the inverted copula where p > ½, since it is lower tails that repel. */
function repelled({ logits }: Site, uniform: T): T {
  const u = antithetic(uniform);
  const likely = tf.step(stop(logits));
  const p = tf.sigmoid(tf.neg(tf.abs(stop(logits)))); // the smaller of p and 1 − p
  const rarer = tf.step(tf.sub(p, u)); // 1 where the rarer outcome is drawn
  return tf.add(rarer, tf.mul(likely, tf.sub(1, tf.mul(2, rarer))));
}

/**
 * 1/(1 − ρ), ρ the correlation of two bits of one variable: max(p, q)/(1 − C(m, m)/m) with m = min(p, q) and
 * C(m, m)/m = max(0, 2 − m^{−1/(S−1)})^{S−1}.
 */
function debiased(logits: T, S: number): T {
  const size = tf.abs(logits);
  const root = tf.exp(tf.div(tf.softplus(size), S - 1)); // m^{−1/(S−1)}
  const ratio = tf.pow(tf.relu(tf.sub(2, root)), S - 1);
  return tf.div(tf.sigmoid(size), tf.sub(1, ratio));
}

/**
 * ARMS: leave-one-out REINFORCE with S antithetic samples.
 *
 * g = 1/(S − 1) Σ_s (f_s − f̄) (b_s − p)/(1 − ρ), each variable's bits coupled by the Dirichlet copula with correlation
 * ρ ≤ 0. Unbiased: E[b_s − p | b_j] = ρ(b_j − p), so that the leave-one-out baseline takes the share ρ of the gradient,
 * which 1/(1 − ρ) makes good. A layer whose logits depend on samples draws independently, with ρ = 0: its samples
 * have no common p to couple. Evaluations: S. At S = 2 it is disarm.
 */
export default estimator({
  name: "arms",
  title: "ARMS",
  paper: "dimitriev2021arms",
  formula: "g = 1/(S−1) Σ_s (f_s − f̄) (b_s − p) / (1 − ρ)",
  options: {
    samples: { default: 4, minimum: 2, maximum: 10_000, integer: true, doc: "antithetic samples per row" },
  },
  claims: {
    families: ["bernoulli"],
    sites: "any",
    unbiased: true,
    needs: "values",
    evaluations: (_sites, { samples }) => ({ forward: Number(samples), backward: 0 }),
  },
  estimate({ run, uniform, options: { samples } }) {
    const shared = ({ logits }: Site) => logits.shape[0] === 1;
    const { cost, drawn } = run((site) =>
      shared(site) ? repelled(site, uniform(site, samples)) : hard(site, uniform(site, samples)),
    );
    const advantage = tf.mul(tf.sub(cost, tf.mean(cost, 0, true)), samples / (samples - 1));
    const given = drawn.map(({ site, x }) => {
      const score = tf.sub(x, tf.sigmoid(site.logits));
      const weighted = shared(site) ? tf.mul(score, debiased(site.logits, samples)) : score;
      return { site, gradient: tf.mul(lift(advantage, x), weighted) };
    });
    return { surrogate: carry(cost, given) };
  },
});

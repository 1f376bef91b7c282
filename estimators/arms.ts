import { antithetic } from "./core/antithetic.ts";
import { stop, tf } from "./core/autodiff.ts";
import { leaveOneOut } from "./core/leave-one-out.ts";
import { perSample, severalSamples } from "./core/shared-definition.ts";
import { carry, hard, lift } from "./core/toolkit.ts";
import { estimator, type Site, type T } from "./estimator.ts";

/**
 * Antithetic bits. They are 1[u′ < p] where p ≤ ½. Where p > ½ the copula is inverted, because its uniforms repel each
 * other in the lower tail.
 */
function repelled({ logits }: Site, uniform: T): T {
  const u = antithetic(uniform);
  const likely = tf.step(stop(logits));
  const p = tf.sigmoid(tf.neg(tf.abs(stop(logits)))); // the smaller of p and 1 − p
  const rarer = tf.step(tf.sub(p, u)); // 1 where the rarer outcome is drawn
  return tf.add(rarer, tf.mul(likely, tf.sub(1, tf.mul(2, rarer))));
}

/**
 * 1/(1 − ρ), where ρ is the correlation of two bits of one variable. With m = min(p, q) it is max(p, q)/(1 − C(m, m)/m)
 * and C(m, m)/m = max(0, 2 − m^{−1/(S−1)})^{S−1}.
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
 * Estimate: g = 1/(S − 1) Σ_s (f_s − f̄) (b_s − p)/(1 − ρ). The Dirichlet copula couples the bits of each variable, and
 * ρ ≤ 0 is their correlation.
 * Unbiased: E[b_s − p | b_j] = ρ(b_j − p), so the leave-one-out baseline removes the share ρ of the gradient. The factor
 * 1/(1 − ρ) restores it.
 * Several layers: a layer whose logits depend on samples draws independently with ρ = 0, because its samples share no p.
 * Evaluations: S.
 * Limit: at S = 2 it is disarm.
 */
export default estimator({
  name: "arms",
  title: "ARMS",
  paper: "dimitriev2021arms",
  formula: "g = 1/(S−1) Σ_s (f_s − f̄) (b_s − p) / (1 − ρ)",
  options: { samples: { ...severalSamples, doc: "antithetic samples per row" } },
  claims: { ...perSample, requires: ["bits"], unbiased: true },
  estimate({ run, uniform, options: { samples } }) {
    const shared = ({ logits }: Site) => logits.shape[0] === 1;
    const { cost, drawn } = run((site) =>
      shared(site) ? repelled(site, uniform(site, samples)) : hard(site, uniform(site, samples)),
    );
    const advantage = leaveOneOut(cost);
    const given = drawn.map(({ site, x }) => {
      const score = tf.sub(x, tf.sigmoid(site.logits));
      const weighted = shared(site) ? tf.mul(score, debiased(site.logits, samples)) : score;
      return { site, gradient: tf.mul(lift(advantage, x), weighted) };
    });
    return { surrogate: carry(cost, given) };
  },
});

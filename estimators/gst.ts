import { stop, straightThrough, tf } from "./core/autodiff.ts";
import { pathwise, samples, temperature } from "./core/shared-definition.ts";
import { hard } from "./core/toolkit.ts";
import { estimator, type Site, type T } from "./estimator.ts";

/**
 * −log(1 − π_D)/π_D, which is 1 where π_D = 0. Below π_D = .01 it is a series, because the quotient loses digits there.
 */
function adaptiveGap({ family, logits }: Site, x: T): T {
  const p = family.mean(logits);
  const one = family.rank === 0 ? tf.abs(tf.sub(tf.sub(1, x), p)) : tf.sum(tf.mul(x, p), -1, true);
  const rest =
    family.rank === 0
      ? tf.sigmoid(tf.mul(logits, tf.sub(1, tf.mul(2, x))))
      : tf.sum(tf.mul(tf.sub(1, x), p), -1, true);
  const series = tf.add(1, tf.mul(one, tf.add(1 / 2, tf.div(one, 3))));
  const quotient = tf.div(tf.neg(tf.log(tf.maximum(rest, 1e-37))), tf.maximum(one, 1e-37));
  return tf.where(tf.less(one, 1e-2), series, quotient);
}

/** Logits moved until the sample x leads by at least the gap. [S, B, ...] */
function gapped({ family, logits }: Site, x: T, gap: T | number): T {
  if (family.rank === 0) {
    const sign = tf.sub(tf.mul(2, x), 1);
    return tf.mul(sign, tf.maximum(tf.mul(sign, logits), gap));
  }
  const top = tf.max(logits, -1, true);
  return tf.add(tf.mul(x, top), tf.mul(tf.sub(1, x), tf.minimum(logits, tf.sub(top, gap))));
}

/**
 * Gapped straight-through: st at logits that are moved, without noise, until they agree with the sample.
 *
 * Estimate: g = f′(D)ᵀ d softmax(φ̃/τ)/dφ with φ̃ = φ + m₁ − m₂ and both moves held fixed. m₁ lifts the drawn outcome
 * to max φ. m₂ lowers every other outcome to at most max φ − gap. For Bernoulli φ̃ = ±max(±φ, gap), with + where z = 1.
 * The gap is 1, or −log(1 − π_D)/π_D with `adaptive`.
 * Biased.
 * Evaluations: S, each with its derivative.
 * Limit: where the drawn outcome already leads by the gap it is st at temperature τ.
 */
export default estimator({
  name: "gst",
  title: "Gapped straight-through",
  aliases: ["gapped-straight-through", "gapped-st"],
  paper: "fan2022",
  formula: "g = f′(D)ᵀ d softmax(φ̃/τ)/dφ,  φ̃ = φ + m₁ − m₂",
  options: {
    samples,
    temperature: temperature("temperature τ of the backward pass"),
    gap: { default: 1, minimum: 0, doc: "logits by which the drawn outcome leads" },
    adaptive: { default: false, doc: "use the gap −log(1 − π_D)/π_D instead" },
  },
  claims: { ...pathwise, requires: ["mean", "softmax", "relaxation"], unbiased: false },
  estimate({ run, uniform, options: { samples, temperature, gap, adaptive } }) {
    const { cost } = run((site) => {
      const x = hard(site, uniform(site, samples));
      const held = { ...site, logits: stop(site.logits) };
      const moved = gapped(held, x, adaptive ? adaptiveGap(held, x) : gap);
      return straightThrough(x, site.family.soften(straightThrough(stop(moved), site.logits), temperature));
    });
    return { surrogate: tf.mean(cost) };
  },
});

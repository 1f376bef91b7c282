import { tf } from "./core/autodiff.ts";
import { chainedSlopes } from "./core/chained-slopes.ts";
import { perSampleWithDerivative, samples } from "./core/shared-definition.ts";
import { carry, hard } from "./core/toolkit.ts";
import { estimator, type T } from "./estimator.ts";

/** The nearest point of the simplex: max(v − t, 0) with t = max_k (v_(1) + … + v_(k) − 1)/k. [..., K] */
function toSimplex(v: T): T {
  const K = v.shape.at(-1)!;
  const sorted = tf.reshape(tf.topk(v, K).values, [-1, K]);
  const upTo = tf.linalg.bandPart(tf.ones([K, K]), 0, -1); // 1 where the row is at most the column
  const sums = tf.matMul(sorted, upTo);
  const threshold = tf.max(tf.div(tf.sub(sums, 1), tf.range(1, K + 1)), -1, true);
  return tf.relu(tf.sub(v, tf.reshape(threshold, [...v.shape.slice(0, -1), 1])));
}

/**
 * SPIGOT: the sample less the projection of a gradient step from it.
 *
 * Estimate: g = D − P(D − ηf′(D)), with P the projection onto the simplex, for bits onto [0, 1]. g is [S, B, ...shape].
 * Biased. A step that leaves the simplex at D is projected away: of a bit with z = 1 only f′ > 0 counts.
 * Evaluations: S, each with its derivative.
 * Limit: with two outcomes it is that of a bit at half η.
 */
export default estimator({
  name: "spigot",
  title: "SPIGOT (projected gradients)",
  aliases: ["structured-projection-of-intermediate-gradients"],
  paper: "peng2018",
  formula: "g = D − P(D − ηf′(D)),  P the projection onto the simplex",
  options: {
    samples,
    step: { default: 1, minimum: 0, exclusive: true, doc: "size η of the step that is projected" },
  },
  claims: { ...perSampleWithDerivative, requires: ["softmax"], unbiased: false },
  estimate({ run, uniform, options: { samples, step } }) {
    const result = run((site) => hard(site, uniform(site, samples)));
    const given = chainedSlopes(result, ({ family }, x, slope) => {
      const stepped = tf.sub(x, tf.mul(step, slope));
      return tf.sub(x, family.rank === 0 ? tf.minimum(tf.relu(stepped), 1) : toSimplex(stepped));
    });
    return { surrogate: carry(result.cost, given) };
  },
});

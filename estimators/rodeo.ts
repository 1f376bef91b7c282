import { gradients, stop, tf } from "./core/autodiff.ts";
import { secondMoment } from "./core/relaxed-control-variate.ts";
import { glorotUniform } from "./core/glorot.ts";
import { othersMean } from "./core/leave-one-out.ts";
import { controlRate, count, perSampleWithDerivative, severalSamples } from "./core/shared-definition.ts";
import { carry, hard, lift } from "./core/toolkit.ts";
import { estimator, type Named, type Site, type T } from "./estimator.ts";

/** The mean over the first axis without its diagonal. [S, S, ...] → [S, ...] */
function offDiagonalMean(x: T): T {
  const S = x.shape[0];
  const off = tf.reshape(tf.sub(1, tf.eye(S)), [S, S, ...x.shape.slice(2).map(() => 1)]);
  return tf.div(tf.sum(tf.mul(x, off), 0), S - 1);
}

/**
 * h(y): one hidden layer of leaky units. Its inputs are a linear forecast of the change of the cost and the cost before
 * the change. It has two outputs, for the baseline and for the estimate. change [S, S, B, n], start
 * [S, 1, B, 1] → [S, S, B, n] each
 */
function forecast(parameters: Named, change: T, start: T): [T, T] {
  const flat = (x: T) => tf.reshape(x, [-1, 1]);
  const inputs = [change, tf.add(start, tf.zerosLike(change)), tf.onesLike(change)].map(flat);
  const first = tf.stack(["change", "start", "bias"].map((name) => parameters[name]!)); // [3, H]
  const hidden = tf.matMul(tf.concat(inputs, 1), first);
  const leaky = tf.sub(tf.relu(hidden), tf.mul(0.3, tf.relu(tf.neg(hidden))));
  return ["baseline", "estimate"].map((name) => {
    const output = tf.matMul(leaky, tf.expandDims(parameters[name]!, -1));
    return tf.reshape(output, change.shape);
  }) as [T, T];
}

interface Stein {
  /** (A h)(x) of the baseline's h [S, B]. */
  readonly baseline: T;
  /** (A h ∇log q)(x) of the estimate's h [S, B, D]. */
  readonly estimate: T;
}

/**
 * The Gibbs–Stein operator of one site, (A h)(x) = 1/D Σ_i q(flip_i | x_−i) [h(x^{flip i}) − h(x)]. Its mean under q is
 * 0 for every h.
 *
 * h(x_s) is the mean of `forecast` over the first-order expansions at the other samples j. An expansion predicts the cost
 * at x_s and at its neighbours without evaluating it.
 */
function stein(parameters: Named, site: Site, x: T, slope: T, cost: T): Stein {
  const D = site.shape.at(-1)!;
  const p = stop(tf.sigmoid(site.logits));
  const flip = tf.add(tf.mul(p, tf.sub(1, x)), tf.mul(tf.sub(1, p), x)); // q of the other outcome [S, B, D]
  const turn = tf.sub(1, tf.mul(2, x));
  const [from, to] = [tf.expandDims(slope, 1), tf.expandDims(x, 0)];
  const here = tf.sum(tf.mul(from, tf.sub(to, tf.expandDims(x, 1))), -1, true); // ∇f_jᵀ(x_s − x_j) [j, s, B, 1]
  const there = tf.add(here, tf.mul(from, tf.expandDims(turn, 0))); // at the neighbours [j, s, B, D]
  const start = tf.expandDims(tf.expandDims(cost, 1), -1); // f_j
  const [stay, move] = [here, there].map((change) =>
    forecast(parameters, change, start).map(offDiagonalMean),
  ) as [[T, T], [T, T]];
  const jump = (k: 0 | 1) => tf.mul(flip, tf.sub(move[k], stay[k])); // [S, B, D]
  const score = tf.sub(x, p);
  // The score of a neighbour differs from that of x only in the flipped coordinate.
  const vector = tf.add(tf.mul(score, tf.sum(jump(1), -1, true)), tf.mul(tf.mul(flip, move[1]), turn));
  return { baseline: tf.div(tf.sum(jump(0), -1), D), estimate: tf.div(vector, D) };
}

/**
 * RODEO: leave-one-out REINFORCE with control variates from a discrete Stein operator.
 *
 * Estimate: g = 1/S Σ_s [(f_s − mean_{j≠s}(f_j + α(A h_j)(x_j))) ∇log q(x_s) + β (A h̃_s)(x_s)], with A the Gibbs–Stein
 * operator (Ah)(x) = 1/D Σ_i q(flip_i | x_−i) [h(x^{flip i}) − h(x)], h a small network on the first-order expansions
 * at the other samples, and h̃ such a network times ∇log q. α and β start at 0. They and the network minimise the
 * second moment of g.
 * Unbiased: E_q[Ah] = 0 for every h that does not depend on the sample itself.
 * Several layers: each has its own operator.
 * Evaluations: S, each with its derivative.
 * Limit: at α = β = 0 it is rloo.
 */
export default estimator({
  name: "rodeo",
  title: "RODEO",
  paper: "shi2022",
  formula: "g = 1/S Σ_s [(f_s − mean_{j≠s}(f_j + α(A h_j)(x_j))) ∇log q(x_s) + β(A h̃_s)(x_s)]",
  options: {
    samples: severalSamples,
    hidden: count(10, "units of the network h"),
    "control-rate": controlRate("α, β and h"),
  },
  claims: {
    ...perSampleWithDerivative,
    requires: ["bits"],
    unbiased: true,
    coefficients: ["alpha", "beta"],
  },
  init({ options, random }) {
    const hidden = Number(options["hidden"]);
    const weights = ["change", "start", "baseline", "estimate"].map(
      (name) => [name, glorotUniform(random(name, [hidden]), 1, hidden)] as const,
    );
    return {
      parameters: {
        ...Object.fromEntries(weights),
        bias: tf.zeros([hidden]),
        alpha: tf.scalar(0),
        beta: tf.scalar(0),
      },
    };
  },
  estimate({ run, uniform, parameters, options: { samples } }) {
    const { cost, drawn } = run((site) => hard(site, uniform(site, samples)));
    const f = stop(cost);
    const xs = drawn.map(({ x }) => x);
    const slopes = gradients(cost, xs);
    const controls = drawn.map(({ site, x }, i) => stein(parameters, site, x, stop(slopes[i]!), f));
    const signal = controls.reduce<T>(
      (sum, { baseline }) => tf.add(sum, tf.mul(parameters["alpha"]!, baseline)),
      f,
    );
    const advantage = tf.sub(f, othersMean(signal));
    const given = drawn.map(({ site, x }, i) => {
      const score = tf.sub(x, stop(tf.sigmoid(site.logits)));
      const correction = tf.mul(parameters["beta"]!, controls[i]!.estimate);
      return { site, gradient: tf.add(tf.mul(lift(advantage, x), score), correction) };
    });
    return { surrogate: carry(cost, given), control: secondMoment(given) };
  },
});

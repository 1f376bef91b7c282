import type { Tensor2D } from "@tensorflow/tfjs";
import { gradients, stop, tf } from "./core/autodiff.ts";
import { estimator, type Named, type Site, type T } from "./estimator.ts";
import { secondMoment } from "./core/second-moment.ts";
import { carry, hard, lift } from "./core/toolkit.ts";

/** The mean over the first axis without its diagonal. [S, S, ...] → [S, ...] */
function offDiagonalMean(x: T): T {
  const S = x.shape[0];
  const off = tf.reshape(tf.sub(1, tf.eye(S)), [S, S, ...x.shape.slice(2).map(() => 1)]);
  return tf.div(tf.sum(tf.mul(x, off), 0), S - 1);
}

/**
 * h(y), one hidden layer of leaky units on a linear forecast of the cost's change and the cost it starts from; two
 * outputs, for the baseline and for the estimate. change [S, S, B, n], start [S, 1, B, 1] → [S, S, B, n] each
 */
function forecast(parameters: Named, change: T, start: T): [T, T] {
  const flat = (x: T) => tf.reshape(x, [-1, 1]);
  const inputs = [change, tf.add(start, tf.zerosLike(change)), tf.onesLike(change)].map(flat);
  const first = tf.stack(["change", "start", "bias"].map((name) => parameters[name]!)); // [3, H]
  const hidden = tf.matMul(tf.concat(inputs, 1), first);
  const leaky = tf.sub(tf.relu(hidden), tf.mul(0.3, tf.relu(tf.neg(hidden))));
  return ["baseline", "estimate"].map((name) => {
    const output = tf.matMul(leaky, tf.expandDims<Tensor2D>(parameters[name]!, -1));
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
 * The Gibbs–Stein operator of one site, (A h)(x) = 1/D Σ_i q(flip_i | x_−i) [h(x^{flip i}) − h(x)], whose mean under q is 0
 * for every h. h(x_s) is the mean over the other samples j of `forecast` from their first-order expansion, which knows the
 * cost at x_s and at its neighbours without evaluating it.
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
  // The score of a neighbour differs from that of x in the flipped coordinate alone.
  const vector = tf.add(tf.mul(score, tf.sum(jump(1), -1, true)), tf.mul(tf.mul(flip, move[1]), turn));
  return { baseline: tf.div(tf.sum(jump(0), -1), D), estimate: tf.div(vector, D) };
}

/**
 * RODEO: leave-one-out REINFORCE with control variates from a discrete Stein operator.
 *
 * g = 1/S Σ_s [(f_s − mean_{j≠s}(f_j + α(A h_j)(x_j))) ∇log q(x_s) + β (A h̃_s)(x_s)], A the Gibbs–Stein operator,
 * (Ah)(x) = 1/D Σ_i q(flip_i | x_−i) [h(x^{flip i}) − h(x)], h a small net on the other samples' first-order expansions, h̃ such
 * a net times ∇log q. Unbiased: E_q[Ah] = 0 for every h that does not know the sample itself. α, β start at 0, where
 * this is rloo; they and the net descend the second moment of g. With several layers, an operator each.
 * Evaluations: S, with derivatives.
 */
export default estimator({
  name: "rodeo",
  title: "RODEO",
  paper: "shi2022",
  formula: "g = 1/S Σ_s [(f_s − mean_{j≠s}(f_j + α(A h_j)(x_j))) ∇log q(x_s) + β(A h̃_s)(x_s)]",
  options: {
    samples: { default: 4, minimum: 2, maximum: 10_000, integer: true, doc: "samples per row" },
    hidden: { default: 10, minimum: 1, maximum: 10_000, integer: true, doc: "units of the net h" },
    "control-rate": {
      default: 10,
      minimum: 0,
      doc: "learning rate of α, β and the net, in units of the task's, up to .03",
    },
  },
  claims: {
    families: ["bernoulli"],
    sites: "any",
    unbiased: true,
    needs: "derivatives",
    coefficients: ["alpha", "beta"],
    evaluations: (_sites, { samples }) => ({ forward: Number(samples), backward: Number(samples) }),
  },
  init({ options, random }) {
    const hidden = Number(options["hidden"]);
    const glorot = (tag: string) =>
      tf.mul(tf.sub(random(tag, [hidden]), 0.5), 2 * Math.sqrt(6 / (1 + hidden)));
    const weights = ["change", "start", "baseline", "estimate"].map((name) => [name, glorot(name)] as const);
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
    const slopes = gradients(
      cost,
      drawn.map(({ x }) => x),
    );
    const controls = drawn.map(({ site, x }, i) => stein(parameters, site, x, stop(slopes[i]!), f));
    const signal = controls.reduce<T>(
      (sum, { baseline }) => tf.add(sum, tf.mul(parameters["alpha"]!, baseline)),
      f,
    );
    const others = tf.div(tf.sub(tf.sum(signal, 0, true), signal), samples - 1);
    const advantage = tf.sub(f, others);
    const given = drawn.map(({ site, x }, i) => {
      const score = tf.sub(x, stop(tf.sigmoid(site.logits)));
      const correction = tf.mul(parameters["beta"]!, controls[i]!.estimate);
      return { site, gradient: tf.add(tf.mul(lift(advantage, x), score), correction) };
    });
    return { surrogate: carry(cost, given), control: secondMoment(given) };
  },
});

import type { Tensor } from "@tensorflow/tfjs";
import { stop, tf } from "../core/autodiff.ts";
import { part } from "../core/slicing.ts";
import { categorical } from "./categorical.ts";
import { defineFamily, type Family } from "./family.ts";

/** In place of log 0. Sums of two and differences of two stay finite. */
const none = -1e30;
/** The smallest 1 − y whose logarithm is taken. */
const smallest = 1e-30;

/** log(e^a + e^b) */
function logAddExp(a: Tensor, b: Tensor): Tensor {
  const top = stop(tf.maximum(a, b));
  return tf.add(tf.log(tf.add(tf.exp(tf.sub(a, top)), tf.exp(tf.sub(b, top)))), top);
}

/** `fill` where j is out of range. [..., k + 1] → x[j + by] */
function shifted(x: Tensor, by: 1 | -1, fill: number): Tensor {
  const [axis, size] = [x.rank - 1, x.shape.at(-1)! - 1];
  const end = tf.fill([...x.shape.slice(0, -1), 1], fill);
  const kept = part(x, axis, by === 1 ? 1 : 0, size);
  return tf.concat(by === 1 ? [kept, end] : [end, kept], axis);
}

/** 0 at j and `otherwise` elsewhere, for each of the elements [..., 1]. [..., k + 1] */
const startAt = (element: Tensor, k: number, j: number, [there, otherwise]: readonly [number, number]) =>
  tf.add(
    tf.zerosLike(element),
    tf.tensor1d(Array.from({ length: k + 1 }, (_, i) => (i === j ? there : otherwise))),
  );

const elementsOf = (x: Tensor): Tensor[] => tf.split(x, x.shape.at(-1)!, -1);

/**
 * log Σ exp zᵀφ over the choices of k − j among the elements after i, for i = 0 … n and j = 0 … k. [..., k + 1] each; the first
 * at j = 0 is log Z.
 */
function tablesAfter(elements: readonly Tensor[], k: number): Tensor[] {
  let table = startAt(elements[0]!, k, k, [0, none]);
  const tables = [table];
  for (const phi of elements.toReversed()) {
    table = logAddExp(table, tf.add(phi, shifted(table, 1, none)));
    tables.unshift(table);
  }
  return tables;
}

/** log Σ exp zᵀφ over the choices of j among the first i elements, for i = 0 … n − 1. [..., k + 1] each */
function tablesBefore(elements: readonly Tensor[], k: number): Tensor[] {
  const tables = [startAt(elements[0]!, k, 0, [0, none])];
  for (const phi of elements.slice(0, -1)) {
    const table = tables.at(-1)!;
    tables.push(logAddExp(table, tf.add(phi, shifted(table, -1, none))));
  }
  return tables;
}

/** log Z_k = log Σ_z exp zᵀφ, per variable. [..., D, n] → [..., D] */
const logZ = (logits: Tensor, k: number): Tensor => firstOf(tablesAfter(elementsOf(logits), k)[0]!);

const firstOf = (table: Tensor) => tf.squeeze(part(table, table.rank - 1, 0, 1), [-1]);

/** P(z_i = 1) = Σ_j exp(before_i[j] + φ_i + after_{i+1}[j + 1] − log Z): sums of positive terms. [..., D, n] */
function marginals(logits: Tensor, k: number): Tensor {
  const elements = elementsOf(logits);
  const [before, after] = [tablesBefore(elements, k), tablesAfter(elements, k)];
  const total = tf.expandDims(firstOf(after[0]!), -1);
  const each = elements.map((phi, i) => {
    const rest = tf.sub(tf.add(phi, shifted(after[i + 1]!, 1, none)), total);
    return tf.sum(tf.exp(tf.add(before[i]!, rest)), -1, true);
  });
  return tf.concat(each, -1);
}

/**
 * Element by element: with j chosen so far the next is in with log odds φ_i + after_{i+1}[j + 1] − after_{i+1}[j], which are ±10³⁰
 * where it must or cannot be in. So there are k for all uniforms in (0, 1).
 */
function walk(logits: Tensor, uniform: Tensor, k: number): Tensor {
  const elements = elementsOf(logits);
  const after = tablesAfter(elements, k);
  const noise = elementsOf(tf.sub(tf.log(uniform), tf.log(tf.sub(1, uniform))));
  let chosen = startAt(noise[0]!, k, 0, [1, 0]); // one-hot in j
  const drawn = elements.map((phi, i) => {
    const odds = tf.sub(shifted(after[i + 1]!, 1, none), after[i + 1]!);
    const z = tf.step(tf.add(tf.add(phi, tf.sum(tf.mul(chosen, odds), -1, true)), noise[i]!));
    chosen = tf.add(chosen, tf.mul(z, tf.sub(shifted(chosen, -1, 0), chosen)));
    return z;
  });
  return tf.concat(drawn, -1);
}

/** The subsets of k of these elements, as vectors of zeros and ones, in lexicographic order. */
function subsets(n: number, k: number): number[][] {
  if (k < 0 || k > n) return [];
  if (n === 0) return [[]];
  return [0, 1].flatMap((first) => subsets(n - 1, k - first).map((rest) => [first, ...rest]));
}

/**
 * Subsets of k of n elements: z ∈ {0, 1}ⁿ with Σz = k and log q(z) = zᵀφ − log Z_k. The event is [D, n].
 *
 * log Z_k, the marginals and exact samples are computed by dynamic programming in O(nk), in logarithms, from one uniform for each
 * element (Ahmed et al. 2023). The perturbed logits are φ + Gumbel noise, and `harden` takes the k largest: Gumbel top-k, a
 * sample without replacement, which is of another law unless k = 1. `soften` is its relaxation (Xie & Ermon 2019): k times a
 * softmax, each lowering the logits of what has been taken. With k = 1 it is the categorical distribution.
 */
export const subset = (k: number): Family =>
  defineFamily({
    name: `${k}-subset`,
    properties: ["exponential"],
    rank: 1,
    variables(shape) {
      if (shape.at(-1)! < k)
        throw new Error(`a subset of ${k} needs at least ${k} elements, got ${shape.at(-1)}`);
      return shape.at(-2) ?? 1;
    },
    outcomes(shape) {
      const n = shape.at(-1)!;
      return Math.round(Array.from({ length: k }, (_, i) => (n - i) / (i + 1)).reduce((a, b) => a * b, 1));
    },
    table: (shape) => subsets(shape.at(-1)!, k),
    sample: (logits, uniform) => walk(logits, uniform, k),
    mode: (logits) => largest(logits, k),
    logProb: (logits, x) => tf.sub(tf.sum(tf.mul(x, logits), -1), logZ(logits, k)),
    entropy: (logits) => tf.sub(logZ(logits, k), tf.sum(tf.mul(marginals(logits, k), logits), -1)),
    kl: (q, p) => tf.add(tf.sum(tf.mul(marginals(q, k), tf.sub(q, p)), -1), tf.sub(logZ(p, k), logZ(q, k))),
    mean: (logits) => marginals(logits, k),
    perturb: (logits, uniform) => categorical.perturb(logits, uniform),
    harden: (perturbed) => largest(perturbed, k),
    soften(perturbed, temperature) {
      let [x, sum] = [perturbed, tf.zerosLike(perturbed)];
      for (let i = 0; i < k; i++) {
        const y = tf.softmax(tf.div(x, temperature));
        sum = tf.add(sum, y);
        x = tf.add(x, tf.log(tf.maximum(tf.sub(1, y), smallest)));
      }
      return sum;
    },
  });

/** 1 at the k largest. [..., n] */
function largest(x: Tensor, k: number): Tensor {
  const { indices } = tf.topk(stop(x), k); // [..., k]
  return tf.sum(tf.cast(tf.oneHot(indices, x.shape.at(-1)!), "float32"), -2);
}

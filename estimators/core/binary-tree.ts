/** One-hot variables made of bits: the outcomes are the leaves of a binary tree, and each node is a bit that chooses a side. */
import type { T } from "../estimator.ts";
import { stop, tf } from "./autodiff.ts";
import { at } from "./slicing.ts";

/** An outcome, or the sides to which a node's bit leads. */
export type Tree = number | { readonly one: Tree; readonly zero: Tree };

/** Stick-breaking: bit k chooses outcome k or one of the later ones. */
export const sticks = (K: number, from = 0): Tree =>
  from === K - 1 ? from : { one: from, zero: sticks(K, from + 1) };

/** Each bit halves the outcomes that are left. */
export function balanced(from: number, to: number): Tree {
  if (to - from === 1) return from;
  const middle = Math.ceil((from + to) / 2);
  return { zero: balanced(from, middle), one: balanced(middle, to) };
}

/** log(e^a + e^b) */
const logAddExp = (a: T, b: T): T => tf.add(b, tf.softplus(tf.sub(a, b)));

/** The logits of the nodes' bits, each node before those below it. [..., K] → [..., K − 1] */
export function nodeLogits(tree: Tree, logits: T): T {
  const nodes: T[] = [];
  const visit = (part: Tree): T => {
    if (typeof part === "number") return at(logits, logits.rank - 1, part);
    const place = nodes.push(logits) - 1;
    const [one, zero] = [visit(part.one), visit(part.zero)];
    nodes[place] = tf.sub(one, zero);
    return logAddExp(one, zero);
  };
  visit(tree);
  return tf.stack(nodes, -1);
}

/** Bits with logits α and their antithetic copies: 1[u > 1 − σ(α)] and 1[u < σ(α)]. */
export function antitheticBits(alpha: T, uniform: T): [T, T] {
  const of = (u: T) => stop(tf.step(tf.add(alpha, tf.sub(tf.log(u), tf.log(tf.sub(1, u))))));
  return [of(uniform), of(tf.sub(1, uniform))];
}

/** The outcome that the nodes' bits lead to, one-hot [..., K], and whether they reach each node [..., K − 1]. */
export function outcomeOf(tree: Tree, bits: T): { x: T; reached: T } {
  const [leaves, reached]: [T[], T[]] = [[], []];
  const visit = (part: Tree, alive: T): void => {
    if (typeof part === "number") {
      leaves[part] = alive;
      return;
    }
    const bit = at(bits, bits.rank - 1, reached.push(alive) - 1);
    visit(part.one, tf.mul(alive, bit));
    visit(part.zero, tf.mul(alive, tf.sub(1, bit)));
  };
  visit(tree, tf.onesLike(at(bits, bits.rank - 1, 0)));
  return { x: tf.stack(leaves, -1), reached: tf.stack(reached, -1) };
}

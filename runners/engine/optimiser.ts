/** The optimisers as pure functions of tensors. Slots of a parameter NAME: `slot/velocity/NAME`, or `slot/m/NAME` and `slot/v/NAME`. */
import { tf } from "../../estimators/core/autodiff.ts";
import type { Named, T } from "../../estimators/estimator.ts";
import type { Optimiser } from "../../tasks/task.ts";
import type { Arrays, Group } from "./engine.ts";

export function slotNames(optimiser: Optimiser, parameter: string): string[] {
  return (optimiser.kind === "sgd" ? ["velocity"] : ["m", "v"]).map((kind) => `slot/${kind}/${parameter}`);
}

/** All slots of all groups, zero. */
export function initialSlots(groups: readonly Group[], parameters: Arrays): Arrays {
  const slots: Arrays = {};
  for (const { names, optimiser } of groups)
    for (const name of names)
      for (const slot of slotNames(optimiser, name)) {
        const { shape, values } = parameters[name]!;
        slots[slot] = { shape, values: new Float32Array(values.length) };
      }
  return slots;
}

/** What Adam's moments are multiplied by at the t-th update. */
export function corrections(
  { beta1, beta2, uncorrected = false }: Extract<Optimiser, { kind: "adam" }>,
  t: number,
): readonly [number, number] {
  return uncorrected ? [1, 1] : [1 / (1 - beta1 ** t), 1 / (1 - beta2 ** t)];
}

/**
 * One update of a parameter p by its gradient g.
 *
 * sgd: v ← μv + g, p ← p − rate·v. adam (Kingma & Ba 2014), t counted from 1: m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g²,
 * p ← p − rate·(m/(1 − β₁ᵗ)) / (√(v/(1 − β₂ᵗ)) + ε); uncorrected, p ← p − rate·m / (√v + ε).
 */
export function update(
  optimiser: Optimiser,
  name: string,
  p: T,
  g: T,
  slots: Named,
  rate: T,
  t: number,
): Named {
  const [first, second] = slotNames(optimiser, name);
  if (optimiser.kind === "sgd") {
    const velocity = tf.add(tf.mul(slots[first!]!, optimiser.momentum), g);
    return { [name]: tf.sub(p, tf.mul(velocity, rate)), [first!]: velocity };
  }
  const { beta1, beta2, epsilon } = optimiser;
  const [unbias1, unbias2] = corrections(optimiser, t);
  const m = tf.add(tf.mul(slots[first!]!, beta1), tf.mul(g, 1 - beta1));
  const v = tf.add(tf.mul(slots[second!]!, beta2), tf.mul(tf.square(g), 1 - beta2));
  const step = tf.div(tf.mul(m, unbias1), tf.add(tf.sqrt(tf.mul(v, unbias2)), epsilon));
  return { [name]: tf.sub(p, tf.mul(step, rate)), [first!]: m, [second!]: v };
}

/**
 * The optimisers, each written once as a function of tensors. An engine of tfjs calls the function; the engine onnx
 * traces it and compiles the trace into one loop (onnx/update-loop.ts).
 */
import { tf } from "../../estimators/core/autodiff.ts";
import type { Named, T } from "../../estimators/estimator.ts";
import type { Optimiser } from "../../tasks/task.ts";
import type { Arrays, Group } from "./engine.ts";

type Kind<K extends Optimiser["kind"]> = Extract<Optimiser, { kind: K }>;

/** The rule of an optimiser for one parameter. Slots have the shape of the parameter and start at zero. */
export interface UpdateRule<Slot extends string = string, Factor extends string = string> {
  readonly slots: readonly Slot[];
  /** Scalars that depend on t, the number of the update counted from 1. */
  readonly factors: (t: number) => Readonly<Record<Factor, number>>;
  /** The new parameter and slots. `rate` and the factors have shape []. */
  update(x: Record<"parameter" | "gradient" | "rate" | Slot | Factor, T>): Record<"parameter" | Slot, T>;
}

/** v ← μv + g, p ← p − rate·v */
const sgd = ({ momentum }: Kind<"sgd">): UpdateRule<"velocity", never> => ({
  slots: ["velocity"],
  factors: () => ({}),
  update: ({ parameter, gradient, rate, ...slots }) => {
    const velocity = tf.add(tf.mul(slots.velocity, momentum), gradient);
    return { parameter: tf.sub(parameter, tf.mul(velocity, rate)), velocity };
  },
});

/** ρx + (1 − ρ)y */
const average = (x: T, y: T, decay: number): T => tf.add(tf.mul(x, decay), tf.mul(y, 1 - decay));

/** Hinton's lecture 6e (2012): v ← ρv + (1 − ρ)g², p ← p − rate·g / (√v + ε) */
const rmsprop = ({ decay, epsilon }: Kind<"rmsprop">): UpdateRule<"v", never> => ({
  slots: ["v"],
  factors: () => ({}),
  update: ({ parameter, gradient, rate, ...slots }) => {
    const v = average(slots.v, tf.square(gradient), decay);
    const step = tf.div(gradient, tf.add(tf.sqrt(v), epsilon));
    return { parameter: tf.sub(parameter, tf.mul(step, rate)), v };
  },
});

type Moments = UpdateRule<"m" | "v", "unbias1" | "unbias2" | "floor">;

/** m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← p − rate·(m·unbias₁) / (√(v·unbias₂) + floor) */
const moments = (beta1: number, beta2: number, factors: Moments["factors"]): Moments => ({
  slots: ["m", "v"],
  factors,
  update: ({ parameter, gradient, rate, unbias1, unbias2, floor, ...slots }) => {
    const m = average(slots.m, gradient, beta1);
    const v = average(slots.v, tf.square(gradient), beta2);
    const step = tf.div(tf.mul(m, unbias1), tf.add(tf.sqrt(tf.mul(v, unbias2)), floor));
    return { parameter: tf.sub(parameter, tf.mul(step, rate)), m, v };
  },
});

/** Kingma & Ba (2014): unbias = 1/(1 − βᵗ), floor = ε */
const adam = ({ beta1, beta2, epsilon }: Kind<"adam">): Moments =>
  moments(beta1, beta2, (t) => ({
    unbias1: 1 / (1 - beta1 ** t),
    unbias2: 1 / (1 - beta2 ** t),
    floor: epsilon,
  }));

/**
 * Liu et al. (2020): Adam with its step multiplied by r = √((ρ − 4)(ρ − 2)ρ∞ / ((ρ∞ − 4)(ρ∞ − 2)ρ)), where
 * ρ∞ = 2/(1 − β₂) − 1 and ρ = ρ∞ − 2tβ₂ᵗ/(1 − β₂ᵗ). While ρ ≤ 5 (as in the authors' code; the paper has 4), the step is
 * rate·m/(1 − β₁ᵗ), without the second moment.
 */
const radam = ({ beta1, beta2, epsilon }: Kind<"radam">): Moments =>
  moments(beta1, beta2, (t) => {
    const [unbias1, unbias2] = [1 / (1 - beta1 ** t), 1 / (1 - beta2 ** t)];
    const limit = 2 / (1 - beta2) - 1;
    const length = limit - 2 * t * beta2 ** t * unbias2;
    if (length <= 5) return { unbias1, unbias2: 0, floor: 1 };
    const r2 = ((length - 4) * (length - 2) * limit) / ((limit - 4) * (limit - 2) * length);
    return { unbias1: Math.sqrt(r2) * unbias1, unbias2, floor: epsilon };
  });

const rules = { sgd, rmsprop, adam, radam };

/** The rule of an optimiser with its constants filled in. */
export const updateRule = (optimiser: Optimiser): UpdateRule =>
  (rules[optimiser.kind] as (constants: Optimiser) => UpdateRule)(optimiser);

/** The name under which the slot of a parameter is kept and saved. */
export const slotName = (slot: string, parameter: string): string => `slot/${slot}/${parameter}`;

/** All slots of all groups, zero. */
export function initialSlots(groups: readonly Group[], parameters: Arrays): Arrays {
  const slots: Arrays = {};
  for (const { names, optimiser } of groups)
    for (const name of names)
      for (const slot of updateRule(optimiser).slots) {
        const { shape, values } = parameters[name]!;
        slots[slotName(slot, name)] = { shape, values: new Float32Array(values.length) };
      }
  return slots;
}

/** The t-th update of the parameter NAME among these tensors: its new value as `NAME` and its slots as `slot/SLOT/NAME`. */
export function update(
  optimiser: Optimiser,
  name: string,
  tensors: Named,
  gradient: T,
  rate: T,
  t: number,
): Named {
  const rule = updateRule(optimiser);
  const inputs: Record<string, T> = { parameter: tensors[name]!, gradient, rate };
  for (const slot of rule.slots) inputs[slot] = tensors[slotName(slot, name)]!;
  for (const [factor, x] of Object.entries(rule.factors(t))) inputs[factor] = tf.scalar(x);
  const made = rule.update(inputs);
  const next: Record<string, T> = { [name]: made["parameter"]! };
  for (const slot of rule.slots) next[slotName(slot, name)] = made[slot]!;
  return next;
}

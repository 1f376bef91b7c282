/**
 * The reverse pass over the tape of tfjs, with the same operations in the same order as in tfjs. The pass of tfjs always
 * records what it computes, and copies all that a second derivative would need; this one records only on request.
 */
import type * as Tfjs from "@tensorflow/tfjs";
import type { Tensor } from "@tensorflow/tfjs";

export interface TapeNode {
  readonly kernelName: string;
  readonly inputs: Readonly<Record<string, Tensor>>;
  readonly outputs: readonly Tensor[];
  readonly saved?: readonly Tensor[];
  readonly gradient?: (dys: readonly (Tensor | undefined)[]) => Readonly<Record<string, () => Tensor>>;
}

/** The tape of tfjs, which its types do not declare. */
export interface Tape {
  startTape(): void;
  endTape(): void;
  isTapeOn(): boolean;
  /** tfjs records nothing while `kernelDepth` is above 0. */
  readonly state: { gradientDepth: number; kernelDepth: number; activeTape: TapeNode[] | null };
}

const size = (shape: readonly number[]) => `[${shape.join(", ")}]`;

/** The ids of the xs and of all tensors computed from them. */
export function computedFrom(tape: readonly TapeNode[], xs: readonly Pick<Tensor, "id">[]): Set<number> {
  const ids = new Set(xs.map(({ id }) => id));
  for (const { inputs, outputs } of tape)
    for (const name in inputs)
      if (ids.has(inputs[name]!.id)) {
        for (const { id } of outputs) ids.add(id);
        break;
      }
  return ids;
}

/** The derivative of one input. Throws an Error if it is missing or has another shape or type than the input. */
function derivative(tf: typeof Tfjs, { kernelName, inputs }: TapeNode, name: string, give?: () => Tensor) {
  const x = inputs[name]!;
  const dx = give && tf.tidy(give);
  if (dx?.dtype !== "float32" || !tf.util.arraysEqual(dx.shape, x.shape))
    throw new Error(`The derivative of ${kernelName} by its input ${name} must be float32 ${size(x.shape)}, got ${dx ? `${dx.dtype} ${size(dx.shape)}` : "none"}.`); // prettier-ignore
  return dx;
}

/**
 * The derivative of the sum of y with respect to each x, or undefined where y does not depend on x. Only with
 * `recorded` can it be differentiated again. Gradients written by hand (`customGrad`) always see an open tape.
 */
export function reverse(
  tf: typeof Tfjs,
  y: Tensor,
  xs: readonly Tensor[],
  recorded: boolean,
): (Tensor | undefined)[] {
  const { state } = tf.engine() as unknown as Tape;
  const tape = [...state.activeTape!];
  const fromXs = computedFrom(tape, xs);
  const unrecorded = <X>(f: () => X): X => {
    state.kernelDepth += 1;
    try {
      return f();
    } finally {
      state.kernelDepth -= 1;
    }
  };
  return tf.tidy(() => {
    const totals = new Map([[y.id, tf.ones(y.shape)]]);
    const through = (node: TapeNode, dys: readonly (Tensor | undefined)[], names: readonly string[]) => {
      if (!node.gradient)
        throw new Error(`${node.kernelName} lies between x and y and has no derivative.`); // prettier-ignore
      const thunks = node.gradient(dys);
      for (const name of names) {
        const dx = derivative(tf, node, name, thunks[name]);
        const { id } = node.inputs[name]!;
        const before = totals.get(id);
        totals.set(id, before ? tf.add(before, dx) : dx);
        before?.dispose();
      }
    };
    for (const node of tape.toReversed()) {
      if (!node.outputs.some(({ id }) => totals.has(id))) continue;
      const names = Object.keys(node.inputs).filter((name) => fromXs.has(node.inputs[name]!.id));
      if (names.length === 0) continue;
      const dys = node.outputs.map(({ id }) => totals.get(id));
      const byHand = (tf.getGradient(node.kernelName) as unknown) === undefined;
      if (recorded || byHand) through(node, dys, names);
      else unrecorded(() => through(node, dys, names));
    }
    return xs.map(({ id }) => totals.get(id)) as Tensor[];
  });
}

/**
 * tfjs with its gradients repaired, and the primitives that make estimators short.
 *
 * As shipped, a kernel that saves its *output* for the gradient (Exp, Sigmoid, ...) loses the dependence on
 * its input, so that second derivatives are silently wrong; comparisons have no gradient at all; and
 * broadcasting is forgotten in the gradients of maximum, minimum, squaredDifference and batched products.
 * Importing this module registers gradients without those faults.
 */
import { createRequire } from "node:module";
import type * as Tfjs from "@tensorflow/tfjs";
import type { NamedAttrMap, Tensor } from "@tensorflow/tfjs";
import { reverse, type Tape } from "./reverse.ts";

/** Required: to import it, Node would first read its megabyte for the names of its exports, which takes as long again. */
export const tf = createRequire(import.meta.url)("@tensorflow/tfjs") as typeof Tfjs;

tf.enableProdMode();

/** Sums x over the axes that broadcasting added to `shape`. */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  const extra = x.rank - shape.length;
  const axes = x.shape.flatMap((size, axis) =>
    axis < extra || (shape[axis - extra] === 1 && size !== 1) ? [axis] : [],
  );
  const summed = axes.length > 0 ? tf.sum(x, axes, true) : x;
  return tf.reshape(summed, [...shape]);
}

/** Elementwise y = f(x) with dy/dx computed from the saved input. */
function fromInput(
  kernelName: string,
  input: string,
  derivative: (dy: Tensor, x: Tensor, attrs: NamedAttrMap) => Tensor,
) {
  tf.registerGradient({
    kernelName,
    inputsToSave: [input],
    gradFunc: (dy, saved, attrs) => ({ [input]: () => derivative(dy as Tensor, saved[0]!, attrs) }),
  });
}

/** y = f(a, b), broadcasting, with the gradients summed back to the operands' shapes. */
function broadcasting(kernelName: string, a: (dy: Tensor, a: Tensor, b: Tensor) => Tensor, b: typeof a) {
  tf.registerGradient({
    kernelName,
    inputsToSave: ["a", "b"],
    gradFunc: (dy, [x, y]) => ({
      a: () => sumTo(a(dy as Tensor, x!, y!), x!.shape),
      b: () => sumTo(b(dy as Tensor, x!, y!), y!.shape),
    }),
  });
}

/** A kernel that is constant almost everywhere. */
function flat(kernelName: string, inputs: string[]) {
  tf.registerGradient({
    kernelName,
    inputsToSave: inputs,
    gradFunc: (_dy, saved) =>
      // A gradient is float32, whatever its input is.
      Object.fromEntries(inputs.map((name, i) => [name, () => tf.zeros(saved[i]!.shape)])),
  });
}

const float = (condition: Tensor) => tf.cast(condition, "float32");

/** Registers the repaired gradients; to be called again when another copy of tfjs has registered its own. */
export function repairGradients(): void {
  fromInput("Exp", "x", (dy, x) => tf.mul(dy, tf.exp(x)));
  fromInput("Sigmoid", "x", (dy, x) => {
    const p = tf.sigmoid(x);
    return tf.mul(dy, tf.mul(p, tf.sub(1, p)));
  });
  fromInput("Tanh", "x", (dy, x) => tf.mul(dy, tf.sub(1, tf.square(tf.tanh(x)))));
  fromInput("Elu", "x", (dy, x) => {
    const positive = tf.step(x);
    return tf.mul(dy, tf.add(positive, tf.mul(tf.sub(1, positive), tf.exp(tf.minimum(x, 0)))));
  });
  fromInput("Softmax", "logits", (dy, logits, { dim }) => {
    const p = tf.softmax(logits, dim as number);
    const weighted = tf.mul(dy, p);
    return tf.sub(weighted, tf.mul(tf.sum(weighted, [dim as number], true), p));
  });

  broadcasting("Maximum", (dy, a, b) => tf.mul(dy, float(tf.greaterEqual(a, b))), (dy, a, b) => tf.mul(dy, float(tf.less(a, b)))); // prettier-ignore
  broadcasting("Minimum", (dy, a, b) => tf.mul(dy, float(tf.lessEqual(a, b))), (dy, a, b) => tf.mul(dy, float(tf.greater(a, b)))); // prettier-ignore
  broadcasting("SquaredDifference", (dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(a, b))), (dy, a, b) => tf.mul(dy, tf.mul(2, tf.sub(b, a)))); // prettier-ignore

  for (const name of [
    "Equal",
    "NotEqual",
    "Greater",
    "GreaterEqual",
    "Less",
    "LessEqual",
    "LogicalAnd",
    "LogicalOr",
  ])
    flat(name, ["a", "b"]);
  flat("LogicalNot", ["x"]);
  flat("ArgMax", ["x"]);
  flat("ArgMin", ["x"]);

  const stockProduct = tf.getGradient("BatchMatMul").gradFunc;
  tf.registerGradient({
    kernelName: "BatchMatMul",
    inputsToSave: ["a", "b"],
    gradFunc: (dy, saved, attrs) => {
      const gradient = stockProduct(dy, saved, attrs);
      return {
        a: () => sumTo(gradient["a"]!(), saved[0]!.shape),
        b: () => sumTo(gradient["b"]!(), saved[1]!.shape),
      };
    },
  });
}

repairGradients();

/** The same values off the tape: a new tensor on the same data, whose gradient is zero. */
export function stop<X extends Tensor>(x: X): X {
  tf.backend().incRef(x.dataId);
  return tf.engine().makeTensorFromTensorInfo({ dataId: x.dataId, shape: x.shape, dtype: x.dtype }) as X;
}

/** The values of `hard`, the gradient of `soft`. `hard` may have more samples than `soft`. */
export function straightThrough(hard: Tensor, soft: Tensor): Tensor {
  return tf.customGrad((x) => ({
    value: tf.clone(hard),
    gradFunc: (dy) => sumTo(dy, (x as Tensor).shape),
  }))(soft);
}

const orZeros = (found: readonly (Tensor | undefined)[], xs: readonly Tensor[]): Tensor[] =>
  found.map((gradient, i) => gradient ?? tf.zerosLike(xs[i]!));

function needTape(): void {
  if (!(tf.engine() as unknown as Tape).isTapeOn())
    throw new Error(
      "gradients: y must be on an open tape (called outside a step, every derivative would be zero), got no tape",
    );
}

/**
 * The derivative of the sum of `y`, already on an open tape, with respect to tensors on that tape; itself
 * differentiable. Zeros for an x that y does not depend on.
 */
export function gradients(y: Tensor, xs: readonly Tensor[]): Tensor[] {
  return orZeros(dependence(y, xs), xs);
}

/** As `gradients`, not to be differentiated again: nothing of it is recorded. */
export function lastGradients(y: Tensor, xs: readonly Tensor[]): Tensor[] {
  needTape();
  return orZeros(reverse(tf, y, xs, false), xs);
}

/** As `gradients`, with undefined where y does not depend on x. */
export function dependence(y: Tensor, xs: readonly Tensor[]): (Tensor | undefined)[] {
  needTape();
  return reverse(tf, y, xs, true);
}

/** Records what `f` computes, so that `gradients` may differentiate it; what the tape saved is freed at the end. */
export function onTape<X>(f: () => X): X {
  const engine = tf.engine() as unknown as Tape;
  engine.startTape();
  try {
    return f();
  } finally {
    engine.endTape();
    if (engine.state.gradientDepth === 0) {
      for (const { saved } of engine.state.activeTape ?? [])
        for (const tensor of saved ?? []) tensor.dispose();
      engine.state.activeTape = null;
    }
  }
}

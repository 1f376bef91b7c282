/**
 * tfjs with repaired gradients, and the primitives of automatic differentiation.
 *
 * Stock tfjs has three faults. A kernel that saves its *output* for the gradient (Exp, Sigmoid, ...) loses the dependence
 * on its input, so that second derivatives are wrong. Comparisons have no gradient. The gradients of maximum, minimum,
 * squaredDifference and batched products ignore broadcasting. Importing this module registers gradients without them.
 */
import { createRequire } from "node:module";
import type * as Tfjs from "@tensorflow/tfjs";
import type { NamedAttrMap, Tensor } from "@tensorflow/tfjs";
import { reverse, type Tape } from "./reverse.ts";

/** Loaded by `require`, because an import makes Node parse the package twice to find the names of its exports. */
export const tf = createRequire(import.meta.url)("@tensorflow/tfjs") as typeof Tfjs;

tf.enableProdMode();

/** tfjs sets up all kernels of a backend at each switch to it. Once is enough, and switches are frequent. */
function setUpKernelsOnce(): void {
  const engine = tf.engine() as unknown as { backendName: string; setupRegisteredKernels(): void };
  const setUp = engine.setupRegisteredKernels.bind(engine);
  const done = new Set<string>();
  engine.setupRegisteredKernels = () => {
    if (!done.has(engine.backendName)) setUp();
    done.add(engine.backendName);
  };
}
setUpKernelsOnce();

/** Sums x over the axes that broadcasting added to `shape`. */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  const extra = x.rank - shape.length;
  const axes = x.shape.flatMap((size, axis) =>
    axis < extra || (shape[axis - extra] === 1 && size !== 1) ? [axis] : [],
  );
  const summed = axes.length > 0 ? tf.sum(x, axes, true) : x;
  return tf.reshape(summed, [...shape]);
}

/** Registers the gradient of an elementwise y = f(x), computed from the saved input. */
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

/** Registers the gradients of a broadcasting y = f(a, b), summed to the shapes of the operands. */
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

/** Registers zero gradients for a kernel that is constant almost everywhere. */
function flat(kernelName: string, inputs: string[]) {
  tf.registerGradient({
    kernelName,
    inputsToSave: inputs,
    gradFunc: (_dy, saved) =>
      // Gradients are float32 for inputs of any type.
      Object.fromEntries(inputs.map((name, i) => [name, () => tf.zeros(saved[i]!.shape)])),
  });
}

const float = (condition: Tensor) => tf.cast(condition, "float32");

/** Registers the repaired gradients. Call it again after another copy of tfjs has registered its own. */
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

/** The values of `hard` with the gradient of `soft`. `hard` may have more samples than `soft`. */
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
      "No tape is open. gradients() works only inside a step; elsewhere every derivative would be zero.",
    );
}

/**
 * The derivatives of the sum of `y` with respect to tensors on the open tape, which can be differentiated again. An x
 * that y does not depend on gets zeros. Throws an Error if no tape is open.
 */
export function gradients(y: Tensor, xs: readonly Tensor[]): Tensor[] {
  return orZeros(dependence(y, xs), xs);
}

/** The same without recording, so that the result cannot be differentiated again. */
export function lastGradients(y: Tensor, xs: readonly Tensor[]): Tensor[] {
  needTape();
  return orZeros(reverse(tf, y, xs, false), xs);
}

/** The same as `gradients`, with undefined for an x that y does not depend on. */
export function dependence(y: Tensor, xs: readonly Tensor[]): (Tensor | undefined)[] {
  needTape();
  return reverse(tf, y, xs, true);
}

/** Records the computations of `f`, so that `gradients` can differentiate them. The tape is freed at the end. */
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

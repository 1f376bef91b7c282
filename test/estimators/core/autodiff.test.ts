import type { Tensor } from "@tensorflow/tfjs";
import test, { type ExecutionContext } from "ava";
import {
  gradients,
  lastGradients,
  onTape,
  stop,
  straightThrough,
  sumTo,
  tf,
} from "../../../estimators/core/autodiff.ts";
import { logSumExp } from "../../../estimators/distributions/categorical.ts";
import { fillUniform, key, permutation } from "../../../tasks/noise.ts";

type Shape = readonly number[];
/** One differentiable operation at a point where it is smooth. */
interface Case {
  readonly f: (...xs: Tensor[]) => Tensor;
  /** Shapes of its inputs, and where they lie. */
  readonly inputs: readonly Shape[];
  readonly from?: number;
  readonly to?: number;
}

const unary = (f: (x: Tensor) => Tensor, from = -1.5, to = 1.5): Case => ({ f, inputs: [[2, 3]], from, to });
const binary = (f: (a: Tensor, b: Tensor) => Tensor, from = -1.5, to = 1.5): Case[] =>
  [
    [[2, 3], [2, 3]],
    [[2, 3], [3]],
    [[1, 3], [2, 1]],
    [[], [2, 3]],
    [[4, 1, 3], [2, 3]],
  ].map((inputs) => ({ f, inputs, from, to })); // prettier-ignore
const matrices = (
  inputs: readonly Shape[],
  [left, right]: readonly [boolean, boolean] = [false, false],
): Case => ({ f: (a, b) => tf.matMul(a, b, left, right), inputs });
const chosen = (x: Tensor) => tf.cast(tf.greater(x, 0.1), "float32");

const cases: Readonly<Record<string, readonly Case[]>> = {
  add: binary(tf.add),
  sub: binary(tf.sub),
  mul: binary(tf.mul),
  div: binary(tf.div, 0.5, 2),
  maximum: binary(tf.maximum),
  minimum: binary(tf.minimum),
  squaredDifference: binary(tf.squaredDifference),
  exp: [unary(tf.exp)],
  expm1: [unary(tf.expm1)],
  log: [unary(tf.log, 0.5, 2)],
  log1p: [unary(tf.log1p)].map((one) => ({ ...one, from: -0.4 })),
  sigmoid: [unary(tf.sigmoid)],
  tanh: [unary(tf.tanh)],
  softplus: [unary(tf.softplus)],
  elu: [unary(tf.elu)],
  relu: [unary(tf.relu)],
  leakyRelu: [unary((x) => tf.leakyRelu(x, 0.1))],
  abs: [unary(tf.abs)],
  neg: [unary(tf.neg)],
  square: [unary(tf.square)],
  sqrt: [unary(tf.sqrt, 0.5, 2)],
  rsqrt: [unary(tf.rsqrt, 0.5, 2)],
  pow: [unary((x) => tf.pow(x, 3)), unary((x) => tf.pow(tf.abs(x), 1.5))],
  softmax: [unary((x) => tf.softmax(x)), { f: (x) => tf.softmax(x), inputs: [[2, 1, 2, 3]] }],
  logSumExp: [unary((x) => logSumExp(x))],
  sum: [unary((x) => tf.sum(tf.square(x), 0)), unary((x) => tf.sum(tf.square(x), -1, true))],
  mean: [unary((x) => tf.mean(tf.square(x), 1)), unary((x) => tf.mean(tf.square(x), 0, true))],
  max: [unary((x) => tf.square(tf.max(x, -1, true)))],
  matMul: [
    matrices([[2, 3], [3, 4]]),
    matrices([[3, 2], [4, 3]], [true, true]),
    matrices([[5, 2, 3], [5, 3, 4]]),
    matrices([[5, 2, 3], [3, 4]]),
    matrices([[2, 3], [5, 3, 4]]),
    matrices([[1, 2, 3], [5, 4, 3]], [false, true]),
  ], // prettier-ignore
  reshape: [unary((x) => tf.square(tf.reshape(x, [3, 2])))],
  transpose: [unary((x) => tf.square(tf.transpose(x)))],
  tile: [unary((x) => tf.square(tf.tile(x, [2, 3])))],
  concat: [{ f: (a, b) => tf.square(tf.concat([a, b], 0)), inputs: [[2, 3], [1, 3]] }], // prettier-ignore
  stack: [{ f: (a, b) => tf.square(tf.stack([a, b])), inputs: [[2, 3], [2, 3]] }], // prettier-ignore
  slice: [unary((x) => tf.square(tf.slice(x, [0, 1], [2, 2])))],
  split: [
    unary((x) => {
      const [a, b] = tf.split(x, [1, 2], 1) as [Tensor, Tensor];
      return tf.mul(a, tf.exp(b));
    }),
  ],
  unstack: [unary((x) => tf.unstack(x).reduce((a, b) => tf.mul(a, tf.exp(b))))],
  gather: [unary((x) => tf.square(tf.gather(x, tf.tensor1d([1, 0, 1], "int32"))))],
  where: [
    { f: (a, b) => tf.where(tf.greater(a, b), tf.exp(a), tf.square(b)), inputs: [[2, 3], [2, 3]] }, // prettier-ignore
  ],
  comparisons: [
    unary((x) => tf.mul(chosen(x), tf.exp(x))),
    unary((x) => tf.mul(tf.cast(tf.logicalAnd(tf.lessEqual(x, 1), tf.notEqual(x, 0)), "float32"), tf.exp(x))),
    unary((x) => tf.mul(tf.cast(tf.logicalNot(tf.less(x, 0)), "float32"), tf.square(x))),
    unary((x) => tf.mul(tf.step(x), tf.exp(x))),
  ],
  sumTo: [unary((x) => tf.square(sumTo(tf.exp(x), [1, 3])))],
};

/** Points for all inputs between from and to, no two within 2h of each other, where maxima have kinks. */
function apart(name: string, sizes: readonly number[], from: number, to: number): number[][] {
  const total = sizes.reduce((a, b) => a + b, 0);
  const order = permutation(key("autodiff", name), total);
  const start = (i: number) => sizes.slice(0, i).reduce((a, b) => a + b, 0);
  return sizes.map((size, i) =>
    Array.from({ length: size }, (_, j) => from + ((to - from) * (order[start(i) + j]! + 0.5)) / total),
  );
}

/** Fixed numbers between from and to. */
function numbersIn(name: string, length: number, from: number, to: number): number[] {
  const out = new Float32Array(length);
  fillUniform(key("autodiff", name), out);
  return [...out].map((u) => from + (to - from) * u);
}
const sizeOf = (shape: Shape) => shape.reduce((a, b) => a * b, 1);

interface Derivatives {
  readonly value: number;
  /** Of the value, by input. */
  readonly first: readonly number[];
  /** The second derivatives times the direction. */
  readonly second: readonly number[];
}

/** y = Σ w·f(xs) for fixed weights w, ∂y/∂xs, and ∂(v·∂y/∂xs)/∂xs. */
function derivatives({ f, inputs }: Case, at: readonly number[][], v: readonly number[][]): Derivatives {
  return tf.tidy(() => {
    const tensors = (values: readonly number[][]) =>
      inputs.map((shape, i) => tf.tensor([...values[i]!], [...shape], "float32"));
    const xs = tensors(at);
    return onTape(() => {
      const made = f(...xs);
      const weights = tf.tensor(numbersIn("weights", made.size, 0.5, 1.5), made.shape);
      const y = tf.sum(tf.mul(made, weights));
      const first = gradients(y, xs);
      const along = tensors(v)
        .map((direction, i) => tf.sum(tf.mul(direction, first[i]!)))
        .reduce((a, b) => tf.add(a, b));
      const flat = (parts: readonly Tensor[]) => parts.flatMap((part) => [...part.dataSync()]);
      return { value: y.dataSync()[0]!, first: flat(first), second: flat(gradients(along, xs)) };
    });
  });
}

// Steps of 1/64 are exact in float32. A value's rounding, 6e-8 of at most 20, is 4e-5 after division, the third-order
// term of a smooth function 4e-5 of its derivative: 2e-3 leaves room for a few of either and for nothing wrong, since a
// forgotten factor or path shows in the first digit at these points.
const h = 1 / 64;
const tolerance = 2e-3;
const far = (got: number, expected: number) => !(Math.abs(got - expected) <= tolerance * (1 + Math.abs(expected))); // prettier-ignore

for (const [name, list] of Object.entries(cases))
  test(`${name} has first and second derivatives that finite differences confirm`, (t) => {
    for (const [index, one] of list.entries()) {
      const { inputs, from = -1.5, to = 1.5 } = one;
      const at = apart(`${name}/${index}`, inputs.map(sizeOf), from, to);
      const v = inputs.map((shape, i) => numbersIn(`${name}/${index}/v${i}`, sizeOf(shape), -1, 1));
      const moved = (by: number) => at.map((xs, i) => xs.map((x, j) => x + by * v[i]![j]!));
      const [here, ahead, behind] = [0, h, -h].map((by) => derivatives(one, moved(by), v));
      const along = here!.first.reduce((sum, g, i) => sum + g * v.flat()[i]!, 0);
      const slope = (ahead!.value - behind!.value) / (2 * h);
      t.false(far(along, slope), `${name} ${index}: first derivative ${along}, difference ${slope}`);
      for (const [i, got] of here!.second.entries()) {
        const expected = (ahead!.first[i]! - behind!.first[i]!) / (2 * h);
        t.false(far(got, expected), `${name} ${index}: second derivative ${got}, difference ${expected}`);
      }
    }
  });

test("tf.logSoftmax has a wrong second derivative, which the repaired kernels do not have", (t) => {
  const one = unary((x) => tf.logSoftmax(x));
  const at = [numbersIn("fault", 6, -1.5, 1.5)];
  const v = [numbersIn("fault/v", 6, -1, 1)];
  const moved = (by: number) => at.map((xs, i) => xs.map((x, j) => x + by * v[i]![j]!));
  const [here, ahead, behind] = [0, h, -h].map((by) => derivatives(one, moved(by), v));
  t.true(here!.second.some((got, i) => far(got, (ahead!.first[i]! - behind!.first[i]!) / (2 * h))));
});

/** A test on an open tape. */
const onTapeTest = (title: string, body: (t: ExecutionContext) => void) =>
  test(title, (t) => tf.tidy(() => onTape(() => body(t))));

onTapeTest("stop keeps the values and has no gradient", (t) => {
  const x = tf.tensor1d([1, 2, 3]);
  t.deepEqual([...stop(x).dataSync()], [1, 2, 3]);
  const [g] = gradients(tf.sum(tf.mul(stop(tf.exp(x)), x)), [x]);
  t.deepEqual([...g!.dataSync()], [...tf.exp(x).dataSync()]);
  t.deepEqual([...gradients(tf.sum(stop(x)), [x])[0]!.dataSync()], [0, 0, 0]);
});

onTapeTest(
  "straightThrough has the values of hard and the gradient of soft, summed over hard's samples",
  (t) => {
    const x = tf.tensor2d([[0.3, -0.2]]);
    const hard = tf.tensor2d([
      [1, 0],
      [0, 1],
      [1, 1],
    ]);
    const soft = tf.mul(2, x);
    const y = straightThrough(hard, soft);
    t.deepEqual([...y.dataSync()], [...hard.dataSync()]);
    const weights = tf.tensor2d([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    t.deepEqual([...gradients(tf.sum(tf.mul(y, weights)), [x])[0]!.dataSync()], [18, 24]);
  },
);

onTapeTest(
  "straightThrough's gradient is itself differentiable: z² through soft = φ³ has 2z·3φ², then 2z·6φ",
  (t) => {
    const x = tf.tensor1d([0.5]);
    const y = straightThrough(tf.tensor1d([3]), tf.mul(tf.square(x), x));
    const [first] = gradients(tf.sum(tf.mul(2, y)), [x]);
    const [second] = gradients(tf.sum(first!), [x]);
    t.deepEqual([...first!.dataSync(), ...second!.dataSync()], [1.5, 6]);
  },
);

onTapeTest("gradients are zero where y does not depend on x", (t) => {
  const [x, other] = [tf.tensor1d([1, 2]), tf.tensor2d([[3]])];
  const [a, b] = gradients(tf.sum(tf.square(x)), [x, other]);
  t.deepEqual([...a!.dataSync()], [2, 4]);
  t.deepEqual([b!.shape, ...b!.dataSync()], [[1, 1], 0]);
});

onTapeTest("gradients reach a tensor in the middle of the tape", (t) => {
  const x = tf.tensor1d([2]);
  const middle = tf.square(x);
  const y = tf.square(middle);
  const [outer, inner] = gradients(y, [x, middle]);
  t.deepEqual([...outer!.dataSync(), ...inner!.dataSync()], [32, 8]);
});

test("gradients and lastGradients outside a tape are an error, not zeros", (t) => {
  const x = tf.tensor1d([1]);
  for (const take of [gradients, lastGradients])
    t.throws(() => take(tf.square(x), [x]), { message: /^No tape is open/ });
  x.dispose();
});

test("onTape leaves no tensor, and no tape, behind", (t) => {
  const before = tf.memory().numTensors;
  const loss = (x: Tensor) => tf.sum(tf.softmax(tf.mul(x, tf.exp(x))));
  tf.tidy(() => {
    const x = tf.tensor2d([[0.1, 0.2, 0.7]]);
    onTape(() => {
      const [g] = gradients(loss(x), [x]);
      gradients(tf.sum(tf.square(g!)), [x]);
    });
    t.throws(() => gradients(x, [x]));
  });
  t.is(tf.memory().numTensors, before);
});

test("onTape closes its tape when what it records throws", (t) => {
  const fails = () => {
    throw new Error("inside");
  };
  t.throws(() => onTape(fails), { message: "inside" });
  const x = tf.scalar(0);
  t.throws(() => gradients(x, [x]), { message: /^No tape is open/ });
  x.dispose();
});

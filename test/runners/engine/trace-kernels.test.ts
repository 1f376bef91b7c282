import test from "ava";
import type { Tensor } from "@tensorflow/tfjs";
import type * as Tfjs from "@tensorflow/tfjs";
import { gradients, onTape, tf } from "../../../estimators/core/autodiff.ts";
import type { Named } from "../../../estimators/estimator.ts";
import { cpuEngine } from "../../../runners/engine/eager.ts";
import type { Arrays, Body } from "../../../runners/engine/engine.ts";
import { createOnnxEngine } from "../../../runners/engine/onnx/onnx.ts";

/** An operation on tensors of these shapes; `order`: how many derivatives are compared too. */
interface Case {
  readonly shapes: readonly (readonly number[])[];
  readonly f: (...x: Tensor[]) => Tensor | Tensor[];
  readonly order?: 0 | 1 | 2;
  /** The range of the inputs; [−2, 2] if not given. */
  readonly range?: readonly [number, number];
}

const matrix = [[3, 4]] as const;
const twice = [[3, 4], [3, 4]] as const; // prettier-ignore
const positive = [0.2, 3] as const;
const unary = (f: (x: Tensor) => Tensor, more: Partial<Case> = {}): Case => ({ shapes: matrix, f: (x) => f(x), ...more }); // prettier-ignore
const binary = (f: (a: Tensor, b: Tensor) => Tensor, more: Partial<Case> = {}): Case => ({ shapes: twice, f: (a, b) => f(a, b), ...more }); // prettier-ignore
const floats = (x: Tensor) => tf.cast(x, "float32");
const image = (f: (x: Tfjs.Tensor4D, filter: Tfjs.Tensor4D) => Tensor, filter: number[], order: 0 | 1 = 1): Case => ({ shapes: [[2, 6, 5, 3], filter], f: (x, w) => f(x as Tfjs.Tensor4D, w as Tfjs.Tensor4D), order }); // prettier-ignore

const cases: Record<string, Case> = {
  abs: unary(tf.abs, { order: 2 }),
  acos: unary(tf.acos, { range: [-0.9, 0.9], order: 1 }),
  acosh: unary(tf.acosh, { range: [1.2, 3], order: 1 }),
  asin: unary(tf.asin, { range: [-0.9, 0.9], order: 1 }),
  asinh: unary(tf.asinh, { order: 1 }),
  atan: unary(tf.atan, { order: 2 }),
  atanh: unary(tf.atanh, { range: [-0.9, 0.9], order: 1 }),
  ceil: unary(tf.ceil, { order: 1 }),
  cos: unary(tf.cos, { order: 2 }),
  cosh: unary(tf.cosh, { order: 2 }),
  erf: unary(tf.erf, { order: 1 }),
  exp: unary(tf.exp, { order: 2 }),
  expm1: unary(tf.expm1, { order: 1 }),
  "expm1 of the small": unary((x) => tf.mul(tf.expm1(x), 1e6), { range: [-1e-6, 1e-6] }),
  "expm1 of the large": unary((x) => tf.div(tf.expm1(x), 1e8), { range: [10, 20] }),
  floor: unary(tf.floor, { order: 1 }),
  log: unary(tf.log, { range: positive, order: 2 }),
  log1p: unary(tf.log1p, { range: positive, order: 1 }),
  "log1p of the small": unary((x) => tf.mul(tf.log1p(x), 1e6), { range: [-1e-6, 1e-6] }),
  neg: unary(tf.neg, { order: 1 }),
  reciprocal: unary(tf.reciprocal, { range: positive, order: 2 }),
  relu: unary(tf.relu, { order: 2 }),
  relu6: unary((x) => tf.relu6(tf.mul(x, 5)), { order: 1 }),
  round: unary(tf.round, { order: 1 }),
  rsqrt: unary(tf.rsqrt, { range: positive, order: 1 }),
  sigmoid: unary(tf.sigmoid, { order: 2 }),
  "sigmoid of the large": unary(tf.sigmoid, { range: [-90, 90], order: 1 }),
  sign: unary(tf.sign, { order: 1 }),
  sin: unary(tf.sin, { order: 2 }),
  sinh: unary(tf.sinh, { order: 2 }),
  softplus: unary(tf.softplus, { order: 2 }),
  "softplus of the large": unary(tf.softplus, { range: [-90, 90], order: 2 }),
  "log softplus": unary((x) => tf.log(tf.softplus(x)), { range: [-60, 20] }),
  "sum of softplus": { shapes: [[3, 40]], f: (x) => tf.sum(tf.softplus(x), -1), order: 1, range: [-30, 30] },
  "sum of a Bernoulli's cost": { shapes: [[3, 40], [3, 40]], f: (x, y) => tf.sum(tf.sub(tf.softplus(x), tf.mul(x, y)), -1), order: 2 }, // prettier-ignore
  "sum of a Bernoulli's cost over samples": {
    shapes: [
      [6, 4],
      [4, 40],
      [3, 40],
    ],
    f: (x, w, y) => {
      const logits = tf.reshape(tf.matMul(x, w), [2, 3, 40]);
      return tf.sum(tf.sub(tf.softplus(logits), tf.mul(y, logits)), -1);
    },
    order: 2,
  },
  "sum of a Bernoulli's cost over one sample": {
    shapes: [
      [3, 4],
      [4, 40],
      [3, 40],
    ],
    f: (x, w, y) => {
      const logits = tf.reshape(tf.matMul(x, w), [1, 3, 40]);
      return tf.sum(tf.sub(tf.softplus(logits), tf.mul(y, logits)), -1);
    },
    order: 1,
  },
  sqrt: unary(tf.sqrt, { range: positive, order: 2 }),
  square: unary(tf.square, { order: 2 }),
  step: unary((x) => tf.step(x)),
  "step with a slope": unary((x) => tf.step(x, -1)),
  tan: unary(tf.tan, { range: [-1, 1], order: 1 }),
  tanh: unary(tf.tanh, { order: 2 }),
  elu: unary(tf.elu, { order: 2 }),
  selu: unary(tf.selu, { order: 1 }),
  "leaky relu": unary((x) => tf.leakyRelu(x, 0.3), { order: 1 }),
  clip: unary((x) => tf.clipByValue(x, -0.5, 0.7), { order: 1 }),
  "is finite": unary((x) => floats(tf.isFinite(tf.div(1, tf.relu(x))))),
  "is infinite": unary((x) => floats(tf.isInf(tf.div(1, tf.relu(x))))),
  "is not a number": unary((x) => floats(tf.isNaN(tf.log(x)))),
  "logical not": unary((x) => floats(tf.logicalNot(tf.greater(x, 0)))),
  add: binary(tf.add, { order: 2 }),
  "add with broadcasting": { shapes: [[2, 1, 4], [3, 1]], f: (a, b) => tf.add(a, b), order: 1 }, // prettier-ignore
  "add n": binary((a, b) => tf.addN([a, b, a]), { order: 1 }),
  sub: binary(tf.sub, { order: 2 }),
  mul: binary(tf.mul, { order: 2 }),
  "mul with broadcasting": { shapes: [[2, 1, 4], [3, 1]], f: (a, b) => tf.mul(a, b), order: 2 }, // prettier-ignore
  div: binary(tf.div, { range: positive, order: 2 }),
  "floor division": binary(tf.floorDiv, { range: positive }),
  mod: binary(tf.mod, { range: [1, 5] }),
  pow: binary(tf.pow, { range: positive, order: 2 }),
  maximum: binary(tf.maximum, { order: 2 }),
  minimum: binary(tf.minimum, { order: 2 }),
  "squared difference": binary(tf.squaredDifference, { order: 2 }),
  atan2: binary(tf.atan2, { order: 1 }),
  prelu: binary(tf.prelu, { order: 1 }),
  equal: binary((a, b) => floats(tf.equal(tf.sign(a), tf.sign(b)))),
  "not equal": binary((a, b) => floats(tf.notEqual(tf.sign(a), tf.sign(b)))),
  greater: binary((a, b) => floats(tf.greater(a, b))),
  "greater or equal": binary((a, b) => floats(tf.greaterEqual(tf.sign(a), tf.sign(b)))),
  less: binary((a, b) => floats(tf.less(a, b))),
  "less or equal": binary((a, b) => floats(tf.lessEqual(tf.sign(a), tf.sign(b)))),
  and: binary((a, b) => floats(tf.logicalAnd(tf.greater(a, 0), tf.greater(b, 0)))),
  or: binary((a, b) => floats(tf.logicalOr(tf.greater(a, 0), tf.greater(b, 0)))),
  xor: binary((a, b) => floats(tf.logicalXor(tf.greater(a, 0), tf.greater(b, 0)))),
  where: binary((a, b) => tf.where(tf.greater(a, b), tf.square(a), b), { order: 1 }),
  sum: unary((x) => tf.sum(tf.square(x), 0), { order: 2 }),
  "sum of everything": unary((x) => tf.sum(tf.square(x)), { order: 2 }),
  mean: unary((x) => tf.mean(tf.square(x), 1, true), { order: 2 }),
  max: unary((x) => tf.max(x, -1), { order: 1 }),
  min: unary((x) => tf.min(x, 0), { order: 1 }),
  prod: unary((x) => tf.prod(x, 1), { order: 1 }),
  all: unary((x) => floats(tf.all(tf.greater(x, -1), 0))),
  any: unary((x) => floats(tf.any(tf.greater(x, 1), 1))),
  argmax: unary((x) => floats(tf.argMax(x, -1))),
  argmin: unary((x) => floats(tf.argMin(x, 0))),
  softmax: unary((x) => tf.softmax(x), { order: 2 }),
  "log softmax": unary((x) => tf.logSoftmax(x), { order: 2 }),
  "log-sum-exp": unary((x) => tf.logSumExp(x, -1), { order: 2 }),
  cumsum: unary((x) => tf.cumsum(x, 1), { order: 1 }),
  "cumsum, exclusive and reversed": unary((x) => tf.cumsum(x, 0, true, true)),
  cumprod: unary((x) => tf.cumprod(x, 1)),
  "cumprod, exclusive and reversed": unary((x) => tf.cumprod(x, 0, true, true)),
  topk: unary((x) => {
    const { values, indices } = tf.topk(x, 2);
    return tf.concat([values, floats(indices)], 1);
  }),
  reshape: unary((x) => tf.square(tf.reshape(x, [2, -1])), { order: 1 }),
  "expand dims": unary((x) => tf.square(tf.expandDims(x, -1)), { order: 1 }),
  transpose: unary((x) => tf.square(tf.transpose(x)), { order: 2 }),
  slice: unary((x) => tf.square(tf.slice(x, [1, 0], [2, -1])), { order: 1 }),
  concat: binary((a, b) => tf.square(tf.concat([a, b], 1)), { order: 2 }),
  stack: binary((a, b) => tf.square(tf.stack([a, b], 1)), { order: 1 }),
  unstack: unary((x) => tf.mul(tf.unstack(x)[0]!, tf.unstack(x)[2]!), { order: 1 }),
  split: unary((x) => tf.mul(tf.split(x, 2, 1)[0]!, tf.split(x, [1, 1, 2], 1)[2]!), { order: 1 }),
  pad: unary((x) => tf.square(tf.pad(x, [[1, 2], [0, 1]], 3)), { order: 1 }), // prettier-ignore
  tile: unary((x) => tf.square(tf.tile(x, [2, 3])), { order: 1 }),
  "broadcast to": { shapes: [[3, 1]], f: (x) => tf.square(tf.broadcastTo(x, [2, 3, 4])), order: 1 },
  reverse: unary((x) => tf.reverse(tf.square(x), 1), { order: 1 }),
  gather: unary((x) => tf.square(tf.gather(x, tf.tensor1d([2, 0, 2], "int32"))), { order: 1 }),
  "gather of columns": unary((x) => tf.square(tf.gather(x, tf.tensor1d([3, 0], "int32"), 1)), { order: 1 }),
  "sum of segments": unary((x) => tf.unsortedSegmentSum(x, tf.tensor1d([1, 0, 1], "int32"), 3), { order: 1 }),
  "one-hot": unary((x) => floats(tf.oneHot(tf.argMax(x, -1), 4, 2, -1))),
  range: unary((x) => tf.mul(x, tf.range(0, 4, 1))),
  linspace: unary((x) => tf.mul(x, tf.linspace(0, 1, 4))),
  ones: unary((x) => tf.add(tf.onesLike(x), tf.fill([3, 4], 2))),
  eye: unary((x) => tf.matMul(x, tf.eye(4))),
  matmul: { shapes: [[3, 4], [4, 5]], f: (a, b) => tf.matMul(a, b), order: 2 }, // prettier-ignore
  "matmul, transposed": { shapes: [[4, 3], [5, 4]], f: (a, b) => tf.matMul(a, b, true, true), order: 2 }, // prettier-ignore
  "matmul with a bias": { shapes: [[3, 4], [4, 5], [5]], f: (a, b, c) => tf.relu(tf.add(tf.matMul(a, b), c)), order: 2 }, // prettier-ignore
  "matmul of stacks": { shapes: [[2, 3, 4], [2, 4, 5]], f: (a, b) => tf.matMul(a, b), order: 2 }, // prettier-ignore
  "matmul of a stack, transposed": { shapes: [[2, 4, 3], [2, 5, 4]], f: (a, b) => tf.matMul(a, b, true, true), order: 1 }, // prettier-ignore
  "matmul, broadcasting": { shapes: [[2, 3, 4], [1, 4, 5], [5]], f: (a, b, c) => tf.square(tf.add(tf.matMul(a, b), c)), order: 2 }, // prettier-ignore
  "matmul of a stack of one": { shapes: [[1, 3, 4], [4, 5]], f: (a, b) => tf.sigmoid(tf.matMul(a, b)), order: 1 }, // prettier-ignore
  dot: { shapes: [[4], [4]], f: (a, b) => tf.dot(a, b), order: 2 }, // prettier-ignore
  "batch normalisation": { shapes: [[3, 4], [4], [4], [4], [4]], f: (x, mean, variance, offset, scale) => tf.batchNorm(x, tf.tanh(mean), tf.square(variance), offset, scale), order: 1 }, // prettier-ignore
  norm: unary((x) => tf.norm(x), { order: 1 }),
  "conv, same": image((x, w) => tf.conv2d(x, w, 1, "same"), [3, 3, 3, 4]),
  "conv, strided": image((x, w) => tf.conv2d(x, w, 2, "same"), [3, 3, 3, 4]),
  "conv, valid and strided": image((x, w) => tf.conv2d(x, w, [2, 3], "valid"), [3, 2, 3, 4]),
  "conv, padded": image((x, w) => tf.conv2d(x, w, 2, 1), [4, 4, 3, 2]),
  "conv, dilated": image((x, w) => tf.conv2d(x, w, 1, "same", "NHWC", 2), [2, 2, 3, 2], 0),
  "conv, transposed": image((x, w) => tf.conv2dTranspose(x, w, [2, 12, 10, 4], 2, "same"), [3, 3, 4, 3]),
};

const values = (
  shape: readonly number[],
  [low, high]: readonly [number, number],
  seed: number,
): Float32Array => {
  const size = shape.reduce((a, b) => a * b, 1);
  // Weyl's sequence: distinct and spread, with no generator.
  return Float32Array.from({ length: size }, (_, i) => low + (high - low) * (((i + 1) * 0.6180339887 + seed * 0.37) % 1)); // prettier-ignore
};

/** The values and, up to `order`, the derivatives of a weighted sum of them. */
function bodyOf({ f, order = 0 }: Case, names: readonly string[]): Body {
  return (inputs) =>
    onTape(() => {
      const x = names.map((name) => tf.clone(inputs[name]!));
      const made = [f(...x)].flat();
      const out: Named = Object.fromEntries(made.map((y, i) => [`value ${i}`, y]));
      let top = made[0]!;
      for (let k = 1; k <= order; k++) {
        const weights = tf.reshape(tf.cos(tf.range(0, top.size, 1, "float32")), top.shape);
        const derived = gradients(tf.sum(tf.mul(top, weights)), x);
        for (const [i, d] of derived.entries()) out[`derivative ${k} by ${i}`] = d;
        top = tf.concat(derived.map((d) => tf.reshape(d, [-1]))); // prettier-ignore
      }
      return out;
    });
}

for (const [name, kernel] of Object.entries(cases))
  test(`a compiled ${name} agrees with tfjs's cpu backend`, async (t) => {
    const names = kernel.shapes.map((_, i) => `x${i}`);
    const inputs: Arrays = Object.fromEntries(
      kernel.shapes.map((shape, i) => [
        `x${i}`,
        { shape, values: values(shape, kernel.range ?? [-2, 2], i) },
      ]),
    );
    const shapes = Object.fromEntries(kernel.shapes.map((shape, i) => [`x${i}`, shape]));
    const body = bodyOf(kernel, names);
    const [eager, compiled] = [await cpuEngine(), await createOnnxEngine()];
    const [one, two] = [await eager.compile(body, shapes), await compiled.compile(body, shapes)];
    const nothing = () => t.fail("there is no noise here");
    const [expected, got] = [await one.run(inputs, nothing), await two.run(inputs, nothing)];
    two.dispose();
    t.deepEqual(Object.keys(got), Object.keys(expected));
    for (const [output, { shape, values: wanted }] of Object.entries(expected)) {
      t.deepEqual([...got[output]!.shape], [...shape], output);
      for (const [i, x] of [...wanted].entries()) {
        const y = got[output]!.values[i]!;
        const close = Object.is(x, y) || Math.abs(x - y) <= 1e-5 * (1 + Math.abs(x));
        if (!close) t.fail(`${output}, element ${i}: got ${y}, the cpu backend has ${x}`);
      }
    }
  });

for (const [name, kernel] of Object.entries(cases))
  test(`draws of a compiled ${name} in one run agree with draws one by one`, async (t) => {
    const names = kernel.shapes.map((_, i) => `x${i}`);
    const range = kernel.range ?? ([-2, 2] as const);
    const engine = await createOnnxEngine();
    const shapes = Object.fromEntries(kernel.shapes.map((shape, i) => [names[i]!, shape]));
    const given: Arrays = Object.fromEntries(
      kernel.shapes.map((shape, i) => [names[i]!, { shape, values: values(shape, range, i) }]),
    );
    const plain = bodyOf(kernel, names);
    for (let subset = 1; subset < 2 ** names.length; subset++) {
      const noisy = names.filter((_, i) => (subset >> i) % 2 === 1);
      const body: Body = (inputs, noise) =>
        plain({ ...inputs, ...Object.fromEntries(noisy.map((x) => [x, noise(x, shapes[x]!)])) }, noise);
      const [one, many] = [await engine.compile(body, shapes), await engine.compileDraws(body, shapes, 3)];
      const label = `${name}: ${noisy.join(", ")}`;
      t.is(many.size, 3, label);
      const drawOf = (x: string, c: number) => values(shapes[x]!, range, names.indexOf(x) + 5 * c);
      const got = await many.run(given, (x, out) => {
        const n = out.length / many.size;
        for (let c = 0; c < many.size; c++) out.set(drawOf(x, c), c * n);
      });
      for (let c = 0; c < many.size; c++) {
        const expected = await one.run(given, (x, out) => out.set(drawOf(x, c)));
        for (const [output, { values: wanted }] of Object.entries(expected))
          for (const [i, x] of [...wanted].entries()) {
            const y = got[output]!.values[c * wanted.length + i]!;
            const close = Object.is(x, y) || Math.abs(x - y) <= 1e-5 * (1 + Math.abs(x));
            if (!close) t.fail(`${label}, draw ${c}, ${output}, element ${i}: got ${y}, alone it is ${x}`);
          }
      }
      one.dispose();
      many.dispose();
    }
    await engine.close();
  });

/** Kernels that reduce, scan or order along axes. */
import type { Builder } from "../graph/builder.ts";
import type { Value } from "../graph/value.ts";
import { cast, mul, unary } from "../graph/algebra.ts";
import { concat, reduce, slice, transpose } from "../graph/arrange.ts";
import type { Reduction } from "../graph/arrange.ts";
import { axesOf, axisOf } from "./kernel.ts";
import type { Kernel, Kernels } from "./kernel.ts";

const reduced =
  (op: Reduction): Kernel =>
  (g, { x }, { axis, reductionIndices, keepDims }) => {
    const axes = axesOf((axis ?? reductionIndices) as number[] | undefined, x!.shape.length);
    // tfjs sums booleans and integers as int32.
    const numeric = x!.type === "bool" ? cast(g, x!, "int32") : x!;
    return reduce(g, op, numeric, axes, Boolean(keepDims));
  };

const logical =
  (op: Reduction): Kernel =>
  (g, { x }, { axis, keepDims }) =>
    cast(
      g,
      reduce(g, op, cast(g, x!, "int32"), axesOf(axis as number[], x!.shape.length), Boolean(keepDims)),
      "bool",
    );

const extremum =
  (op: string): Kernel =>
  (g, { x }, { axis }) => {
    const at = axisOf([axis].flat()[0] as number, x!.shape.length);
    const shape = x!.shape.filter((_, i) => i !== at);
    return cast(g, g.apply(op, [x!], { axis: at, keepdims: 0 }, { type: "int64", shape }), "int32");
  };

/** Softmax and LogSoftmax over an axis; ONNX Runtime is fast on the last. */
export function alongAxis(g: Builder, op: string, x: Value, axis: number): Value {
  return unary(g, op, x, { axis });
}

function softmax(g: Builder, x: Value, dim: number): Value {
  const axis = axisOf(dim, x.shape.length);
  return g.apply("Softmax", [x], { axis }, { type: x.type, shape: x.shape });
}

const cumsum: Kernel = (g, { x }, { axis, exclusive, reverse }) => {
  const at = g.scalar(axisOf(axis as number, x!.shape.length), "int64");
  const attributes = { exclusive: Number(Boolean(exclusive)), reverse: Number(Boolean(reverse)) };
  return g.apply("CumSum", [x!, at], attributes, { type: x!.type, shape: x!.shape });
};

/** ONNX has no running product: one multiplication for each place along the axis. */
const cumprod: Kernel = (g, { x }, { axis, exclusive, reverse }) => {
  const at = axisOf(axis as number, x!.shape.length);
  const n = x!.shape[at]!;
  const part = (i: number) =>
    slice(g, x!, x!.shape.map((_, a) => (a === at ? i : 0)), x!.shape.map((size, a) => (a === at ? 1 : size))); // prettier-ignore
  const parts = Array.from({ length: n }, (_, i) => part(reverse ? n - 1 - i : i));
  const products: Value[] = [];
  for (const [i, value] of parts.entries()) products.push(i === 0 ? value : mul(g, products[i - 1]!, value));
  const one = cast(
    g,
    g.constant(Float32Array.of(1), new Array<number>(x!.shape.length).fill(1), "float32"),
    x!.type,
  );
  const first = g.apply(
    "Expand",
    [one, g.indices(parts[0]!.shape)],
    {},
    { type: x!.type, shape: parts[0]!.shape },
  );
  const shifted = exclusive ? [first, ...products.slice(0, -1)] : products;
  return concat(g, reverse ? shifted.reverse() : shifted, at);
};

const topK: Kernel = (g, { x }, { k }) => {
  const shape = [...x!.shape.slice(0, -1), k as number];
  const attributes = { axis: -1, largest: 1, sorted: 1 };
  const outputs = [
    { type: x!.type, shape },
    { type: "int64", shape },
  ] as const;
  const [values, indices] = g.applyAll("TopK", [x!, g.indices([k as number])], attributes, outputs);
  return [values!, cast(g, indices!, "int32")];
};

export const reductionKernels: Kernels = {
  Sum: reduced("ReduceSum"),
  Mean: reduced("ReduceMean"),
  Max: reduced("ReduceMax"),
  Min: reduced("ReduceMin"),
  Prod: reduced("ReduceProd"),
  All: logical("ReduceMin"),
  Any: logical("ReduceMax"),
  ArgMax: extremum("ArgMax"),
  ArgMin: extremum("ArgMin"),
  Softmax: (g, { logits }, { dim }) => softmax(g, logits!, dim as number),
  LogSoftmax: (g, { logits }, { axis }) => {
    const at = axisOf(axis as number, logits!.shape.length);
    return g.apply("LogSoftmax", [logits!], { axis: at }, { type: logits!.type, shape: logits!.shape });
  },
  Cumsum: cumsum,
  Cumprod: cumprod,
  TopK: topK,
  Transpose: (g, { x }, { perm }) => transpose(g, x!, perm as number[]),
};

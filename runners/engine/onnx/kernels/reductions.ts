/** Kernels that reduce, scan or order along axes. */
import { cast, expand, mul } from "../graph/algebra.ts";
import { type Reduction, concat, reduce, split, transpose } from "../graph/arrange.ts";
import { type Kernel, type Kernels, axesOf, axisOf } from "./kernel.ts";

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
    return cast(g, g.apply(op, [x!], { axis: at, keepdims: 0 }, shape, "int64"), "int32");
  };

/** Softmax and its logarithm along the axis that the attribute names. */
const alongAxis =
  (op: string, attribute: string): Kernel =>
  (g, { logits }, attrs) => {
    const { shape } = logits!;
    return g.apply(op, [logits!], { axis: axisOf(attrs[attribute] as number, shape.length) }, shape);
  };

const cumsum: Kernel = (g, { x }, { axis, exclusive, reverse }) => {
  const at = g.scalar(axisOf(axis as number, x!.shape.length), "int64");
  const attributes = { exclusive: Number(Boolean(exclusive)), reverse: Number(Boolean(reverse)) };
  return g.apply("CumSum", [x!, at], attributes, x!.shape);
};

/** ONNX has no running product: the graph has one multiplication for each place along the axis. */
const cumprod: Kernel = (g, { x }, { axis, exclusive, reverse }) => {
  const at = axisOf(axis as number, x!.shape.length);
  const parts = split(g, x!, new Array<number>(x!.shape[at]!).fill(1), at);
  if (reverse) parts.reverse();
  const products = [expand(g, g.scalar(1, x!.type), parts[0]!.shape)];
  for (const part of parts) products.push(mul(g, products.at(-1)!, part));
  const kept = exclusive ? products.slice(0, -1) : products.slice(1);
  return concat(g, reverse ? kept.reverse() : kept, at);
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
  Softmax: alongAxis("Softmax", "dim"),
  LogSoftmax: alongAxis("LogSoftmax", "axis"),
  Cumsum: cumsum,
  Cumprod: cumprod,
  TopK: topK,
  Transpose: (g, { x }, { perm }) => transpose(g, x!, perm as number[]),
};

/** Kernels that reduce, scan, order or multiply along axes. */
import { cast } from "../graph/algebra.ts";
import { matmul, type Reduction, reduce, transpose } from "../graph/arrange.ts";
import { type Kernel, type Kernels, axesOf, axisOf } from "./kernel.ts";

const reduced =
  (op: Reduction): Kernel =>
  (g, { x }, { axis, reductionIndices, keepDims }) => {
    const axes = axesOf((axis ?? reductionIndices) as number[] | undefined, x!.shape.length);
    // tfjs sums booleans and integers as int32.
    const numeric = x!.type === "bool" ? cast(g, x!, "int32") : x!;
    return reduce(g, op, numeric, axes, Boolean(keepDims));
  };

const argMax: Kernel = (g, { x }, { axis }) => {
  const at = axisOf([axis].flat()[0] as number, x!.shape.length);
  const shape = x!.shape.filter((_, i) => i !== at);
  return cast(g, g.apply("ArgMax", [x!], { axis: at, keepdims: 0 }, shape, "int64"), "int32");
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
  BatchMatMul: (g, { a, b }, { transposeA, transposeB }) =>
    matmul(g, a!, b!, Boolean(transposeA), Boolean(transposeB)),
  Sum: reduced("ReduceSum"),
  Mean: reduced("ReduceMean"),
  Max: reduced("ReduceMax"),
  Min: reduced("ReduceMin"),
  ArgMax: argMax,
  Softmax: alongAxis("Softmax", "dim"),
  LogSoftmax: alongAxis("LogSoftmax", "axis"),
  Cumsum: cumsum,
  TopK: topK,
  Transpose: (g, { x }, { perm }) => transpose(g, x!, perm as number[]),
};

/** Kernels that move, join, pad or pick elements. */
import type { Tensor } from "@tensorflow/tfjs";
import { tf } from "../../../../estimators/core/autodiff.ts";
import { type ElementType, sizeOf } from "../graph/value.ts";
import { cast, elementwise, expand, reshape, where } from "../graph/algebra.ts";
import { concat, gather, slice, split } from "../graph/arrange.ts";
import { type Kernel, type Kernels, axesOf, axisOf } from "./kernel.ts";

const reshapeTo: Kernel = (g, { x }, { shape }) =>
  reshape(g, x!, tf.util.inferFromImplicitShape([...(shape as number[])], sizeOf(x!.shape)));

const expandDims: Kernel = (g, { input }, { dim }) => {
  const rank = input!.shape.length;
  const at = (dim as number) < 0 ? rank + 1 + (dim as number) : (dim as number);
  return reshape(g, input!, input!.shape.toSpliced(at, 0, 1));
};

const sliced: Kernel = (g, { x }, { begin, size }) => {
  const info = { shape: [...x!.shape] } as Tensor;
  const [from, sizes] = tf.slice_util.parseSliceParams(info, begin as number[], size as number[]) as [
    number[],
    number[],
  ];
  return slice(g, x!, from, sizes);
};

const concatenated: Kernel = (g, inputs, { axis }) => {
  const parts = Object.values(inputs);
  const at = axisOf(axis as number, parts[0]!.shape.length);
  tf.backend_util.assertParamsConsistent(parts.map((x) => [...x.shape]), at); // prettier-ignore
  return concat(g, parts, at);
};

const pack: Kernel = (g, inputs, { axis }) => {
  const parts = Object.values(inputs);
  const at = axisOf(axis as number, parts[0]!.shape.length + 1);
  return concat(g, parts.map((x) => reshape(g, x, x.shape.toSpliced(at, 0, 1))), at); // prettier-ignore
};

const splitV: Kernel = (g, { x }, { numOrSizeSplits, axis }) => {
  const at = axisOf(axis as number, x!.shape.length);
  const info = { shape: [...x!.shape] } as Tensor;
  return split(g, x!, tf.backend_util.prepareSplitSize(info, numOrSizeSplits as number[], at), at);
};

const unpack: Kernel = (g, { value }, { axis }) => {
  const at = axisOf(axis as number, value!.shape.length);
  const parts = split(g, value!, new Array<number>(value!.shape[at]!).fill(1), at);
  return parts.map((x) => reshape(g, x, x.shape.toSpliced(at, 1)));
};

const padded: Kernel = (g, { x }, { paddings, constantValue }) => {
  const ends = paddings as [number, number][];
  const shape = x!.shape.map((n, i) => n + ends[i]![0] + ends[i]![1]);
  const pads = g.indices([...ends.map((p) => p[0]), ...ends.map((p) => p[1])]);
  const value = g.scalar((constantValue as number | undefined) ?? 0, x!.type);
  return g.apply("Pad", [x!, pads, value], { mode: "constant" }, shape);
};

const tile: Kernel = (g, { x }, { reps }) => {
  const times = reps as number[];
  const shape = x!.shape.map((n, i) => n * times[i]!);
  if (x!.shape.every((n, i) => n === 1 || times[i] === 1)) return expand(g, x!, shape);
  return g.apply("Tile", [x!, g.indices(times)], {}, shape);
};

const reverse: Kernel = (g, { x }, { dims }) => {
  const axes = axesOf(dims as number[], x!.shape.length);
  if (axes.length === 0) return x!;
  const [from, to, by] = [axes.map(() => -1), axes.map((a) => -x!.shape[a]! - 1), axes.map(() => -1)];
  return g.apply("Slice", [x!, g.indices(from), g.indices(to), g.indices(axes), g.indices(by)], {}, x!.shape); // prettier-ignore
};

const gatherV2: Kernel = (g, { x, indices }, { axis, batchDims }) => {
  if (batchDims) throw new Error(`gather: batchDims must be 0 in a compiled step, got ${String(batchDims)}`);
  return gather(
    g,
    x!,
    cast(g, indices!, "int32"),
    axisOf((axis as number | undefined) ?? 0, x!.shape.length),
  );
};

/** Rows of x added up by the integer beside each. */
const segmentSum: Kernel = (g, { x, segmentIds }, { numSegments }) => {
  const shape = [numSegments as number, ...x!.shape.slice(segmentIds!.shape.length)];
  const indices = cast(g, reshape(g, segmentIds!, [...segmentIds!.shape, 1]), "int64");
  const zeros = expand(g, g.scalar(0, x!.type), shape);
  return g.apply("ScatterND", [zeros, indices, x!], { reduction: "add" }, shape);
};

/** By comparison: the operator OneHot takes element after element. */
const oneHot: Kernel = (g, { indices }, { depth, onValue, offValue, dtype }) => {
  const type = (dtype as ElementType | undefined) ?? "int32";
  const [n, on, off] = [depth as number, onValue as number, offValue as number];
  const places = g.constant(Int32Array.from({ length: n }, (_, i) => i), [n], "int32"); // prettier-ignore
  const index = reshape(g, cast(g, indices!, "int32"), [...indices!.shape, 1]);
  const hit = elementwise(g, "Equal", [index, places], "bool");
  return on === 1 && off === 0 ? cast(g, hit, type) : where(g, hit, g.scalar(on, type), g.scalar(off, type));
};

export const arrangementKernels: Kernels = {
  Reshape: reshapeTo,
  ExpandDims: expandDims,
  Slice: sliced,
  Concat: concatenated,
  Pack: pack,
  Unpack: unpack,
  SplitV: splitV,
  PadV2: padded,
  Tile: tile,
  BroadcastTo: (g, { x }, { shape }) => expand(g, x!, shape as number[]),
  Reverse: reverse,
  GatherV2: gatherV2,
  UnsortedSegmentSum: segmentSum,
  OneHot: oneHot,
};

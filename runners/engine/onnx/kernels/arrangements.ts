/** Kernels that move, join, pad or pick elements, and those that make constants. */
import type { Tensor } from "@tensorflow/tfjs";
import { tf } from "../../../../estimators/core/autodiff.ts";
import type { Builder } from "../graph/builder.ts";
import type { ElementType, Value } from "../graph/value.ts";
import { sizeOf } from "../graph/value.ts";
import { arrayOf } from "../graph/builder.ts";
import { cast, elementwise, expand, reshape, where } from "../graph/algebra.ts";
import { concat, gather, slice } from "../graph/arrange.ts";
import { axesOf, axisOf } from "./kernel.ts";
import type { Kernel, Kernels } from "./kernel.ts";

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

const strided: Kernel = (g, { x }, attrs) => {
  const { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = attrs;
  const info = tf.slice_util.sliceInfo([...x!.shape], begin as number[], end as number[], strides as number[], beginMask as number, endMask as number, ellipsisMask as number, newAxisMask as number, shrinkAxisMask as number); // prettier-ignore
  const axes = info.begin.map((_, axis) => axis);
  const shape = info.begin.map((b, i) => Math.max(0, Math.ceil((info.end[i]! - b) / info.strides[i]!)));
  // ONNX clamps an end below 0 to the front only when it is past −n.
  const ends = info.end.map((e, i) => (info.strides[i]! < 0 && e < 0 ? -x!.shape[i]! - 1 : e));
  const picked = g.apply("Slice", [x!, g.indices(info.begin), g.indices(ends), g.indices(axes), g.indices(info.strides)], {}, { type: x!.type, shape }); // prettier-ignore
  return reshape(g, picked, info.finalShape);
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

function split(g: Builder, x: Value, sizes: readonly number[], axis: number): Value[] {
  let from = 0;
  return sizes.map((n) => {
    const part = slice(g, x, x.shape.map((_, i) => (i === axis ? from : 0)), x.shape.map((size, i) => (i === axis ? n : size))); // prettier-ignore
    from += n;
    return part;
  });
}

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

const padded =
  (mode: (attrs: { mode?: string }) => string): Kernel =>
  (g, { x }, attrs) => {
    const paddings = attrs["paddings"] as [number, number][];
    const shape = x!.shape.map((n, i) => n + paddings[i]![0] + paddings[i]![1]);
    const pads = g.indices([...paddings.map((p) => p[0]), ...paddings.map((p) => p[1])]);
    const kind = mode(attrs as { mode?: string });
    const fill =
      kind === "constant" ? [g.scalar((attrs["constantValue"] as number | undefined) ?? 0, x!.type)] : [];
    return g.apply("Pad", [x!, pads, ...fill], { mode: kind }, { type: x!.type, shape });
  };

function reflected({ mode }: { mode?: string }): string {
  if (mode === "reflect") return mode;
  throw new Error(`mirrorPad: mode must be "reflect" in a compiled step, got "${mode}"`);
}

const tile: Kernel = (g, { x }, { reps }) => {
  const times = reps as number[];
  const shape = x!.shape.map((n, i) => n * times[i]!);
  if (x!.shape.every((n, i) => n === 1 || times[i] === 1)) return expand(g, x!, shape);
  return g.apply("Tile", [x!, g.indices(times)], {}, { type: x!.type, shape });
};

const reverse: Kernel = (g, { x }, { dims }) => {
  const axes = axesOf(dims as number[], x!.shape.length);
  if (axes.length === 0) return x!;
  const [from, to, by] = [axes.map(() => -1), axes.map((a) => -x!.shape[a]! - 1), axes.map(() => -1)];
  return g.apply("Slice", [x!, g.indices(from), g.indices(to), g.indices(axes), g.indices(by)], {}, { type: x!.type, shape: x!.shape }); // prettier-ignore
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

const gatherNd: Kernel = (g, { params, indices }) => {
  const depth = indices!.shape.at(-1)!;
  const shape = [...indices!.shape.slice(0, -1), ...params!.shape.slice(depth)];
  return g.apply("GatherND", [params!, cast(g, indices!, "int64")], {}, { type: params!.type, shape });
};

const scatterNd: Kernel = (g, { indices, updates }, { shape }) => {
  const zeros = expand(g, g.scalar(0, updates!.type), shape as number[]);
  const inputs = [zeros, cast(g, indices!, "int64"), updates!];
  return g.apply(
    "ScatterND",
    inputs,
    { reduction: "add" },
    { type: updates!.type, shape: shape as number[] },
  );
};

/** Rows of x added up by the integer beside each. */
const segmentSum: Kernel = (g, { x, segmentIds }, { numSegments }) => {
  const shape = [numSegments as number, ...x!.shape.slice(segmentIds!.shape.length)];
  const indices = cast(g, reshape(g, segmentIds!, [...segmentIds!.shape, 1]), "int64");
  const zeros = expand(g, g.scalar(0, x!.type), shape);
  return g.apply("ScatterND", [zeros, indices, x!], { reduction: "add" }, { type: x!.type, shape });
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

const fill: Kernel = (g, _inputs, { shape, value, dtype }) => {
  const type = (dtype as ElementType | undefined) ?? "float32";
  return expand(g, g.scalar(Number(value), type), shape as number[]);
};

const range: Kernel = (g, _inputs, { start, stop, step, dtype }) => {
  const [from, to, by] = [start as number, stop as number, step as number];
  const n = Math.max(0, Math.ceil((to - from) / by));
  const type = dtype as ElementType;
  return g.constant(
    arrayOf(
      type,
      Array.from({ length: n }, (_, i) => from + i * by),
    ),
    [n],
    type,
  );
};

const linspace: Kernel = (g, _inputs, { start, stop, num }) => {
  const [from, to, n] = [start as number, stop as number, num as number];
  const by = n > 1 ? (to - from) / (n - 1) : 0;
  return g.constant(Float32Array.from({ length: n }, (_, i) => from + i * by), [n], "float32"); // prettier-ignore
};

/** A tensor with x on its diagonal: shape [...x, ...x]. */
const diag: Kernel = (g, { x }) => {
  const n = sizeOf(x!.shape);
  const eye = Float32Array.from({ length: n * n }, (_, i) => Number(i % (n + 1) === 0));
  const spread = g.apply("Mul", [reshape(g, x!, [n, 1]), cast(g, g.constant(eye, [n, n], "float32"), x!.type)], {}, { type: x!.type, shape: [n, n] }); // prettier-ignore
  return reshape(g, spread, [...x!.shape, ...x!.shape]);
};

export const arrangementKernels: Kernels = {
  Reshape: reshapeTo,
  ExpandDims: expandDims,
  Slice: sliced,
  StridedSlice: strided,
  Concat: concatenated,
  Pack: pack,
  Unpack: unpack,
  SplitV: splitV,
  PadV2: padded(() => "constant"),
  MirrorPad: padded(reflected),
  Tile: tile,
  BroadcastTo: (g, { x }, { shape }) => expand(g, x!, shape as number[]),
  Reverse: reverse,
  GatherV2: gatherV2,
  GatherNd: gatherNd,
  ScatterNd: scatterNd,
  UnsortedSegmentSum: segmentSum,
  OneHot: oneHot,
  Fill: fill,
  Range: range,
  LinSpace: linspace,
  Diag: diag,
};

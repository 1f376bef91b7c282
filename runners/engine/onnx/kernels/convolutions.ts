/**
 * Convolutions and pooling. tfjs lays images out as [N, H, W, C] and filters as [H, W, C, O]; ONNX as
 * [N, C, H, W] and [O, C, H, W]. Gradients are convolutions too: of the output's gradient with the filter turned
 * around (to the input), and of the input with the output's gradient, rows of the batch as channels (to the filter).
 */
import type { backend_util } from "@tensorflow/tfjs";
import { tf } from "../../../../estimators/core/autodiff.ts";
import type { Builder } from "../graph/builder.ts";
import type { Value } from "../graph/value.ts";
import { div, elementwise, mul, reshape } from "../graph/algebra.ts";
import { slice, transpose } from "../graph/arrange.ts";
import type { Attrs, Kernel, Kernels } from "./kernel.ts";

type Info = backend_util.Conv2DInfo;
type Shape4 = [number, number, number, number];

const inward = (g: Builder, x: Value) => transpose(g, x, [0, 3, 1, 2]); // [N, H, W, C] → [N, C, H, W]
const outward = (g: Builder, x: Value) => transpose(g, x, [0, 2, 3, 1]);

function infoOf(x: readonly number[], filter: readonly number[], attrs: Attrs): Info {
  const { strides, pad, dilations, dimRoundingMode, dataFormat } = attrs;
  if (dataFormat !== undefined && dataFormat !== "NHWC" && dataFormat !== "channelsLast")
    throw new Error(`conv2d: dataFormat must be NHWC in a compiled step, got ${String(dataFormat)}`);
  return tf.backend_util.computeConv2DInfo(x as Shape4, filter as Shape4, strides as number, (dilations as number | undefined) ?? 1, pad as number, dimRoundingMode as "floor"); // prettier-ignore
}

const windows = (info: Info) => ({
  kernel_shape: [info.filterHeight, info.filterWidth],
  strides: [info.strideHeight, info.strideWidth],
  dilations: [info.dilationHeight, info.dilationWidth],
  pads: [info.padInfo.top, info.padInfo.left, info.padInfo.bottom, info.padInfo.right],
});

function convolve(g: Builder, x: Value, filter: Value, info: Info, group: number): Value {
  const shape = [info.batchSize, info.outChannels, info.outHeight, info.outWidth];
  return g.apply("Conv", [x, filter], { ...windows(info), group }, { type: x.type, shape });
}

const conv2d: Kernel = (g, { x, filter }, attrs) => {
  const info = infoOf(x!.shape, filter!.shape, attrs);
  return outward(g, convolve(g, inward(g, x!), transpose(g, filter!, [3, 2, 0, 1]), info, 1));
};

/** The transposed convolution whose result has exactly the input's shape. */
function backToInput(g: Builder, dy: Value, filter: Value, info: Info, group: number): Value {
  const covered = (out: number, stride: number, size: number, dilation: number) =>
    (out - 1) * stride + (size - 1) * dilation + 1;
  const { padInfo, strideHeight, strideWidth, filterHeight, filterWidth, dilationHeight, dilationWidth } =
    info;
  const high = covered(info.outHeight, strideHeight, filterHeight, dilationHeight);
  const wide = covered(info.outWidth, strideWidth, filterWidth, dilationWidth);
  // Rows that no window reached have gradient zero: they are padded on, as output_padding.
  const missing = [info.inHeight + padInfo.top - high, info.inWidth + padInfo.left - wide];
  const beyond = missing.map((n) => Math.max(0, n));
  const pads = [padInfo.top, padInfo.left, Math.max(0, -missing[0]!), Math.max(0, -missing[1]!)];
  const shape = [info.batchSize, info.inChannels, info.inHeight, info.inWidth];
  const attributes = { ...windows(info), pads: [0, 0, 0, 0], group };
  const full = [info.batchSize, info.inChannels, high, wide];
  const made = g.apply("ConvTranspose", [dy, filter], attributes, { type: dy.type, shape: full });
  const grown = beyond.some((n) => n > 0)
    ? g.apply("Pad", [made, g.indices([0, 0, 0, 0, 0, 0, ...beyond]), g.scalar(0)], { mode: "constant" }, { type: dy.type, shape: [full[0]!, full[1]!, high + beyond[0]!, wide + beyond[1]!] }) // prettier-ignore
    : made;
  return slice(g, grown, [0, 0, pads[0]!, pads[1]!], shape);
}

const conv2dInput: Kernel = (g, { dy, filter }, attrs) => {
  const info = infoOf(attrs["inputShape"] as number[], filter!.shape, attrs);
  return outward(g, backToInput(g, inward(g, dy!), transpose(g, filter!, [3, 2, 0, 1]), info, 1));
};

/** x [C, N, H, W] convolved with dy [O, N, oh, ow], strides and dilations changing places. */
function filterGradient(g: Builder, x: Value, dy: Value, info: Info, group: number): Value {
  const reach = (n: number, before: number, out: number, stride: number, size: number, dilation: number) =>
    (out - 1) * stride + (size - 1) * dilation + 1 - n - before;
  const { padInfo: pad } = info;
  const bottom = reach(info.inHeight, pad.top, info.outHeight, info.strideHeight, info.filterHeight, info.dilationHeight); // prettier-ignore
  const right = reach(info.inWidth, pad.left, info.outWidth, info.strideWidth, info.filterWidth, info.dilationWidth); // prettier-ignore
  const used = slice(g, x, [0, 0, 0, 0], [x.shape[0]!, x.shape[1]!, x.shape[2]! + Math.min(0, bottom), x.shape[3]! + Math.min(0, right)]); // prettier-ignore
  const attributes = {
    kernel_shape: [info.outHeight, info.outWidth],
    strides: [info.dilationHeight, info.dilationWidth],
    dilations: [info.strideHeight, info.strideWidth],
    pads: [pad.top, pad.left, Math.max(0, bottom), Math.max(0, right)],
    group,
  };
  const shape = [x.shape[0]!, dy.shape[0]!, info.filterHeight, info.filterWidth];
  return g.apply("Conv", [used, dy], attributes, { type: x.type, shape });
}

const conv2dFilter: Kernel = (g, { x, dy }, attrs) => {
  const info = infoOf(x!.shape, attrs["filterShape"] as number[], attrs);
  const made = filterGradient(g, transpose(g, x!, [3, 0, 1, 2]), transpose(g, dy!, [3, 0, 1, 2]), info, 1);
  return transpose(g, made, [2, 3, 0, 1]); // [C, O, H, W] → [H, W, C, O]
};

function poolInfo(x: Value, { filterSize, strides, pad, dimRoundingMode }: Attrs): Info {
  return tf.backend_util.computePool2DInfo(x.shape as Shape4, filterSize as number, strides as number, 1, pad as number, dimRoundingMode as "floor"); // prettier-ignore
}

function pooled(g: Builder, op: string, x: Value, info: Info): Value {
  const { dilations, ...rest } = windows(info);
  const shape = [info.batchSize, info.inChannels, info.outHeight, info.outWidth];
  const attributes = op === "MaxPool" ? { ...rest, dilations } : { ...rest, count_include_pad: 0 };
  return g.apply(op, [x], attributes, { type: x.type, shape });
}

/** Each window's values as channels [N, C·kh·kw, oh, ow], by a convolution with the identity. */
function unfold(g: Builder, x: Value, info: Info): { windows: Value; filter: Value } {
  const [size, c] = [info.filterHeight * info.filterWidth, info.inChannels];
  const eye = Float32Array.from({ length: c * size * size }, (_, i) =>
    Number(i % size === Math.floor(i / size) % size),
  );
  const filter = g.constant(eye, [c * size, 1, info.filterHeight, info.filterWidth], "float32");
  const shape = [info.batchSize, c * size, info.outHeight, info.outWidth];
  return {
    windows: g.apply("Conv", [x, filter], { ...windows(info), group: c }, { type: x.type, shape }),
    filter,
  };
}

/** The gradient goes to the last of a window's maxima, as in tfjs's cpu backend. */
const maxPoolGrad: Kernel = (g, { dy, input }, attrs) => {
  const info = poolInfo(input!, attrs);
  const { top, left, bottom, right } = info.padInfo;
  const [n, c, size] = [info.batchSize, info.inChannels, info.filterHeight * info.filterWidth];
  const low = g.scalar(-1e30);
  const x = inward(g, input!);
  const shape = [n, c, info.inHeight + top + bottom, info.inWidth + left + right];
  const whole = g.apply("Pad", [x, g.indices([0, 0, top, left, 0, 0, bottom, right]), low], { mode: "constant" }, { type: x.type, shape }); // prettier-ignore
  const inside: Info = { ...info, padInfo: { ...info.padInfo, top: 0, left: 0, bottom: 0, right: 0 }, inHeight: shape[2]!, inWidth: shape[3]! }; // prettier-ignore
  const { windows: values, filter } = unfold(g, whole, inside);
  const places = reshape(g, values, [n, c, size, info.outHeight, info.outWidth]);
  const chosen = g.apply("ArgMax", [places], { axis: 2, keepdims: 0, select_last_index: 1 }, { type: "int64", shape: [n, c, info.outHeight, info.outWidth] }); // prettier-ignore
  const ends = g.constant(Float32Array.of(0, 1), [2], "float32");
  const mask = g.apply("OneHot", [chosen, g.scalar(size, "int64"), ends], { axis: 2 }, { type: "float32", shape: places.shape }); // prettier-ignore
  const spread = mul(g, mask, reshape(g, inward(g, dy!), [n, c, 1, info.outHeight, info.outWidth]));
  const made = backToInput(g, reshape(g, spread, values.shape), filter, inside, c);
  return outward(g, slice(g, made, [0, 0, top, left], [n, c, info.inHeight, info.inWidth]));
};

/** Each window's gradient in equal parts to the elements it holds. */
const avgPoolGrad: Kernel = (g, { dy, input }, attrs) => {
  const info = poolInfo(input!, attrs);
  const c = info.inChannels;
  const size = info.filterHeight * info.filterWidth;
  const filter = g.constant(
    new Float32Array(c * size).fill(1),
    [c, 1, info.filterHeight, info.filterWidth],
    "float32",
  );
  const ones = g.constant(new Float32Array(info.inHeight * info.inWidth).fill(1), [1, 1, info.inHeight, info.inWidth], "float32"); // prettier-ignore
  const counter = g.constant(
    new Float32Array(size).fill(1),
    [1, 1, info.filterHeight, info.filterWidth],
    "float32",
  );
  const counts = g.apply("Conv", [ones, counter], windows(info), { type: "float32", shape: [1, 1, info.outHeight, info.outWidth] }); // prettier-ignore
  return outward(g, backToInput(g, div(g, inward(g, dy!), counts), filter, info, c));
};

const maximumWithin: Kernel = (g, { x }, attrs) =>
  outward(g, pooled(g, "MaxPool", inward(g, x!), poolInfo(x!, attrs)));
const averageWithin: Kernel = (g, { x }, attrs) =>
  outward(g, pooled(g, "AveragePool", inward(g, x!), poolInfo(x!, attrs)));

/** Nearest neighbours by whole factors, as decoders grow their images. */
const resizeNearest: Kernel = (g, { images }, { size, alignCorners, halfPixelCenters }) => {
  const [n, h, w, c] = images!.shape as Shape4;
  const [high, wide] = size as [number, number];
  if (alignCorners || halfPixelCenters || high % h || wide % w)
    throw new Error(`resizeNearestNeighbor: sizes must grow by whole factors in a compiled step, got [${h}, ${w}] to [${high}, ${wide}]`); // prettier-ignore
  const split = reshape(g, images!, [n, h, 1, w, 1, c]);
  const factors = g.constant(new Float32Array((high / h) * (wide / w)).fill(1), [1, 1, high / h, 1, wide / w, 1], "float32"); // prettier-ignore
  return reshape(g, elementwise(g, "Mul", [split, factors]), [n, high, wide, c]);
};

export const convolutionKernels: Kernels = {
  Conv2D: conv2d,
  Conv2DBackpropInput: conv2dInput,
  Conv2DBackpropFilter: conv2dFilter,
  MaxPool: maximumWithin,
  MaxPoolGrad: maxPoolGrad,
  AvgPool: averageWithin,
  AvgPoolGrad: avgPoolGrad,
  ResizeNearestNeighbor: resizeNearest,
};

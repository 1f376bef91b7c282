/**
 * Convolutions. tfjs lays images out as [N, H, W, C] and filters as [H, W, C, O]; ONNX as [N, C, H, W] and [O, C, H, W].
 * Gradients are convolutions too: by the input, the output's gradient with the transposed filter; by the filter, the input
 * with the output's gradient, rows of the batch as channels.
 */
import type { backend_util } from "@tensorflow/tfjs";
import { tf } from "../../../../estimators/core/autodiff.ts";
import type { Builder } from "../graph/builder.ts";
import type { Value } from "../graph/value.ts";
import { slice, transpose } from "../graph/arrange.ts";
import type { KernelAttributes, Kernel, Kernels } from "./kernel.ts";

type Info = backend_util.Conv2DInfo;
type Shape4 = [number, number, number, number];

const inward = (g: Builder, x: Value) => transpose(g, x, [0, 3, 1, 2]); // [N, H, W, C] → [N, C, H, W]
const outward = (g: Builder, x: Value) => transpose(g, x, [0, 2, 3, 1]);
const filterFirst = (g: Builder, filter: Value) => transpose(g, filter, [3, 2, 0, 1]); // → [O, C, H, W]

function infoOf(x: readonly number[], filter: readonly number[], attrs: KernelAttributes): Info {
  const { strides, pad, dilations, dimRoundingMode, dataFormat } = attrs;
  if (dataFormat !== undefined && dataFormat !== "NHWC" && dataFormat !== "channelsLast")
    throw new Error(`dataFormat must be NHWC in a compiled step, got ${String(dataFormat)}`);
  return tf.backend_util.computeConv2DInfo(x as Shape4, filter as Shape4, strides as number, (dilations as number | undefined) ?? 1, pad as number, dimRoundingMode as "floor"); // prettier-ignore
}

const windows = (info: Info) => ({
  kernel_shape: [info.filterHeight, info.filterWidth],
  strides: [info.strideHeight, info.strideWidth],
  dilations: [info.dilationHeight, info.dilationWidth],
});

/** Rows and columns that the windows cover. */
const covered = (info: Info): [number, number] => [
  (info.outHeight - 1) * info.strideHeight + (info.filterHeight - 1) * info.dilationHeight + 1,
  (info.outWidth - 1) * info.strideWidth + (info.filterWidth - 1) * info.dilationWidth + 1,
];

const conv2d: Kernel = (g, { x, filter }, attrs) => {
  const info = infoOf(x!.shape, filter!.shape, attrs);
  const { top, left, bottom, right } = info.padInfo;
  const shape = [info.batchSize, info.outChannels, info.outHeight, info.outWidth];
  const attributes = { ...windows(info), pads: [top, left, bottom, right], group: 1 };
  const inputs = [inward(g, x!), filterFirst(g, filter!)];
  return outward(g, g.apply("Conv", inputs, attributes, shape));
};

/** The transposed convolution, cut or padded to the shape of the input. */
const gradientByInput: Kernel = (g, { dy, filter }, attrs) => {
  const info = infoOf(attrs["inputShape"] as number[], filter!.shape, attrs);
  const { top, left } = info.padInfo;
  const [n, c, height, width] = [info.batchSize, info.inChannels, info.inHeight, info.inWidth];
  const [high, wide] = covered(info);
  const attributes = { ...windows(info), pads: [0, 0, 0, 0], group: 1 };
  const inputs = [inward(g, dy!), filterFirst(g, filter!)];
  const made = g.apply("ConvTranspose", inputs, attributes, [n, c, high, wide]);
  const cut = (x: Value) => outward(g, slice(g, x, [0, 0, top, left], [n, c, height, width]));
  // Rows and columns that no window covers have gradient zero.
  const [below, beside] = [Math.max(0, height + top - high), Math.max(0, width + left - wide)];
  if (below === 0 && beside === 0) return cut(made);
  const pads = g.indices([0, 0, 0, 0, 0, 0, below, beside]);
  const shape = [n, c, high + below, wide + beside];
  return cut(g.apply("Pad", [made, pads, g.scalar(0)], { mode: "constant" }, shape));
};

/** The input convolved with the output's gradient; strides and dilations are exchanged. */
const gradientByFilter: Kernel = (g, { x, dy }, attrs) => {
  const info = infoOf(x!.shape, attrs["filterShape"] as number[], attrs);
  const { top, left } = info.padInfo;
  const [high, wide] = covered(info);
  const [bottom, right] = [high - info.inHeight - top, wide - info.inWidth - left];
  const size = [info.inHeight + Math.min(0, bottom), info.inWidth + Math.min(0, right)];
  const used = slice(
    g,
    transpose(g, x!, [3, 0, 1, 2]),
    [0, 0, 0, 0],
    [info.inChannels, info.batchSize, ...size],
  );
  const attributes = {
    kernel_shape: [info.outHeight, info.outWidth],
    strides: [info.dilationHeight, info.dilationWidth],
    dilations: [info.strideHeight, info.strideWidth],
    pads: [top, left, Math.max(0, bottom), Math.max(0, right)],
    group: 1,
  };
  const shape = [info.inChannels, info.outChannels, info.filterHeight, info.filterWidth];
  const made = g.apply("Conv", [used, transpose(g, dy!, [3, 0, 1, 2])], attributes, shape);
  return transpose(g, made, [2, 3, 0, 1]); // [C, O, H, W] → [H, W, C, O]
};

export const convolutionKernels: Kernels = {
  Conv2D: conv2d,
  Conv2DBackpropInput: gradientByInput,
  Conv2DBackpropFilter: gradientByFilter,
};

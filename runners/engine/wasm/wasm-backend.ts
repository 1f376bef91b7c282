/** tfjs's WebAssembly backend, with what it lacks or does slowly. */
import "@tensorflow/tfjs-backend-wasm";
import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs";
import { tf } from "../../../estimators/core/autodiff.ts";
import type { Engine } from "../engine.ts";
import { eagerEngine } from "../eager.ts";

type Kernel = (call: { inputs: Record<string, TensorInfo>; backend: unknown; attrs: object }) => TensorInfo;
interface WasmBackend {
  disposeData(id: object): boolean;
  incRef(id: object): void;
}

type Shape4 = [number, number, number, number];
interface ConvolutionAttrs {
  readonly strides: [number, number];
  readonly pad: "valid" | "same" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly filterShape: Shape4;
}

/** Its product is ten times slower on transposed operands than a transpose and a plain product. */
function transposeFirst(): void {
  const name = "BatchMatMul";
  const stock = tf.getKernel(name, "wasm");
  const product = stock.kernelFunc as unknown as Kernel;
  const transpose = tf.getKernel("Transpose", "wasm").kernelFunc as unknown as Kernel;
  const kernelFunc: Kernel = ({ inputs, backend, attrs }) => {
    const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
    const temporary: TensorInfo[] = [];
    const straight = (x: TensorInfo, transposed: boolean): TensorInfo => {
      if (!transposed) return x;
      const perm = x.shape.map((_, axis) => axis);
      perm.push(...perm.splice(-2).toReversed());
      const made = transpose({ inputs: { x }, backend, attrs: { perm } });
      temporary.push(made);
      return made;
    };
    const [a, b] = [straight(inputs["a"]!, transposeA), straight(inputs["b"]!, transposeB)];
    const result = product({ inputs: { a, b }, backend, attrs: { transposeA: false, transposeB: false } });
    for (const { dataId } of temporary) (backend as WasmBackend).disposeData(dataId);
    return result;
  };
  tf.unregisterKernel(name, "wasm");
  tf.registerKernel({ ...stock, kernelFunc } as unknown as KernelConfig);
}

/** Its one-hot writes integers into an array that it calls float32. */
function oneHotAsFloats(): void {
  const name = "OneHot";
  const stock = tf.getKernel(name, "wasm");
  const integers = stock.kernelFunc as unknown as Kernel;
  const cast = tf.getKernel("Cast", "wasm").kernelFunc as unknown as Kernel;
  const kernelFunc: Kernel = ({ inputs, backend, attrs }) => {
    const { dtype } = attrs as { dtype: string };
    const x = integers({ inputs, backend, attrs: { ...attrs, dtype: "int32" } });
    if (dtype === "int32") return x;
    const result = cast({ inputs: { x }, backend, attrs: { dtype } });
    (backend as WasmBackend).disposeData(x.dataId);
    return result;
  };
  tf.unregisterKernel(name, "wasm");
  tf.registerKernel({ ...stock, kernelFunc } as unknown as KernelConfig);
}

/** Its identity copies, and autodiff saves every tensor by one: the same data will do, since no kernel writes into an input. */
function identityOnSameData(): void {
  const name = "Identity";
  const stock = tf.getKernel(name, "wasm");
  const kernelFunc: Kernel = ({ inputs, backend }) => {
    const { dataId, shape, dtype } = inputs["x"]!;
    (backend as WasmBackend).incRef(dataId);
    return { dataId, shape, dtype };
  };
  tf.unregisterKernel(name, "wasm");
  tf.registerKernel({ ...stock, kernelFunc } as unknown as KernelConfig);
}

/**
 * It has no gradient to a convolution's filter: that is the convolution of the input with the output's gradient, rows
 * of the batch as channels, strides and dilations changing places.
 */
function filterGradient(): void {
  const run = (name: string, backend: unknown, inputs: Record<string, TensorInfo>, attrs: object) =>
    (tf.getKernel(name, "wasm").kernelFunc as unknown as Kernel)({ inputs, backend, attrs });
  const kernelFunc: Kernel = ({ inputs, backend, attrs }) => {
    const { strides, pad, dimRoundingMode, filterShape } = attrs as ConvolutionAttrs;
    const [x, dy] = [inputs["x"]!, inputs["dy"]!];
    const info = tf.backend_util.computeConv2DInfo(x.shape as Shape4, filterShape, strides, 1, pad, dimRoundingMode); // prettier-ignore
    const { top, left } = info.padInfo;
    const [high, wide] = [
      (info.outHeight - 1) * info.strideHeight + info.filterHeight,
      (info.outWidth - 1) * info.strideWidth + info.filterWidth,
    ];
    const below = Math.max(0, high - top - info.inHeight);
    const beside = Math.max(0, wide - left - info.inWidth);
    const temporary: TensorInfo[] = [];
    const keep = (made: TensorInfo) => (temporary.push(made), made);
    const padded = keep(run("PadV2", backend, { x }, { paddings: [[0, 0], [top, below], [left, beside], [0, 0]], constantValue: 0 })); // prettier-ignore
    const channels = keep(run("Transpose", backend, { x: padded }, { perm: [3, 1, 2, 0] })); // [C, H, W, N]
    const filter = keep(run("Transpose", backend, { x: dy }, { perm: [1, 2, 0, 3] })); // [oh, ow, N, O]
    const windows = { strides: [1, 1], dilations: strides, pad: "valid", dataFormat: "NHWC" };
    const whole = keep(run("Conv2D", backend, { x: channels, filter }, windows)); // [C, ≥ h, ≥ w, O]
    const size = [info.inChannels, info.filterHeight, info.filterWidth, info.outChannels];
    const used = keep(run("Slice", backend, { x: whole }, { begin: [0, 0, 0, 0], size }));
    const result = run("Transpose", backend, { x: used }, { perm: [1, 2, 0, 3] });
    for (const { dataId } of temporary) (backend as WasmBackend).disposeData(dataId);
    return result;
  };
  tf.registerKernel({
    kernelName: "Conv2DBackpropFilter",
    backendName: "wasm",
    kernelFunc,
  } as unknown as KernelConfig);
}

let patched = false;

export async function wasmEngine(): Promise<Engine> {
  await tf.setBackend("wasm");
  if (!patched) {
    transposeFirst();
    oneHotAsFloats();
    identityOnSameData();
    filterGradient();
  }
  patched = true;
  return eagerEngine("wasm", { tfjs: tf.version_core, threads: 1 });
}

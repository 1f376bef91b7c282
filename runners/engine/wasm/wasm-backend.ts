/** The WebAssembly backend of tfjs, with some of its kernels replaced. */
import "@tensorflow/tfjs-backend-wasm";
import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs";
import { tf } from "../../../estimators/core/autodiff.ts";
import type { Engine } from "../engine.ts";
import { eagerEngine } from "../eager.ts";

type Inputs = Readonly<Record<string, TensorInfo>>;
interface WasmBackend {
  disposeData(id: object): boolean;
  incRef(id: object): void;
}
interface KernelCall {
  readonly inputs: Inputs;
  readonly backend: WasmBackend;
  readonly attrs: object;
}
type WasmKernel = (call: KernelCall) => TensorInfo;

const kernelOf = (name: string) => tf.getKernel(name, "wasm").kernelFunc as unknown as WasmKernel;

/** Registers a kernel in place of the one of tfjs, which `make` is given if there is one. */
function replaceKernel(kernelName: string, make: (original: WasmKernel) => WasmKernel): void {
  const original = tf.getKernel(kernelName, "wasm") as KernelConfig | undefined;
  if (original) tf.unregisterKernel(kernelName, "wasm");
  const kernelFunc = make(original?.kernelFunc as unknown as WasmKernel);
  tf.registerKernel({ ...original, kernelName, backendName: "wasm", kernelFunc } as unknown as KernelConfig);
}

/** Runs kernels whose results are freed at the end, all but the one that `f` returns. */
function withTemporaries(
  backend: WasmBackend,
  f: (run: (name: string, inputs: Inputs, attrs: object) => TensorInfo) => TensorInfo,
): TensorInfo {
  const made: TensorInfo[] = [];
  const result = f((name, inputs, attrs) => {
    const x = kernelOf(name)({ inputs, backend, attrs });
    made.push(x);
    return x;
  });
  for (const { dataId } of made) if (dataId !== result.dataId) backend.disposeData(dataId);
  return result;
}

/** The product of tfjs is ten times slower on transposed operands than a transpose and a plain product. */
const transposeFirst =
  (product: WasmKernel): WasmKernel =>
  ({ inputs, backend, attrs }) =>
    withTemporaries(backend, (run) => {
      const { transposeA, transposeB } = attrs as { transposeA: boolean; transposeB: boolean };
      const straight = (x: TensorInfo, transposed: boolean) => {
        if (!transposed) return x;
        const perm = x.shape.map((_, axis) => axis);
        perm.push(...perm.splice(-2).toReversed());
        return run("Transpose", { x }, { perm });
      };
      const [a, b] = [straight(inputs["a"]!, transposeA), straight(inputs["b"]!, transposeB)];
      return product({ inputs: { a, b }, backend, attrs: { transposeA: false, transposeB: false } });
    });

/** The one-hot of tfjs writes integers into an array that it calls float32. */
const oneHotAsFloats =
  (integers: WasmKernel): WasmKernel =>
  ({ inputs, backend, attrs }) => {
    const { dtype } = attrs as { dtype: string };
    const x = integers({ inputs, backend, attrs: { ...attrs, dtype: "int32" } });
    if (dtype === "int32") return x;
    const result = kernelOf("Cast")({ inputs: { x }, backend, attrs: { dtype } });
    backend.disposeData(x.dataId);
    return result;
  };

/** The identity of tfjs copies, and autodiff saves every tensor by one. No kernel writes into an input: sharing the data is safe. */
const identityOnSameData =
  (): WasmKernel =>
  ({ inputs, backend }) => {
    const { dataId, shape, dtype } = inputs["x"]!;
    backend.incRef(dataId);
    return { dataId, shape, dtype };
  };

type Shape4 = [number, number, number, number];
interface FilterGradientAttributes {
  readonly strides: [number, number];
  readonly pad: "valid" | "same" | number;
  readonly dimRoundingMode?: "floor" | "round" | "ceil";
  readonly filterShape: Shape4;
}

/**
 * The backend has no gradient of a convolution by its filter. It is the convolution of the input with the output's gradient,
 * with rows of the batch as channels, and strides and dilations exchanged.
 */
const filterGradient =
  (): WasmKernel =>
  ({ inputs, backend, attrs }) => {
    const { strides, pad, dimRoundingMode, filterShape } = attrs as FilterGradientAttributes;
    const [x, dy] = [inputs["x"]!, inputs["dy"]!];
    const info = tf.backend_util.computeConv2DInfo(x.shape as Shape4, filterShape, strides, 1, pad, dimRoundingMode); // prettier-ignore
    const { top, left } = info.padInfo;
    const height = (info.outHeight - 1) * info.strideHeight + info.filterHeight;
    const width = (info.outWidth - 1) * info.strideWidth + info.filterWidth;
    const bottom = Math.max(0, height - top - info.inHeight);
    const right = Math.max(0, width - left - info.inWidth);
    const paddings = [[0, 0], [top, bottom], [left, right], [0, 0]]; // prettier-ignore
    const size = [info.inChannels, info.filterHeight, info.filterWidth, info.outChannels];
    return withTemporaries(backend, (run) => {
      const padded = run("PadV2", { x }, { paddings, constantValue: 0 });
      const channels = run("Transpose", { x: padded }, { perm: [3, 1, 2, 0] }); // [C, H, W, N]
      const filter = run("Transpose", { x: dy }, { perm: [1, 2, 0, 3] }); // [oh, ow, N, O]
      const windows = { strides: [1, 1], dilations: strides, pad: "valid", dataFormat: "NHWC" };
      const whole = run("Conv2D", { x: channels, filter }, windows); // [C, ≥ h, ≥ w, O]
      const used = run("Slice", { x: whole }, { begin: [0, 0, 0, 0], size });
      return run("Transpose", { x: used }, { perm: [1, 2, 0, 3] });
    });
  };

let replaced = false;

/** The engine `wasm`. */
export async function wasmEngine(): Promise<Engine> {
  await tf.setBackend("wasm");
  if (!replaced) {
    replaceKernel("BatchMatMul", transposeFirst);
    replaceKernel("OneHot", oneHotAsFloats);
    replaceKernel("Identity", identityOnSameData);
    replaceKernel("Conv2DBackpropFilter", filterGradient);
  }
  replaced = true;
  return eagerEngine("wasm", { tfjs: tf.version_core, threads: 1 });
}

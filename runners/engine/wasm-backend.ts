/** tfjs's WebAssembly backend, with what it lacks or does slowly. */
import "@tensorflow/tfjs-backend-wasm";
import type { KernelConfig, TensorInfo } from "@tensorflow/tfjs";
import { tf } from "../../estimators/autodiff.ts";
import type { Engine } from "./engine.ts";
import { eagerEngine } from "./eager.ts";

type Kernel = (call: { inputs: Record<string, TensorInfo>; backend: unknown; attrs: object }) => TensorInfo;
interface WasmBackend {
  disposeData(id: object): boolean;
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

let patched = false;

export async function wasmEngine(): Promise<Engine> {
  await tf.setBackend("wasm");
  if (!patched) {
    transposeFirst();
    oneHotAsFloats();
  }
  patched = true;
  return eagerEngine("wasm", { tfjs: tf.version_core, threads: 1 });
}

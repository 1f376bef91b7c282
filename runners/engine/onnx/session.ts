/** Opens sessions of ONNX Runtime. */
import * as ort from "onnxruntime-node";
import { missingLibrary } from "./missing-library.ts";

export type Device = "cpu" | "webgpu" | "cuda";

export interface SessionOptions {
  readonly device: Device;
  /** Threads inside an operator. */
  readonly threads: number;
  /** The start of the name of the file to which ONNX Runtime writes its profile. */
  readonly profile?: string;
}

/** A session on the bytes of a model. Throws where the device is absent or the model is refused. */
export async function openSession(
  bytes: Uint8Array,
  { device, threads, profile }: SessionOptions,
): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(bytes, {
      executionProviders: device === "cpu" ? ["cpu"] : [device, "cpu"],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: "sequential",
      graphOptimizationLevel: "all",
      logSeverityLevel: 3,
      ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    });
  } catch (error) {
    const needs = device === "webgpu" ? " It needs a GPU with a Vulkan, Metal or Direct3D driver." : "";
    const advice = device === "cpu" ? "" : `${needs} --engine onnx runs on the CPU.`;
    // Without the line of the library's source and the condition there.
    const reason = (error as Error).message
      .replaceAll(/\s+/g, " ")
      .replace(/^\/\S+\.cc:\d+ .* was false\. /, "")
      .trim()
      .replace(/\.$/, "");
    const why = (device === "cuda" ? missingLibrary() : undefined) ?? reason;
    throw new Error(`ONNX Runtime cannot open a session on ${device}: ${why}.${advice}`, { cause: error });
  }
}

/** A tensor on these elements, which ONNX Runtime reads in place. */
export const tensorOn = (values: Float32Array, shape: readonly number[]): ort.Tensor =>
  new ort.Tensor("float32", values, [...shape]);

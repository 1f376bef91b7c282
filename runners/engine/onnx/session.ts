/** Sessions of ONNX Runtime. */
import * as ort from "onnxruntime-node";

export type Device = "cpu" | "webgpu" | "cuda";

export interface SessionOptions {
  readonly device: Device;
  readonly threads: number;
  /** Where ONNX Runtime writes its profile: the start of a file name. */
  readonly profile?: string;
}

/** A session on a model's bytes. */
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
    const advice = device === "cpu" ? "" : "; --engine onnx runs on the CPU";
    // Without the place in the library's source, and the condition there.
    const got = (error as Error).message
      .replaceAll(/\s+/g, " ")
      .replace(/^\/\S+\.cc:\d+ .* was false\. /, "")
      .trim();
    throw new Error(`onnx: a session on ${device} must open, got "${got}"${advice}`, { cause: error });
  }
}

/** A tensor on these elements, which ONNX Runtime reads in place. */
export const tensorOn = (values: Float32Array, shape: readonly number[]): ort.Tensor =>
  new ort.Tensor("float32", values, [...shape]);

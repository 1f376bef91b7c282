/** Finds the library that keeps ONNX Runtime from CUDA; its own error names none. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const provider = "libonnxruntime_providers_cuda.so";

/** The first library that the CUDA provider cannot load, by the dynamic linker's own error. */
function firstMissing(path: string): string | undefined {
  try {
    process.dlopen({ exports: {} }, path);
  } catch (error) {
    return /(\S+): cannot open shared object file/.exec((error as Error).message)?.[1];
  }
  return undefined;
}

/** What the machine lacks for CUDA, as a clause; undefined where nothing is known to be missing. */
export function missingLibrary(packageFolder = onnxruntimeFolder()): string | undefined {
  if (process.platform !== "linux") return undefined;
  const path = join(packageFolder, "bin/napi-v6/linux", process.arch, provider);
  if (!existsSync(path))
    return `the npm package onnxruntime-node leaves out ${provider}; docs/install.md says where to get it`;
  const missing = firstMissing(path);
  if (missing === "libcuda.so.1") return "libcuda.so.1 is not found, so there is no NVIDIA driver";
  return missing && `${missing} is not found; docs/install.md says which libraries CUDA needs`;
}

const onnxruntimeFolder = () => dirname(createRequire(import.meta.url).resolve("onnxruntime-node/package.json")); // prettier-ignore

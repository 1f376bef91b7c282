/** TensorFlow's own kernels through its binding for Node, an optional package that is loaded only by this engine. */
import { pathToFileURL } from "node:url";
import util from "node:util";
import { repairGradients, tf } from "../../../estimators/core/autodiff.ts";
import { environment, lineOf } from "../../errors.ts";
import type { Engine } from "../engine.ts";
import { eagerEngine } from "../eager.ts";
import { findTensorflow } from "./tensorflow-package.ts";

/** Restores a function that the binding calls and Node 23 removed. */
function restoreIsNullOrUndefined(): void {
  const legacy = util as { isNullOrUndefined?: (x: unknown) => boolean };
  legacy.isNullOrUndefined ??= (x) => x === null || x === undefined;
}

/** The engine `tensorflow`. Throws an environment error with the command that repairs the installation. */
export async function tensorflowEngine(folder?: string): Promise<Engine> {
  const { name, path, version } = findTensorflow(folder);
  restoreIsNullOrUndefined();
  process.env["TF_NUM_INTRAOP_THREADS"] ??= "1";
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2";
  try {
    await import(pathToFileURL(path).href);
  } catch (error) {
    throw environment(
      `The native part of ${name} does not load (${lineOf(error)}); its install script may have been skipped. Run npm rebuild ${name}.`,
      error,
    );
  }
  // A second copy of tfjs registers its own gradients over the repaired ones.
  repairGradients();
  await tf.setBackend("tensorflow");
  const threads = Number(process.env["TF_NUM_INTRAOP_THREADS"]);
  // The binding for GPUs computes on the CPU, without a word, where it finds none.
  const { isUsingGpuDevice } = tf.backend() as { isUsingGpuDevice?: boolean };
  const device = isUsingGpuDevice ? "gpu" : "cpu";
  return eagerEngine("tensorflow", { package: `${name} ${version}`, device, threads });
}

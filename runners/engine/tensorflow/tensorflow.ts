/** TensorFlow's own kernels through its Node binding, an optional peer that is loaded only when asked for. */
import { pathToFileURL } from "node:url";
import util from "node:util";
import { repairGradients, tf } from "../../../estimators/core/autodiff.ts";
import { environment } from "../../errors.ts";
import type { Engine } from "../engine.ts";
import { eagerEngine } from "../eager.ts";
import { findTensorflow } from "./tensorflow-package.ts";

/** Node 23 dropped what the binding still calls. */
function shimNode(): void {
  const legacy = util as { isNullOrUndefined?: (x: unknown) => boolean };
  legacy.isNullOrUndefined ??= (x) => x === null || x === undefined;
}

/** Throws a failure of the environment, with the command that mends it. */
export async function tensorflowEngine(folder?: string): Promise<Engine> {
  const found = findTensorflow(folder);
  shimNode();
  process.env["TF_NUM_INTRAOP_THREADS"] ??= "1";
  process.env["TF_CPP_MIN_LOG_LEVEL"] ??= "2";
  try {
    await import(pathToFileURL(found.path).href);
  } catch (error) {
    const reason = error instanceof Error ? error.message.split("\n")[0] : String(error);
    throw environment(
      `engine tensorflow: the native part of ${found.name} must be there (its install script may have been skipped), got "${reason}"; run npm rebuild ${found.name}`,
      error,
    );
  }
  // A second copy of tfjs registers its own gradients over ours.
  repairGradients();
  await tf.setBackend("tensorflow");
  const threads = process.env["TF_NUM_INTRAOP_THREADS"];
  return eagerEngine("tensorflow", { package: `${found.name} ${found.version}`, threads: Number(threads) });
}

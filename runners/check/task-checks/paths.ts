/** Which tensors depend on which, read from the tape. A dependence without a derivative counts; one cut by `stop` does not. */
import { tf } from "../../../estimators/core/autodiff.ts";
import { computedFrom, type Tape, type TapeNode } from "../../../estimators/core/reverse.ts";
import type { T } from "../../../estimators/estimator.ts";

/** Kernels that only arrange values. */
const arranging = new Set([
  "Reshape",
  "ExpandDims",
  "Identity",
  "Tile",
  "Transpose",
  "BroadcastTo",
  "Cast",
  "Slice",
]);

export interface Paths {
  /** Whether a tensor is one of the sources or computed from them. */
  readonly reaches: (from: readonly Id[], to: T) => boolean;
  /**
   * The tensor and those of which it is a function alone, without further parameters: the output of the layer that made it.
   * A parameter is among them only if it was no more than arranged.
   */
  readonly originOf: (x: T) => readonly Id[];
}
interface Id {
  readonly id: number;
}

/** Reads the open tape. */
export function readPaths(parameters: readonly T[]): Paths {
  const tape: readonly TapeNode[] = (tf.engine() as unknown as Tape).state.activeTape ?? [];
  const makers = new Map(tape.flatMap((node) => node.outputs.map(({ id }) => [id, node] as const)));
  const fromParameters = computedFrom(tape, parameters);
  const isParameter = new Set(parameters.map(({ id }) => id));
  return {
    reaches: (from, to) => computedFrom(tape, from).has(to.id),
    originOf(x) {
      const found: Id[] = [{ id: x.id }];
      let arranged = true;
      for (let node = makers.get(x.id); node;) {
        const varying = Object.values(node.inputs).filter(({ id }) => fromParameters.has(id));
        arranged &&= arranging.has(node.kernelName);
        const [next] = varying;
        if (!next || varying.length > 1 || (isParameter.has(next.id) && !arranged)) break;
        found.push({ id: next.id });
        node = makers.get(next.id);
      }
      return found;
    },
  };
}

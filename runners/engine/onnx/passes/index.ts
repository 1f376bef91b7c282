/**
 * Rewrites that make a graph faster without changing what it computes beyond rounding. docs/performance.md says what
 * each brought.
 */
import type { Graph } from "../graph/value.ts";
import {
  logistic,
  narrowSoftmax,
  softplus,
  stepOfRelu,
  sumOfSoftplus,
  wideLogSoftmax,
} from "./fuse-activations.ts";
import { biased, commonFactor, scaled, summedRows } from "./fuse-products.ts";
import { rewrite } from "./rewrite.ts";

export function optimise(graph: Graph): Graph {
  const stages = [
    [sumOfSoftplus, commonFactor, wideLogSoftmax],
    [softplus, logistic, narrowSoftmax, biased, summedRows],
    [stepOfRelu, scaled],
  ];
  return stages.reduce(rewrite, graph);
}

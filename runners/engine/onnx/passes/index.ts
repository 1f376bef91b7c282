/** Rewrites a graph so that it is faster and computes the same up to rounding. docs/performance.md has the gain of each rule. */
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

/** The reference gradient that estimators are compared with: exact by enumeration, or the mean of a long sampled run. */
import type { Estimator } from "../../estimators/estimator.ts";
import { compileDraw } from "../train/compile-draw.ts";
import { meanOf, sumDraws, traceOf, type BlockSums } from "../train/draw-sums.ts";
import { drawStream } from "../train/noise-streams.ts";
import type { Registry } from "../plan/registry.ts";
import { drawInputs, type DrawConditions, type LabelledEstimator } from "./gradient-draws.ts";
import { blocks, squaredNorm } from "./moments.ts";

export interface Reference {
  /** `exact`, or the label of the sampled estimator. */
  readonly name: string;
  /** Known without error, or sampled. */
  readonly gradient: Float64Array | BlockSums;
  readonly mean: Float64Array;
  /** Standard error of a sampled reference as a share of its norm. */
  readonly error: number | null;
}

/** The estimators that give references. */
export interface ReferenceEstimators {
  readonly exact: Estimator;
  /** Drawn where `exact` refuses to enumerate. */
  readonly sampled: LabelledEstimator;
}

export function referenceEstimators({ estimators }: Pick<Registry, "estimators">): ReferenceEstimators {
  const named = (name: string) => estimators.find((entry) => entry.name === name)!.estimator;
  const sampled = { estimator: named("rloo"), settings: { samples: 64 }, label: "rloo:samples=64" };
  return { exact: named("exact"), sampled };
}

/** A sampled reference is drawn until its error is below this share of its norm. */
const largestError = 0.01;

/** The reference under the conditions; a sampled one takes at most `most` draws. */
export async function referenceOf(
  conditions: DrawConditions,
  { exact, sampled }: ReferenceEstimators,
  most = 10000,
): Promise<Reference> {
  const { engine, task, seed } = conditions;
  if ((exact.supports?.(task.sites, {}) ?? "") === "") {
    const { setup, inputs } = await drawInputs(conditions, { estimator: exact, settings: {} });
    const draw = await compileDraw(engine, setup, 1);
    const { parameters } = await sumDraws(draw, inputs, drawStream("variance"), {
      blocks: 1,
      enough: () => true,
    });
    draw.dispose();
    const gradient = meanOf(parameters);
    return { name: "exact", gradient, mean: gradient, error: null };
  }
  const { setup, inputs } = await drawInputs(conditions, sampled);
  const draw = await compileDraw(engine, setup, most);
  const enough = (n: number, sums: BlockSums) =>
    n >= most || (n >= 100 && n % 100 === 0 && relativeError(sums, n) < largestError);
  const noise = drawStream("variance", task.name, seed, `reference ${sampled.label}`);
  const { parameters, count } = await sumDraws(draw, inputs, noise, { blocks, enough });
  draw.dispose();
  return {
    name: sampled.label,
    gradient: parameters,
    mean: meanOf(parameters),
    error: relativeError(parameters, count),
  };
}

const relativeError = (sums: BlockSums, draws: number): number =>
  Math.sqrt(traceOf(sums) / draws / Math.max(squaredNorm(sums).value, 1e-300));

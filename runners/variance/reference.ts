/** The reference gradient that estimators are compared with: exact by enumeration, or the mean of a long sampled run. */
import { lacking } from "../../estimators/distributions/family.ts";
import type { Estimator, SiteSpec } from "../../estimators/estimator.ts";
import { compileDraw } from "../train/compile-draw.ts";
import { emptySums, type BlockSums } from "../train/block-sums.ts";
import { addSums, meanOf, sumDraws, traceOf } from "../train/draw-sums.ts";
import { drawStream, type DrawStream } from "../train/noise-streams.ts";
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
  /** Drawn where `exact` refuses to enumerate: unbiased. */
  readonly sampled: LabelledEstimator;
}

/** The most evaluations of a draw of local-expectation for which it is the reference. */
const mostEvaluations = 256;

/**
 * The references of a task with these sites. On a single layer of not too many outcomes, local-expectation sums each variable
 * out and needs a hundred times fewer draws than rloo with 64 samples.
 */
export function referenceEstimators(
  { estimators }: Pick<Registry, "estimators">,
  sites: readonly SiteSpec[],
): ReferenceEstimators {
  const named = (name: string) => estimators.find((entry) => entry.name === name)!.estimator;
  const [exact, local] = [named("exact"), named("local-expectation")];
  const summed =
    sites.length === 1 &&
    lacking(sites[0]!.family, local.claims.requires) === undefined &&
    local.claims.evaluations(sites, {}).forward <= mostEvaluations;
  if (summed) return { exact, sampled: { estimator: local, settings: {}, label: local.name } };
  return {
    exact,
    sampled: { estimator: named("rloo"), settings: { samples: 64 }, label: "rloo:samples=64" },
  };
}

/** A sampled reference is drawn until its error is below this share of its norm. */
const largestError = 0.01;

/** Draws after which the error is looked at. */
export const drawsOfPart = 100;

/** Sums of the draws `drawsOfPart` · index, ... of a sampled reference: `count` of them, which is at most `drawsOfPart`. */
export interface ReferenceParts {
  part(index: number, count: number): Promise<BlockSums>;
  close(): void;
}

export async function openReferenceParts(
  conditions: DrawConditions,
  { sampled }: Pick<ReferenceEstimators, "sampled">,
): Promise<ReferenceParts> {
  const { engine, task, seed } = conditions;
  const { setup, inputs } = await drawInputs(conditions, sampled);
  const draw = await compileDraw(engine, setup, drawsOfPart);
  const noise = drawStream("variance", task.name, seed, `reference ${sampled.label}`);
  return {
    async part(index, count) {
      const ours: DrawStream = (first, size) => noise(index * drawsOfPart + first, size);
      return (await sumDraws(draw, inputs, ours, { blocks, enough: (n) => n >= count })).parameters;
    },
    close: () => draw.dispose(),
  };
}

/** Calls `part` for 0, 1, ... below `count` and `add` with each result in that order, until `add` says that it is enough. */
export type PartLoop = (
  part: (index: number) => Promise<BlockSums>,
  count: number,
  add: (sums: BlockSums) => boolean,
) => Promise<void>;

const oneByOne: PartLoop = async (part, count, add) => {
  for (let index = 0; index < count; index++) if (add(await part(index))) return;
};

/** The reference under the conditions; a sampled one takes at most `most` draws. */
export async function referenceOf(
  conditions: DrawConditions,
  references: ReferenceEstimators,
  { most = 10000, loop = oneByOne }: { readonly most?: number; readonly loop?: PartLoop } = {},
): Promise<Reference> {
  const { exact, sampled } = references;
  if ((exact.supports?.(conditions.task.sites, {}) ?? "") === "") {
    const { setup, inputs } = await drawInputs(conditions, { estimator: exact, settings: {} });
    const draw = await compileDraw(conditions.engine, setup, 1);
    const plan = { blocks: 1, enough: () => true };
    const { parameters } = await sumDraws(draw, inputs, drawStream("variance"), plan);
    draw.dispose();
    const gradient = meanOf(parameters);
    return { name: "exact", gradient, mean: gradient, error: null };
  }
  const parts = await openReferenceParts(conditions, references);
  let sums: BlockSums | undefined;
  let drawn = 0;
  const left = (index: number) => Math.min(drawsOfPart, most - index * drawsOfPart);
  await loop(
    (index) => parts.part(index, left(index)),
    Math.ceil(most / drawsOfPart),
    (part) => {
      addSums((sums ??= emptySums(part.width, blocks)), part);
      drawn = Math.min(most, drawn + drawsOfPart);
      return relativeError(sums, drawn) < largestError;
    },
  );
  parts.close();
  return {
    name: sampled.label,
    gradient: sums!,
    mean: meanOf(sums!),
    error: relativeError(sums!, drawn),
  };
}

const relativeError = (sums: BlockSums, draws: number): number =>
  Math.sqrt(traceOf(sums) / draws / Math.max(squaredNorm(sums).value, 1e-300));

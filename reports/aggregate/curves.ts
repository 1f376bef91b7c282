/** Curves over training: the mean over seeds and its interval at every step, thinned to what can be drawn. */
import { groupBy } from "../format/group-by.ts";
import { intervalOn, mean } from "./statistics.ts";
import type { Range } from "./statistics.ts";

/** Where in training a value was measured. Evaluations are forward and backward together, per row. */
interface TrainingPoint {
  readonly step: number;
  readonly evaluations: number;
  /** Seconds of training. */
  readonly seconds: number;
}

/** A value of one seed; null when it was not finite. */
export interface SeedValue extends TrainingPoint {
  readonly seed: number;
  readonly value: number | null;
}

/** The mean over `seeds` seeds with its interval. */
export interface MeanPoint extends TrainingPoint, Range {
  readonly seeds: number;
}

export interface SeedPoint extends TrainingPoint {
  readonly value: number;
}

export interface Curve {
  readonly label: string;
  readonly rows: readonly MeanPoint[];
  readonly seeds: readonly { readonly seed: number; readonly rows: readonly SeedPoint[] }[];
}

export interface ThinnedCurve extends Curve {
  /** Number of values left out because they were not finite. */
  readonly notFinite: number;
  readonly thinned: boolean;
  readonly seedsThinned: boolean;
}

/** The most points that a drawn curve has. */
export const mostPoints = 300;

/** At most `most` of the items, evenly spaced, the first and the last among them. */
export function thin<Item>(items: readonly Item[], most = mostPoints): readonly Item[] {
  if (items.length <= most) return items;
  return Array.from({ length: most }, (_, k) => items[Math.round((k * (items.length - 1)) / (most - 1))]!);
}

const round = (value: number) => Number(value.toPrecision(7));
const roundOrNull = (value: number | null) => (value === null ? null : round(value));

function meanPoint(points: readonly (SeedValue & SeedPoint)[], scale: "linear" | "log"): MeanPoint {
  const {
    mean: centre,
    low,
    high,
  } = intervalOn(
    scale,
    points.map(({ value }) => value),
  );
  const { step, evaluations } = points[0]!;
  const seconds = round(mean(points.map((point) => point.seconds)));
  const interval = { mean: round(centre), low: roundOrNull(low), high: roundOrNull(high) };
  return { step, evaluations, seconds, ...interval, seeds: points.length };
}

const isFinitePoint = (point: SeedValue): point is SeedValue & SeedPoint =>
  point.value !== null && Number.isFinite(point.value);

/** The curve of one estimator from the values of its seeds, in any order. Single seeds get `seedPoints` at most. */
export function curveOf(
  label: string,
  points: readonly SeedValue[],
  { scale = "linear", seedPoints = mostPoints }: { scale?: "linear" | "log"; seedPoints?: number } = {},
): ThinnedCurve {
  const finite = points.filter(isFinitePoint).sort((a, b) => a.step - b.step);
  const steps = [...groupBy(finite, ({ step }) => step).values()];
  const seeds = [...groupBy(finite, ({ seed }) => seed)].sort(([a], [b]) => a - b);
  return {
    label,
    rows: thin(steps).map((group) => meanPoint(group, scale)),
    seeds: seeds.map(([seed, rows]) => ({
      seed,
      rows: thin(rows, seedPoints).map(({ step, evaluations, seconds, value }) => ({
        ...{ step, evaluations, seconds: round(seconds), value: round(value) },
      })),
    })),
    notFinite: points.length - finite.length,
    thinned: steps.length > mostPoints,
    seedsThinned: seeds.some(([, rows]) => rows.length > seedPoints),
  };
}

/** Curves over training: the mean and its band over seeds, ready to draw. */
import { intervalOn, mean } from "./statistics.ts";

/** One measured value of one seed; null when it was not finite. */
export interface Point {
  readonly seed: number;
  readonly step: number;
  readonly evaluations: number;
  readonly seconds: number;
  readonly value: number | null;
}

/** step, evaluations, seconds, mean, low, high, number of seeds */
export type MeanRow = readonly [number, number, number, number, number | null, number | null, number];
/** step, evaluations, seconds, value */
export type SeedRow = readonly [number, number, number, number];

export interface Curve {
  readonly label: string;
  readonly rows: readonly MeanRow[];
  readonly seeds: readonly { readonly seed: number; readonly rows: readonly SeedRow[] }[];
}

export interface CurveWithNotes extends Curve {
  /** Values left out because they were not finite. */
  readonly notFinite: number;
  readonly thinned: boolean;
  readonly seedsThinned: boolean;
}

/** The most points that a drawn curve has. */
export const mostPoints = 300;

/** At most `most` of the items, evenly spaced, the first and the last among them. */
export function thin<Item>(items: readonly Item[], most = mostPoints): readonly Item[] {
  if (items.length <= most) return items;
  return Array.from(
    { length: most },
    (_, k) => items[Math.round((k * (items.length - 1)) / (most - 1))] as Item,
  );
}

const round = (value: number) => Number(value.toPrecision(7));

function meanRow(points: readonly (Point & { value: number })[], geometric: boolean): MeanRow {
  const values = points.map(({ value }) => value);
  const { mean: centre, low, high } = intervalOn(geometric ? "log" : "linear", values);
  const first = points[0] as Point;
  const orNull = (value: number | null) => (value === null ? null : round(value));
  const seconds = mean(points.map((point) => point.seconds));
  return [
    first.step,
    first.evaluations,
    round(seconds),
    round(centre),
    orNull(low),
    orNull(high),
    points.length,
  ];
}

const isFinitePoint = (point: Point): point is Point & { value: number } =>
  point.value !== null && Number.isFinite(point.value);

function grouped<Item, Key>(items: readonly Item[], key: (item: Item) => Key): Map<Key, Item[]> {
  const groups = new Map<Key, Item[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group === undefined) groups.set(name, [item]);
    else group.push(item);
  }
  return groups;
}

/** The curve of one estimator from the points of its seeds, in any order; single seeds have `seedPoints` at most. */
export function curveOf(
  label: string,
  points: readonly Point[],
  { geometric = false, seedPoints = mostPoints } = {},
): CurveWithNotes {
  const finite = points.filter(isFinitePoint).sort((a, b) => a.step - b.step);
  const steps = [...grouped(finite, ({ step }) => step).values()];
  const seeds = [...grouped(finite, ({ seed }) => seed)].sort(([a], [b]) => a - b);
  return {
    label,
    rows: thin(steps).map((group) => meanRow(group, geometric)),
    seeds: seeds.map(([seed, rows]) => ({
      seed,
      rows: thin(rows, seedPoints).map(({ step, evaluations, seconds, value }) => [
        step,
        evaluations,
        round(seconds),
        round(value),
      ]),
    })),
    notFinite: points.length - finite.length,
    thinned: steps.length > mostPoints,
    seedsThinned: seeds.some(([, rows]) => rows.length > seedPoints),
  };
}

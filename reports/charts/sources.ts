/** Where the values of a panel come from, and how they are named. */
import { curveOf, mostPoints } from "../aggregate/curves.ts";
import type { CurveWithNotes, Point } from "../aggregate/curves.ts";
import { listed, plural } from "../aggregate/numbers.ts";
import { metricTitle, splitTitle } from "../aggregate/measures.ts";
import type { Cell, GradientRow } from "../format/records.ts";
import { gradientMetrics } from "../format/results-csv.ts";
import { fewestSeeds } from "../aggregate/statistics.ts";
import type { Panel, ScaleName } from "./view.ts";

/** The metrics that say how good an estimator is; whatever else a curve holds is a setting or a diagnosis. */
export const quality = ["elbo", "bound", "nll", "accuracy", "cost", "training-elbo", "training-cost"];

export interface Source {
  readonly name: string;
  readonly title: string;
  readonly y: string;
  readonly scales: readonly ScaleName[];
  readonly geometric: boolean;
  readonly notes: readonly string[];
  readonly pick: (cell: Cell) => Point[];
}

/** Of all single seeds of a panel together: a hundred estimators on twenty seeds must still open. */
const mostSeedRows = 12_000;

/** What the lines and bands are, for as many seeds as there are. */
function bandNote(curves: readonly CurveWithNotes[], geometric: boolean): string {
  const seeds = Math.max(...curves.flatMap(({ rows }) => rows.map((row) => row[6])));
  const centre = geometric ? "Geometric mean" : "Mean";
  if (seeds === 1) return "One seed: no interval.";
  if (seeds < fewestSeeds) return `${centre} over ${seeds} seeds, too few for an interval.`;
  return `${centre} over seeds and its 95% interval.`;
}

/** Where seeds end early the mean is of those that are left: the worst are gone from it. */
function fallNote(curves: readonly CurveWithNotes[]): string[] {
  const falls = curves.flatMap(({ label, rows }) => {
    const most = Math.max(...rows.map((row) => row[6]));
    const from = rows.findLastIndex((row) => row[6] === most) + 1;
    const left = rows[from];
    return left === undefined ? [] : [`${label} from ${most} to ${rows.at(-1)![6]} at step ${left[0]}`];
  });
  if (falls.length === 0) return [];
  const more = falls.length - 3;
  const names = [...falls.slice(0, 3), ...(more > 0 ? [`${more} more`] : [])];
  return [`Seeds end early, and the mean goes on over the rest: ${listed(names)}.`];
}

export function panelOf(cells: readonly Cell[], source: Source): Panel | null {
  const labels = [...new Set(cells.map(({ record }) => record.label))];
  const seedPoints = Math.max(8, Math.min(mostPoints, Math.floor(mostSeedRows / Math.max(1, cells.length))));
  const curves: CurveWithNotes[] = labels.map((label) => {
    const own = cells.filter(({ record }) => record.label === label);
    return curveOf(label, own.flatMap(source.pick), { geometric: source.geometric, seedPoints });
  });
  const drawn = curves.filter(({ rows }) => rows.length > 0);
  if (drawn.length === 0) return null;
  const notes = [...source.notes, bandNote(drawn, source.geometric)];
  notes.push(...fallNote(drawn));
  const lost = curves.reduce((sum, curve) => sum + curve.notFinite, 0);
  if (lost > 0) notes.push(`${plural(lost, "value")} not finite and left out.`);
  if (curves.some(({ thinned }) => thinned)) notes.push(`Thinned to ${mostPoints} points a curve.`);
  if (curves.some(({ seedsThinned }) => seedsThinned))
    notes.push(`Single seeds thinned to ${seedPoints} points.`);
  const { name, title, y, scales } = source;
  return {
    name,
    title,
    notes,
    y,
    scales,
    curves: drawn.map(({ label, rows, seeds }) => ({ label, rows, seeds })),
  };
}

export function curveSource(metric: string, split: string): Source {
  const unit = ["elbo", "bound", "nll", "training-elbo"].includes(metric) ? " (nats)" : "";
  // What is minimised may be soft; it is not the objective that estimators are compared by.
  const trained = metric.startsWith("training-");
  const title = trained
    ? `minibatch ${metricTitle(metric.slice(9))} as trained`
    : split === "train" && !quality.includes(metric)
      ? metricTitle(metric)
      : `${splitTitle(split)} ${metricTitle(metric)}`;
  return {
    name: title,
    title,
    y: `${metricTitle(metric.replace(/^training-/, ""))}${unit}`,
    scales: ["linear", "log"],
    geometric: false,
    notes: [],
    pick: ({ record, curve }) =>
      curve.flatMap((row) =>
        row.metric === metric && row.split === split
          ? [
              {
                seed: record.seed,
                step: row.step,
                evaluations: row.forward + row.backward,
                seconds: row.seconds,
                value: row.value,
              },
            ]
          : [],
      ),
  };
}

const protocolNotes = {
  own: "Protocol own: parameters differ between estimators after step 0, where the measurement is frozen for free.",
  shared: "Protocol shared: all estimators at the parameters of one reference run of the same seed.",
  frozen: "Protocol frozen: the same stored parameters and batches for all estimators.",
} as const;

const gradientTitles: Readonly<
  Record<string, { title: string; scales: readonly ScaleName[]; geometric: boolean }>
> = {
  "variance-estimator": { title: "estimator variance (trace)", scales: ["log", "linear"], geometric: true },
  "variance-minibatch": { title: "minibatch variance (trace)", scales: ["log", "linear"], geometric: true },
  "variance-logits": { title: "variance per logit", scales: ["log", "linear"], geometric: true },
  "bias-relative": { title: "bias relative to ‖g‖", scales: ["linear", "symlog"], geometric: false },
  bias: { title: "bias", scales: ["symlog", "linear"], geometric: false },
  cosine: { title: "cosine to the reference", scales: ["linear"], geometric: false },
  "signal-to-noise": { title: "signal to noise, ‖g‖² / tr Cov", scales: ["log", "linear"], geometric: true },
  deviation: { title: "relative deviation, √tr Cov / ‖g‖", scales: ["log", "linear"], geometric: true },
  "gradient-norm": { title: "norm of the mean gradient", scales: ["log", "linear"], geometric: true },
};

export function gradientSource(
  metric: keyof typeof gradientMetrics,
  protocol: GradientRow["protocol"],
): Source {
  const key = gradientMetrics[metric];
  const { title, scales, geometric } = gradientTitles[metric] ?? {
    title: metric,
    scales: ["linear"],
    geometric: false,
  };
  const pick = ({ record, gradients }: Cell) =>
    gradients.flatMap((row): Point[] => {
      const value = row[key];
      if (row.protocol !== protocol || value === undefined) return [];
      return [
        {
          seed: record.seed,
          step: row.step,
          evaluations: row.forward + row.backward,
          seconds: row.seconds,
          value,
        },
      ];
    });
  const notes = [protocolNotes[protocol]];
  return {
    name: `${title}, ${protocol}`,
    title: `${title}, protocol ${protocol}`,
    y: title,
    scales,
    geometric,
    notes,
    pick,
  };
}

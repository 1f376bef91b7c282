/** Panels of curves over training: results, settings, and what was measured of gradients. */
import { curveOf, mostPoints, type SeedValue, type ThinnedCurve } from "../aggregate/curves.ts";
import { metricTitle, splitTitle } from "../aggregate/measures.ts";
import { listed, plural } from "../aggregate/numbers.ts";
import { fewestSeeds } from "../aggregate/statistics.ts";
import type { Cell, GradientRow, PublishedRecord } from "../format/records.ts";
import { gradientMetrics } from "../format/results-csv.ts";
import type { AxisScale, CurvePanel } from "./panels.ts";

/** Metrics that tell how good an estimator is; other metrics of a curve are settings or diagnostics. */
export const resultMetrics = [
  ...["elbo", "bound", "nll", "bits-per-dimension", "accuracy", "cost"],
  ...["training-elbo", "training-cost"],
];

/** A quantity over training: how it is named and averaged, and its values in a cell. */
interface CurveQuantity {
  readonly name: string;
  readonly title: string;
  readonly y: string;
  readonly scales: readonly AxisScale[];
  /** `log` for geometric means. */
  readonly average: "linear" | "log";
  readonly notes: readonly string[];
  readonly valuesOf: (cell: Cell) => SeedValue[];
}

/** All single seeds of a panel have at most so many points, so that a report of a hundred estimators opens. */
const mostSeedPoints = 12_000;

/** Note on the means and intervals of a panel, for the largest number of seeds in it. */
export function intervalNote(seeds: number, average: "linear" | "log"): string {
  const centre = average === "log" ? "Geometric mean" : "Mean";
  if (seeds === 1) return "One seed, so there is no interval.";
  if (seeds < fewestSeeds) return `${centre} over ${seeds} seeds, too few for an interval.`;
  return `${centre} over seeds with its 95% interval.`;
}

/** Note on seeds that end early: the later mean is over the others, often the better ones. */
function endedSeeds(curves: readonly ThinnedCurve[]): string[] {
  const drops = curves.flatMap(({ label, rows }) => {
    const most = Math.max(...rows.map(({ seeds }) => seeds));
    const first = rows[rows.findLastIndex(({ seeds }) => seeds === most) + 1];
    return first === undefined
      ? []
      : [`${label} from ${most} to ${rows.at(-1)!.seeds} at step ${first.step}`];
  });
  if (drops.length === 0) return [];
  const names = [...drops.slice(0, 3), ...(drops.length > 3 ? [`${drops.length - 3} more`] : [])];
  return [`Some seeds end early, and the mean goes on over the others: ${listed(names)}.`];
}

/** The panel of a quantity; null where no cell has it. */
function curvePanel(cells: readonly Cell[], quantity: CurveQuantity): CurvePanel | null {
  const { valuesOf, average, ...texts } = quantity;
  const labels = [...new Set(cells.map(({ record }) => record.label))];
  const share = Math.floor(mostSeedPoints / Math.max(1, cells.length));
  const seedPoints = Math.max(8, Math.min(mostPoints, share));
  const curves = labels.map((label) => {
    const ofLabel = cells.filter(({ record }) => record.label === label);
    return curveOf(label, ofLabel.flatMap(valuesOf), { scale: average, seedPoints });
  });
  const drawn = curves.filter(({ rows }) => rows.length > 0);
  if (drawn.length === 0) return null;
  const seeds = Math.max(...drawn.flatMap(({ rows }) => rows.map((row) => row.seeds)));
  const notFinite = curves.reduce((sum, curve) => sum + curve.notFinite, 0);
  const notes = [
    ...texts.notes,
    intervalNote(seeds, average),
    ...endedSeeds(drawn),
    ...(notFinite > 0 ? [`Left out because not finite: ${plural(notFinite, "value")}.`] : []),
    ...(curves.some(({ thinned }) => thinned) ? [`Curves are thinned to ${mostPoints} points.`] : []),
    ...(curves.some(({ seedsThinned }) => seedsThinned)
      ? [`Single seeds are thinned to ${seedPoints} points.`]
      : []),
  ];
  return {
    ...{ shape: "curves", ...texts, notes },
    curves: drawn.map(({ label, rows, seeds: singles }) => ({ label, rows, seeds: singles })),
  };
}

const presentPanels = (panels: readonly (CurvePanel | null)[]) => panels.filter((panel) => panel !== null);

const seedValue = (
  { record }: Cell,
  { step, forward, backward, seconds }: Pick<GradientRow, "step" | "forward" | "backward" | "seconds">,
  value: number | null,
): SeedValue => ({ seed: record.seed, step, evaluations: forward + backward, seconds, value });

function trainingQuantity(metric: string, split: string): CurveQuantity {
  const unit = ["elbo", "bound", "nll", "training-elbo"].includes(metric) ? " (nats)" : "";
  const name = metricTitle(metric.replace(/^training-/, ""));
  // The training objective may be relaxed; it is not the objective that estimators are compared by.
  const title = metric.startsWith("training-")
    ? `minibatch ${name} as trained`
    : split === "train" && !resultMetrics.includes(metric)
      ? name
      : `${splitTitle(split)} ${name}`;
  return {
    ...{ name: title, title, y: `${name}${unit}`, scales: ["linear", "log"], average: "linear", notes: [] },
    valuesOf: (cell) =>
      cell.curve
        .filter((row) => row.metric === metric && row.split === split)
        .map((row) => seedValue(cell, row, row.value)),
  };
}

/** Adds the published values of the estimators that the panel shows. */
function withPublished(panel: CurvePanel, published: readonly PublishedRecord[]): CurvePanel {
  const references = published
    .filter(({ estimator }) => panel.curves.some(({ label }) => label === estimator))
    .map(({ estimator, value, title, source }) => ({ estimator, value, title, source }));
  if (references.length === 0) return panel;
  const sources = [...new Set(references.map(({ source }) => source))].join("; ");
  return { ...panel, references, notes: [...panel.notes, `Dotted lines: published values (${sources}).`] };
}

/** Results on each split. Panels of many points come first, so that the first is a curve and not one number at the end. */
export function resultPanels(cells: readonly Cell[], published: readonly PublishedRecord[]): CurvePanel[] {
  const panels = resultMetrics.flatMap((metric) =>
    ["valid", "test", "train"].flatMap((split) => {
      const panel = curvePanel(cells, trainingQuantity(metric, split));
      const same = published.filter((value) => value.metric === metric && value.split === split);
      return panel === null ? [] : [{ ...withPublished(panel, same), zoomed: true }];
    }),
  );
  const points = (panel: CurvePanel) => Math.max(...panel.curves.map(({ rows }) => rows.length));
  const longest = Math.max(0, ...panels.map(points));
  return panels.sort((a, b) => Number(2 * points(a) < longest) - Number(2 * points(b) < longest));
}

/** A panel for each metric and split that `chosen` accepts. */
export function metricPanels(cells: readonly Cell[], chosen: (metric: string) => boolean): CurvePanel[] {
  const found = new Map<string, readonly [string, string]>();
  for (const { curve } of cells)
    for (const { metric, split } of curve)
      if (chosen(metric)) found.set(JSON.stringify([metric, split]), [metric, split]);
  return presentPanels([...found.values()].map((pair) => curvePanel(cells, trainingQuantity(...pair))));
}

const protocolNotes = {
  own: "Protocol own: each estimator at its own parameters, which differ between estimators after step 0.",
  shared: "Protocol shared: all estimators at the parameters of one reference run of the same seed.",
  frozen: "Protocol frozen: all estimators at the same stored parameters and batches.",
} as const;

const positive = { scales: ["log", "linear"], average: "log" } as const;
const signed = { scales: ["linear", "symlog"], average: "linear" } as const;

type GradientMetric = keyof typeof gradientMetrics;

const gradientQuantities: Readonly<
  Partial<Record<GradientMetric, Pick<CurveQuantity, "title" | "scales" | "average">>>
> = {
  "variance-estimator": { title: "estimator variance (trace)", ...positive },
  "variance-minibatch": { title: "minibatch variance (trace)", ...positive },
  "variance-logits": { title: "variance per logit", ...positive },
  "bias-relative": { title: "bias relative to ‖g‖", ...signed },
  bias: { title: "bias", ...signed, scales: ["symlog", "linear"] },
  cosine: { title: "cosine to the reference", ...signed, scales: ["linear"] },
  "signal-to-noise": { title: "signal to noise, ‖g‖² / tr Cov", ...positive },
  deviation: { title: "relative deviation, √tr Cov / ‖g‖", ...positive },
  "gradient-norm": { title: "norm of the mean gradient", ...positive },
};

/** A panel for each protocol and metric of the cells' gradients. */
export function gradientPanels(cells: readonly Cell[], metrics: readonly GradientMetric[]): CurvePanel[] {
  const panels = (["shared", "frozen", "own"] as const).flatMap((protocol) =>
    metrics.map((metric) => {
      const { title, ...rest } = gradientQuantities[metric] ?? { title: metric, ...signed };
      return curvePanel(cells, {
        ...{ name: `${title}, ${protocol}`, title: `${title}, protocol ${protocol}`, y: title, ...rest },
        notes: [protocolNotes[protocol]],
        valuesOf: (cell) =>
          cell.gradients.flatMap((row) => {
            const value = row[gradientMetrics[metric]];
            return row.protocol !== protocol || value === undefined ? [] : [seedValue(cell, row, value)];
          }),
      });
    }),
  );
  return presentPanels(panels);
}

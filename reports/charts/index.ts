/** Which charts a report has, and the data of each. */
import { curveOf, mostPoints } from "../curves.ts";
import type { CurveWithNotes, Point } from "../curves.ts";
import { plural } from "../format.ts";
import { metricTitle, splitTitle } from "../measures.ts";
import type { Cell, GradientRow, RunRecords } from "../records.ts";
import { gradientMetrics } from "../results.ts";
import { fewestSeeds } from "../statistics.ts";
import type { Panel, ScaleName } from "./view.ts";

export interface Chart {
  /** File name without its ending. */
  readonly id: string;
  readonly task: string;
  readonly kind: "quality" | "variance" | "gradients" | "gap" | "schedule";
  readonly title: string;
  readonly panels: readonly Panel[];
}

const quality = ["elbo", "bound", "nll", "accuracy", "cost", "training-elbo", "training-cost"];
const splits = ["valid", "test", "train"];

interface Source {
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

function panelOf(cells: readonly Cell[], source: Source): Panel | null {
  const labels = [...new Set(cells.map(({ record }) => record.label))];
  const seedPoints = Math.max(8, Math.min(mostPoints, Math.floor(mostSeedRows / Math.max(1, cells.length))));
  const curves: CurveWithNotes[] = labels.map((label) => {
    const own = cells.filter(({ record }) => record.label === label);
    return curveOf(label, own.flatMap(source.pick), { geometric: source.geometric, seedPoints });
  });
  const drawn = curves.filter(({ rows }) => rows.length > 0);
  if (drawn.length === 0) return null;
  const notes = [...source.notes, bandNote(drawn, source.geometric)];
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

function curveSource(metric: string, split: string): Source {
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
                evaluations: row.forward,
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
  shared: "Protocol shared: all estimators along one reference trajectory.",
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

function gradientSource(metric: keyof typeof gradientMetrics, protocol: GradientRow["protocol"]): Source {
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
      return [{ seed: record.seed, step: row.step, evaluations: row.forward, seconds: row.seconds, value }];
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

const present = (panels: readonly (Panel | null)[]): Panel[] => panels.filter((panel) => panel !== null);

function gradientPanels(cells: readonly Cell[], metrics: readonly (keyof typeof gradientMetrics)[]): Panel[] {
  const protocols = ["shared", "frozen", "own"] as const;
  return present(
    protocols.flatMap((protocol) =>
      metrics.map((metric) => panelOf(cells, gradientSource(metric, protocol))),
    ),
  );
}

/** Most points first, so that the first panel is a curve and not the one number at the end. */
function qualityPanels(cells: readonly Cell[]): Panel[] {
  const panels = present(
    quality.flatMap((metric) => splits.map((split) => panelOf(cells, curveSource(metric, split)))),
  );
  const length = (panel: Panel) => Math.max(...panel.curves.map(({ rows }) => rows.length));
  const longest = Math.max(0, ...panels.map(length));
  const rank = (panel: Panel) => (length(panel) * 2 >= longest ? 0 : 1);
  return panels.sort((a, b) => rank(a) - rank(b));
}

function otherPanels(cells: readonly Cell[], wanted: (metric: string) => boolean): Panel[] {
  const found = new Map<string, readonly [string, string]>();
  for (const { curve } of cells)
    for (const { metric, split } of curve)
      if (wanted(metric)) found.set(JSON.stringify([metric, split]), [metric, split]);
  return present([...found.values()].map(([metric, split]) => panelOf(cells, curveSource(metric, split))));
}

/** A name that is safe in a path and in a link. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 60);
}

function taskCharts(task: string, id: string, cells: readonly Cell[]): Chart[] {
  const make = (kind: Chart["kind"], title: string, panels: readonly Panel[]): Chart[] =>
    panels.length === 0 ? [] : [{ id: `${id}-${kind}`, task, kind, title, panels }];
  return [
    ...make("quality", "ELBO and other goals", qualityPanels(cells)),
    ...make(
      "variance",
      "Gradient variance",
      gradientPanels(cells, ["variance-estimator", "variance-minibatch", "variance-logits"]),
    ),
    ...make(
      "gradients",
      "Bias, cosine, signal to noise",
      gradientPanels(cells, [
        "bias-relative",
        "bias",
        "cosine",
        "signal-to-noise",
        "deviation",
        "gradient-norm",
      ]),
    ),
    ...make(
      "gap",
      "Relaxation gap",
      otherPanels(cells, (metric) => metric === "relaxation-gap"),
    ),
    ...make(
      "schedule",
      "Temperature and other values",
      otherPanels(cells, (metric) => metric !== "relaxation-gap" && !quality.includes(metric)),
    ),
  ];
}

/** Identifiers for tasks, unique even when two labels slug alike. */
export function taskIds(tasks: readonly string[]): Map<string, string> {
  const ids = new Map<string, string>();
  for (const task of tasks) {
    const plain = slug(task) || "task";
    const taken = [...ids.values()];
    let id = plain;
    for (let k = 2; taken.includes(id); k++) id = `${plain}-${k}`;
    ids.set(task, id);
  }
  return ids;
}

/** All charts of a run, task by task. */
export function chartsOf({ manifest, cells }: RunRecords): Chart[] {
  const tasks = [...new Set(manifest.matrix.map(({ taskLabel }) => taskLabel))];
  const ids = taskIds(tasks);
  return tasks.flatMap((task) =>
    taskCharts(
      task,
      ids.get(task) as string,
      cells.filter(({ record }) => record.taskLabel === task),
    ),
  );
}

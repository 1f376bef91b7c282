/** Which charts a report has, and the data of each. */
import type { Cell, PublishedRecord, RunRecords } from "../format/records.ts";
import type { gradientMetrics } from "../format/results-csv.ts";
import { sensitivityPanels } from "./grids.ts";
import { inkFor } from "./palette.ts";
import { paretoPanels } from "./pareto.ts";
import type { ScatterPanel } from "./scatter.ts";
import type { SensitivityPanel } from "./sensitivity.ts";
import { curveSource, gradientSource, panelOf, quality } from "./sources.ts";
import type { Panel } from "./view.ts";

interface ChartNames {
  /** File name without its ending. */
  readonly id: string;
  readonly task: string;
  readonly title: string;
}

export interface LineChart extends ChartNames {
  readonly shape: "line";
  readonly kind: "quality" | "variance" | "gradients" | "gap" | "schedule";
  readonly panels: readonly Panel[];
}

export interface ScatterChart extends ChartNames {
  readonly shape: "scatter";
  readonly kind: "pareto";
  readonly panels: readonly ScatterPanel[];
}

export interface SensitivityChart extends ChartNames {
  readonly shape: "sensitivity";
  readonly kind: "sensitivity";
  readonly panels: readonly SensitivityPanel[];
}

export type Chart = LineChart | ScatterChart | SensitivityChart;

const splits = ["valid", "test", "train"];

const present = (panels: readonly (Panel | null)[]): Panel[] => panels.filter((panel) => panel !== null);

function gradientPanels(cells: readonly Cell[], metrics: readonly (keyof typeof gradientMetrics)[]): Panel[] {
  const protocols = ["shared", "frozen", "own"] as const;
  return present(
    protocols.flatMap((protocol) =>
      metrics.map((metric) => panelOf(cells, gradientSource(metric, protocol))),
    ),
  );
}

/** The panel with the published values of the estimators that it shows. */
function referenced(panel: Panel | null, published: readonly PublishedRecord[]): Panel | null {
  if (panel === null) return null;
  const references = published
    .filter(({ estimator }) => panel.curves.some(({ label }) => label === estimator))
    .map(({ estimator, value, title, source }) => ({ estimator, value, title, source }));
  if (references.length === 0) return panel;
  const sources = [...new Set(references.map(({ source }) => source))].join("; ");
  return { ...panel, references, notes: [...panel.notes, `Dotted rules: published values (${sources}).`] };
}

/** Most points first, so that the first panel is a curve and not the one number at the end. */
function qualityPanels(cells: readonly Cell[], published: readonly PublishedRecord[]): Panel[] {
  const panels = present(
    quality.flatMap((metric) =>
      splits.map((split) => {
        const same = published.filter((value) => value.metric === metric && value.split === split);
        const panel = referenced(panelOf(cells, curveSource(metric, split)), same);
        return panel && { ...panel, settles: true };
      }),
    ),
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

function taskCharts(
  task: string,
  id: string,
  cells: readonly Cell[],
  published: readonly PublishedRecord[],
): Chart[] {
  const make = (kind: LineChart["kind"], title: string, panels: readonly Panel[]): Chart[] =>
    panels.length === 0 ? [] : [{ id: `${id}-${kind}`, task, shape: "line", kind, title, panels }];
  const front = paretoPanels(cells);
  const pareto: ScatterChart = {
    id: `${id}-pareto`,
    task,
    shape: "scatter",
    kind: "pareto",
    title: "Bias, variance and cost",
    panels: front,
  };
  return [
    ...make("quality", "ELBO and other goals", qualityPanels(cells, published)),
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
    ...(front.length === 0 ? [] : [pareto]),
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
  return tasks.flatMap((task) => {
    const id = ids.get(task) as string;
    const own = cells.filter(({ record }) => record.taskLabel === task);
    const published = (manifest.published ?? []).filter((value) => value.task === task);
    return [...taskCharts(task, id, own, published), ...sensitivityChart(task, id, { manifest, cells })];
  });
}

/** What grids over options of a task and of its estimators say, shown with the first of the task's variants. */
function sensitivityChart(
  task: string,
  id: string,
  { manifest, cells }: Pick<RunRecords, "manifest" | "cells">,
) {
  const name = manifest.matrix.find(({ taskLabel }) => taskLabel === task)?.task;
  const first = manifest.matrix.find((entry) => entry.task === name)?.taskLabel;
  const report = inkFor([...new Set(manifest.matrix.map(({ label }) => label))]);
  const own = first === task ? cells.filter(({ record }) => record.task === name) : [];
  const panels = sensitivityPanels(own, report);
  if (panels.length === 0) return [];
  const [shape, kind] = ["sensitivity", "sensitivity"] as const;
  return [{ id: `${id}-${kind}`, task, shape, kind, title: "Sensitivity to options", panels }];
}

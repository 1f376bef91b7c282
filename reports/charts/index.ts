/** The charts of a report. Start here: `chartKinds` lists them in the page's order; README.md tells how to add one. */
import type { Cell, PublishedRecord, RunRecords, TunedRecord } from "../format/records.ts";
import type { AcrossTasks } from "../format/summary.ts";
import { gradientPanels, metricPanels, resultMetrics, resultPanels } from "./curve-panels.ts";
import { inkFor, type Ink } from "./palette.ts";
import type { Chart, Panel } from "./panels.ts";
import { paretoPanels } from "./pareto-panels.ts";
import { profileChart } from "./profile-chart.ts";
import { sensitivityPanels } from "./sensitivity-panels.ts";
import { tuningPanels } from "./tuning-panels.ts";

/** The records from which the charts of a task are made. */
interface ChartInput {
  readonly cells: readonly Cell[];
  /** Values that papers print for these cells. */
  readonly published: readonly PublishedRecord[];
  /** The trials of --tune. */
  readonly tuned: readonly TunedRecord[];
  /** For the first variant of a task the cells of all of its variants, so that a grid is charted once; else none. */
  readonly allVariants: readonly Cell[];
  /** The colours of the report's estimators. */
  readonly inks: readonly Ink[];
}

interface ChartKind {
  readonly kind: string;
  readonly title: string;
  /** A chart without panels is left out. */
  readonly panels: (input: ChartInput) => readonly Panel[];
}

const chartKinds: readonly ChartKind[] = [
  {
    kind: "quality",
    title: "ELBO and other results",
    panels: ({ cells, published }) => resultPanels(cells, published),
  },
  {
    kind: "variance",
    title: "Gradient variance",
    panels: ({ cells }) =>
      gradientPanels(cells, ["variance-estimator", "variance-minibatch", "variance-logits"]),
  },
  {
    kind: "gradients",
    title: "Bias, cosine, signal to noise",
    panels: ({ cells }) =>
      gradientPanels(cells, [
        "bias-relative",
        "bias",
        "cosine",
        "signal-to-noise",
        "deviation",
        "gradient-norm",
      ]),
  },
  { kind: "pareto", title: "Bias, variance and cost", panels: ({ cells }) => paretoPanels(cells) },
  {
    kind: "gap",
    title: "Relaxation gap",
    panels: ({ cells }) => metricPanels(cells, (metric) => metric === "relaxation-gap"),
  },
  {
    kind: "schedule",
    title: "Temperature and other settings",
    panels: ({ cells }) =>
      metricPanels(cells, (metric) => !resultMetrics.includes(metric) && metric !== "relaxation-gap"),
  },
  {
    kind: "sensitivity",
    title: "Sensitivity to options",
    panels: ({ allVariants, inks }) => sensitivityPanels(allVariants, inks),
  },
  {
    kind: "tuning",
    title: "Trials on validation",
    panels: ({ tuned, inks }) => tuningPanels(tuned, inks),
  },
];

/** A name that is safe in a path and in a link. */
export function slug(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "")
    .slice(0, 60);
}

/** An identifier for each task, unique even where two labels give the same slug. */
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

/** The ink of each of a run's estimators, the same in every chart of its report. */
export const reportInks = ({ manifest }: Pick<RunRecords, "manifest">): Ink[] =>
  inkFor([...new Set(manifest.matrix.map(({ label }) => label))]);

/** All charts of a run, task by task; with a comparison across tasks, its chart last. */
export function chartsOf(
  { manifest, cells }: Pick<RunRecords, "manifest" | "cells">,
  across?: AcrossTasks,
): Chart[] {
  const tasks = [...new Set(manifest.matrix.map(({ taskLabel }) => taskLabel))];
  const ids = taskIds(tasks);
  const inks = reportInks({ manifest });
  const charts = tasks.flatMap((task) => {
    const name = manifest.matrix.find(({ taskLabel }) => taskLabel === task)?.task;
    const first = manifest.matrix.find((cell) => cell.task === name)?.taskLabel;
    const input: ChartInput = {
      cells: cells.filter(({ record }) => record.taskLabel === task),
      published: (manifest.published ?? []).filter((value) => value.task === task),
      tuned: (manifest.tuned ?? []).filter((one) => one.task === task),
      allVariants: first === task ? cells.filter(({ record }) => record.task === name) : [],
      inks,
    };
    return chartKinds.flatMap(({ kind, title, panels: panelsOf }) => {
      const panels = panelsOf(input);
      return panels.length === 0 ? [] : [{ id: `${ids.get(task)!}-${kind}`, task, title, panels }];
    });
  });
  return across === undefined ? charts : [...charts, profileChart(across, inks)];
}

/** The file name of each panel, without an ending: `cat10-quality-validation-elbo`; the first has the chart's own name. */
export const panelFiles = (charts: readonly Chart[]): { readonly name: string; readonly panel: Panel }[] =>
  charts.flatMap(({ id, panels }) =>
    panels.map((panel, index) => ({ name: index === 0 ? id : `${id}-${slug(panel.name)}`, panel })),
  );

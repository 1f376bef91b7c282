/** The specification of a chart's panel, whatever its shape. Runs in Node and, as text, in the page. */
import type { Chart } from "./index.ts";
import { lineSpec } from "./line.ts";
import type { Specification } from "./line.ts";
import type { Ink } from "./palette.ts";
import { scatterSpec } from "./scatter.ts";
import { sensitivitySpec } from "./sensitivity.ts";
import type { View } from "./view.ts";

/** The panel of that index, or the first. */
export function panelAt(chart: Chart, index: number): Chart["panels"][number] | undefined {
  return chart.panels[index] ?? chart.panels[0];
}

export function chartSpec(chart: Chart, index: number, inks: readonly Ink[], view: View): Specification {
  if (chart.shape === "scatter") {
    const dots = chart.panels[index] ?? chart.panels[0];
    return dots === undefined ? {} : scatterSpec(dots, inks, view);
  }
  if (chart.shape === "sensitivity") {
    const grid = chart.panels[index] ?? chart.panels[0];
    return grid === undefined ? {} : sensitivitySpec(grid, view);
  }
  const curves = chart.panels[index] ?? chart.panels[0];
  return curves === undefined ? {} : lineSpec(curves, inks, view);
}

/** The estimators that a panel shows. */
export function panelLabels(panel: Chart["panels"][number] | undefined): string[] {
  if (panel === undefined) return [];
  if ("families" in panel) return [...new Set(panel.families.flatMap(({ members }) => members))];
  return "dots" in panel ? panel.dots.map(({ label }) => label) : panel.curves.map(({ label }) => label);
}

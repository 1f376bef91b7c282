/**
 * The Vega-Lite specification of any panel. This file and the *-spec.ts files run in Node and in the page, so that they
 * import neither Node's modules nor the code that makes panels.
 */
import { curveSpec } from "./curve-spec.ts";
import type { Ink } from "./palette.ts";
import type { Chart, ChartView, Panel } from "./panels.ts";
import { scatterSpec } from "./scatter-spec.ts";
import { sensitivitySpec } from "./sensitivity-spec.ts";
import type { Specification } from "./vega-spec.ts";

/** The panel of that index, or the first. */
export const panelAt = (chart: Chart, index: number): Panel => (chart.panels[index] ?? chart.panels[0])!;

export function panelSpec(panel: Panel, inks: readonly Ink[], view: ChartView): Specification {
  switch (panel.shape) {
    case "curves":
      return curveSpec(panel, inks, view);
    case "scatter":
      return scatterSpec(panel, inks, view);
    case "sensitivity":
      return sensitivitySpec(panel, view);
  }
}

/** The estimators that a panel shows. */
export function panelLabels(panel: Panel): string[] {
  switch (panel.shape) {
    case "curves":
      return panel.curves.map(({ label }) => label);
    case "scatter":
      return panel.dots.map(({ label }) => label);
    case "sensitivity":
      return [...new Set(panel.families.flatMap(({ members }) => members))];
  }
}

/** A value against an option that a grid has varied, or against trials. Runs in Node and, as text, in the page. */
import { emptyLayers, type Specification } from "./line.ts";
import { wrapText } from "./view.ts";
import type { ScaleName, View } from "./view.ts";

export interface Setting {
  readonly family: string;
  readonly x: number | string;
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
  readonly seeds: number;
}

export interface SensitivityPanel {
  readonly name: string;
  readonly title: string;
  readonly notes: readonly string[];
  readonly x: string;
  readonly y: string;
  readonly scales: readonly ScaleName[];
  /** Whether the horizontal axis counts. */
  readonly whole?: boolean;
  readonly across: "linear" | "log" | "ordinal";
  /** Estimators without the option, with their colours: not the report's labels, which have it. */
  readonly families: readonly {
    readonly label: string;
    readonly colour: string;
    readonly dash: readonly number[];
    /** The report's labels of its cells. */
    readonly members: readonly string[];
  }[];
  readonly settings: readonly Setting[];
}

/** The specification: means joined, with their intervals. */
export function sensitivitySpec(panel: SensitivityPanel, view: View): Specification {
  // A family goes when all of its estimators are hidden.
  const families = panel.families.filter(({ members }) => members.some((one) => !view.hidden.includes(one)));
  const domain = families.map(({ label }) => label);
  const settings = panel.settings.filter(({ family }) => domain.includes(family));
  // A layer of which no row is left warns of its axes.
  const banded = settings.some(({ low }) => low !== null);
  const channel = (range: unknown[]) => ({
    field: "family",
    type: "nominal",
    scale: { domain, range },
    legend: {
      title: null,
      orient: "bottom",
      direction: "horizontal",
      columns: view.legendColumns,
      labelLimit: 260,
    },
  });
  const color = channel(families.map(({ colour }) => colour));
  const ordinal = panel.across === "ordinal";
  const x = {
    field: "x",
    title: panel.x,
    ...(ordinal
      ? { type: "ordinal", sort: null, axis: { labelAngle: 0, labelOverlap: true } }
      : {
          type: "quantitative",
          scale: {
            type: panel.across,
            nice: false,
            padding: 12,
            ...(panel.across === "log" ? {} : { zero: false }),
          },
          axis: {
            tickCount: 6,
            labelOverlap: true,
            format: ".3~g",
            ...(panel.whole ? { tickMinStep: 1 } : {}),
          },
        }),
  };
  const y = {
    type: "quantitative",
    scale: view.yScale === "log" ? { type: "log", nice: false, padding: 12 } : { zero: false, nice: true },
    axis: { tickCount: 6, labelOverlap: true, ...(view.yScale === "log" ? { format: ".4~g" } : {}) },
    title: panel.y,
  };
  const number = (field: string, title: string) => ({ field, title, type: "quantitative", format: ".6~g" });
  const rule: Specification = {
    transform: [{ filter: "datum.low !== null" }],
    mark: { type: "rule", strokeWidth: 1.5 },
    encoding: { x, y: { field: "low", ...y }, y2: { field: "high" }, color },
  };
  const layers: Specification[] = [
    {
      mark: { type: "line", strokeWidth: 2 },
      encoding: {
        x,
        y: { field: "mean", ...y },
        color,
        strokeDash: channel(families.map(({ dash }) => dash)),
      },
    },
    ...(banded ? [rule] : []),
    {
      mark: { type: "point", filled: true, size: 50, opacity: 1 },
      encoding: {
        x,
        y: { field: "mean", ...y },
        color,
        tooltip: [
          { field: "family", title: "estimator", type: "nominal" },
          { field: "x", title: panel.x, type: ordinal ? "nominal" : "quantitative" },
          number("mean", "mean"),
          number("low", "95% from"),
          number("high", "95% to"),
          number("seeds", "seeds (n)"),
        ],
      },
    },
  ];
  return {
    $schema: "https://vega.github.io/schema/vega-lite/v6.json",
    description: [panel.title, ...panel.notes].join(". "),
    title: {
      text: wrapText([panel.title], 0.8 * view.textWidth),
      subtitle: wrapText(panel.notes, view.textWidth),
      anchor: "start",
      frame: "group",
    },
    width: view.width,
    height: view.height,
    autosize: { type: "fit-x", contains: "padding" },
    data: { name: "settings", values: settings },
    layer: settings.length === 0 ? emptyLayers() : layers,
  };
}

/** The types of a chart's panels and of the settings with which a reader views them, and the settings at first. */
import type { Curve } from "../aggregate/curves.ts";
import type { Range } from "../aggregate/statistics.ts";
import type { Ink } from "./palette.ts";

export type AxisScale = "linear" | "log" | "symlog";

interface PanelTexts {
  /** The panel's name in the chart's list of panels. */
  readonly name: string;
  readonly title: string;
  /** Sentences under the title. */
  readonly notes: readonly string[];
  /** Title of the vertical axis. */
  readonly y: string;
  /** Scales that a reader can choose, the default first: of the horizontal axis in a scatter plot, else the vertical one. */
  readonly scales: readonly AxisScale[];
}

/** A metric over training, one curve per estimator. */
export interface CurvePanel extends PanelTexts {
  readonly shape: "curves";
  readonly curves: readonly Curve[];
  /** Whether the vertical axis shows the range of the last 80% of training by default. */
  readonly zoomed?: boolean;
  /** Published values under the same protocol, each drawn as a line in its estimator's colour. */
  readonly references?: readonly ReferenceLine[];
}

export interface ReferenceLine {
  readonly estimator: string;
  readonly value: number;
  readonly title: string;
  readonly source: string;
}

/** Two quantities against each other, a dot per estimator; the vertical axis is logarithmic. */
export interface ScatterPanel extends PanelTexts {
  readonly shape: "scatter";
  /** Title of the horizontal axis. */
  readonly x: string;
  readonly dots: readonly ScatterDot[];
}

export interface ScatterDot {
  readonly label: string;
  readonly x: Range;
  readonly y: Range;
  readonly seeds: number;
  /** z of the bias, averaged over seeds; null where it was not measured. */
  readonly biasZ: number | null;
  /** Whether the dot is on the Pareto front. */
  readonly front: boolean;
}

/** A result against the values of an option, or against the number of configurations tried. */
export interface SensitivityPanel extends PanelTexts {
  readonly shape: "sensitivity";
  /** Title of the horizontal axis. */
  readonly x: string;
  readonly xScale: "linear" | "log" | "ordinal";
  /** Whether the horizontal axis holds whole numbers only. */
  readonly wholeX?: boolean;
  /** Estimators without the varied option; `members` are the report's labels of the estimators that have it. */
  readonly families: readonly (Ink & { readonly members: readonly string[] })[];
  readonly points: readonly SensitivityPoint[];
}

export interface SensitivityPoint extends Range {
  readonly family: string;
  readonly x: number | string;
  readonly seeds: number;
}

export type Panel = CurvePanel | ScatterPanel | SensitivityPanel;

/** A chart of one task: panels of which the page shows one at a time. */
export interface Chart {
  /** File name without its ending, and the figure's name in the page. */
  readonly id: string;
  readonly task: string;
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** How a panel is drawn: what the page's controls set. */
export interface ChartView {
  readonly x: "step" | "evaluations" | "seconds";
  readonly xScale: "linear" | "log";
  readonly yScale: AxisScale;
  /** `settled`: all steps, with the vertical axis of a zoomed panel; `all`: no zoom; `late`: the last half. */
  readonly range: "settled" | "all" | "late";
  /** Whether single seeds are drawn too. */
  readonly seeds: boolean;
  /** Estimators that are not drawn. */
  readonly hidden: readonly string[];
  readonly legend: boolean;
  readonly width: number | "container";
  /** Pixels that a line of the title may take. */
  readonly textWidth: number;
  readonly height: number;
}

/** The view of exported files, and of the page before a reader changes it. */
export function firstView({ scales }: Pick<Panel, "scales">, width: ChartView["width"] = 640): ChartView {
  return {
    ...{ x: "step", xScale: "linear", yScale: scales[0] ?? "linear", range: "settled", seeds: false },
    ...{ hidden: [], legend: true, width, textWidth: 640, height: 320 },
  };
}

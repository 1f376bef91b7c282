/** What of a panel is drawn, and how: pure, and usable in the page as text. */
import type { Curve } from "../curves.ts";

export type XAxis = "step" | "evaluations" | "seconds";
export type ScaleName = "linear" | "log" | "symlog";

export interface Panel {
  /** What the switch between panels shows. */
  readonly name: string;
  readonly title: string;
  readonly notes: readonly string[];
  readonly y: string;
  readonly scales: readonly ScaleName[];
  readonly curves: readonly Curve[];
  /** Published values of exactly this protocol, each drawn as a rule in its estimator's colour. */
  readonly references?: readonly ReferenceLine[];
}

export interface ReferenceLine {
  readonly estimator: string;
  readonly value: number;
  readonly title: string;
  readonly source: string;
}

export interface View {
  readonly x: XAxis;
  readonly xScale: "linear" | "log";
  readonly yScale: ScaleName;
  /** Leaves out the first half of training. */
  readonly late: boolean;
  readonly seeds: boolean;
  readonly hidden: readonly string[];
  readonly legendColumns: number;
  readonly width: number | "container";
  /** Pixels that a line of the title may take. */
  readonly textWidth: number;
  readonly height: number;
}

export interface Drawn {
  readonly means: readonly {
    readonly estimator: string;
    readonly step: number;
    readonly evaluations: number;
    readonly seconds: number;
    readonly mean: number;
    readonly low: number | null;
    readonly high: number | null;
    readonly seeds: number;
  }[];
  readonly singles: readonly {
    readonly estimator: string;
    readonly seed: number;
    readonly step: number;
    readonly evaluations: number;
    readonly seconds: number;
    readonly value: number;
  }[];
  /** Points that a logarithmic axis cannot show. */
  readonly dropped: number;
  /** Whether the negatives are shown: an ELBO on a logarithmic axis. */
  readonly negated: boolean;
}

/** The rows of a panel that a view shows. Uses nothing from outside itself. */
export function drawnRows(panel: Panel, view: View): Drawn {
  const every = panel.curves.flatMap((curve) => curve.rows);
  const lastStep = every.reduce((last, [step]) => Math.max(last, step), 0);
  const logY = view.yScale === "log";
  const negated = logY && every.length > 0 && every.every(([, , , mean]) => mean < 0);
  const turn = (value: number) => (negated ? -value : value);
  const edge = (value: number | null) =>
    value === null || (logY && !(turn(value) > 0)) ? null : turn(value);
  let dropped = 0;
  const fits = (step: number, evaluations: number, seconds: number, value: number) => {
    if (view.late && step < lastStep / 2) return false;
    const x = { step, evaluations, seconds }[view.x];
    const good = (view.xScale !== "log" || x > 0) && (!logY || turn(value) > 0);
    if (!good) dropped++;
    return good;
  };
  const means: Drawn["means"][number][] = [];
  const singles: Drawn["singles"][number][] = [];
  for (const { label: estimator, rows, seeds } of panel.curves) {
    if (view.hidden.includes(estimator)) continue;
    for (const [step, evaluations, seconds, value, low, high, count] of rows)
      if (fits(step, evaluations, seconds, value))
        means.push({
          estimator,
          step,
          evaluations,
          seconds,
          mean: turn(value),
          low: edge(negated ? high : low),
          high: edge(negated ? low : high),
          seeds: count,
        });
    for (const { seed, rows: own } of view.seeds ? seeds : [])
      for (const [step, evaluations, seconds, value] of own)
        if (fits(step, evaluations, seconds, value))
          singles.push({ estimator, seed, step, evaluations, seconds, value: turn(value) });
  }
  return { means, singles, dropped, negated };
}

/** Breaks sentences into lines that fit, since Vega does not. */
export function wrapText(sentences: readonly string[], width: number): string[] {
  const most = Math.max(24, Math.floor((width - 90) / 6.2));
  const lines: string[] = [];
  for (const sentence of sentences) {
    let line = "";
    for (const word of sentence.split(" ")) {
      if (line !== "" && line.length + word.length >= most) {
        lines.push(line);
        line = "";
      }
      line = line === "" ? word : `${line} ${word}`;
    }
    lines.push(line);
  }
  return lines;
}

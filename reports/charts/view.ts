/** What of a panel is drawn, and how: pure, and usable in the page as text. */
import type { Curve } from "../aggregate/curves.ts";

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
  /** Whether training leaves its beginning far behind, so that the vertical axis is cut to the rest at first. */
  readonly settles?: boolean;
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
  /** settled: all steps, the vertical axis cut to the last 80%, where that says more; late: the last half. */
  readonly range: "settled" | "all" | "late";
  readonly seeds: boolean;
  readonly hidden: readonly string[];
  /** What a reader has chosen in the legend. */
  readonly chosen: readonly string[];
  /** None for no legend. */
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
  /** The ends of the vertical axis, where the data alone would set them badly. */
  readonly domain: readonly [number, number] | null;
  /** Whether the beginning lies outside of them. */
  readonly cut: boolean;
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
    if (view.range === "late" && step < lastStep / 2) return false;
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
  const from = panel.settles && view.range === "settled" && view.yScale === "linear" ? lastStep / 5 : 0;
  return { means, singles, dropped, negated, ...verticalEnds({ panel, view, means, singles }, from) };
}

/** The ends of what is drawn from a step on; null where the axis may follow the data. */
export function verticalEnds(
  { panel, view, means, singles }: Pick<Drawn, "means" | "singles"> & { panel: Panel; view: View },
  from: number,
): Pick<Drawn, "domain" | "cut"> {
  const late = means.filter(({ step }) => step >= from).length >= 2 ? from : 0;
  const published = (panel.references ?? []).filter(({ estimator }) => !view.hidden.includes(estimator));
  const ends = (first: number) => {
    const values = [
      ...means.flatMap(({ step, mean, low, high }) =>
        step < first ? [] : [mean, low ?? mean, high ?? mean],
      ),
      ...singles.flatMap(({ step, value }) => (step < first ? [] : [value])),
      ...(view.yScale === "log" ? [] : published.map(({ value }) => value)),
    ];
    const reduce = (pick: (a: number, b: number) => number) =>
      values.reduce((a, b) => pick(a, b), values[0] ?? 0);
    return [reduce(Math.min), reduce(Math.max)] as const;
  };
  const [whole, settled] = [ends(0), ends(late)];
  if (means.length > 0 && whole[0] === whole[1]) {
    // One value: an axis of its rounding errors says nothing.
    const [value] = whole;
    if (view.yScale === "log") return { domain: [value / 2, value * 2], cut: false };
    const around = Math.abs(value) / 20 || 1;
    return { domain: [value - around, value + around], cut: false };
  }
  const cut = settled[1] > settled[0] && settled[1] - settled[0] < (whole[1] - whole[0]) / 2;
  const margin = (settled[1] - settled[0]) / 20;
  return cut ? { domain: [settled[0] - margin, settled[1] + margin], cut } : { domain: null, cut };
}

/**
 * Where a symmetric logarithmic axis turns linear, and its ticks: at the smallest value that is not zero, since what
 * is drawn may all be far below 1.
 */
export function symlogAxis(values: readonly number[]): { constant: number; ticks: number[] } {
  const sizes = values.map(Math.abs).filter((size) => size > 0 && Number.isFinite(size));
  const least = sizes.reduce((a, b) => Math.min(a, b), sizes[0] ?? 1);
  const most = sizes.reduce((a, b) => Math.max(a, b), least);
  const [from, to] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  const powers = Array.from({ length: to - from + 1 }, (_, k) => Number(`1e${from + k}`));
  const signed = powers.flatMap((power) => (values.some((value) => value < 0) ? [-power, power] : [power]));
  return { constant: least, ticks: [0, ...signed].sort((a, b) => a - b) };
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

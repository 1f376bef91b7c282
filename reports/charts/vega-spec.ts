/** Building blocks of the Vega-Lite specifications of all charts. */
import type { ChartView, Panel } from "./panels.ts";

export type Specification = Record<string, unknown>;

export const schemaUrl = "https://vega.github.io/schema/vega-lite/v6.json";

/** A channel that gives each name of a field its own look. */
export const nominalChannel = (field: string, domain: readonly string[], range: readonly unknown[]) => ({
  field,
  type: "nominal",
  scale: { domain, range },
});

/** A legend of these labels below a chart of `width` pixels, in as many columns as fit. */
export function bottomLegend(labels: readonly string[], width: number) {
  const longest = Math.max(4, ...labels.map((label) => label.length));
  const columns = Math.max(1, Math.floor((width - 40) / (Math.min(longest, 34) * 7.5 + 60)));
  return { title: null, orient: "bottom", direction: "horizontal", columns, labelLimit: 260 };
}

/** A scale that need not reach to zero. */
export const freeScale = (type: string): Specification => ({
  type,
  ...(type === "log" ? {} : { zero: false }),
});

export const axisTicks = { tickCount: 6, labelOverlap: true };

/** A number in a tooltip. */
export const tooltipNumber = (field: string, title: string, format: string): Specification => ({
  ...{ field, title, format, type: "quantitative" },
});

export const tooltipInterval = (format: string): Specification[] => [
  tooltipNumber("mean", "mean", format),
  tooltipNumber("low", "95% from", format),
  tooltipNumber("high", "95% to", format),
];

/** Vertical bars of the rows that have an interval, between their fields `low` and `high`. */
export const intervalBars = (y: Specification, encoding: Specification = {}): Specification => ({
  transform: [{ filter: "isValid(datum.low)" }],
  mark: { type: "rule", strokeWidth: 1.5 },
  encoding: { ...encoding, y: { ...y, field: "low" }, y2: { field: "high" } },
});

/** Text in place of an empty frame. */
function emptyLayer(): Specification {
  const text = { value: "no values to show on these axes" };
  return { mark: { type: "text", fontSize: 13, opacity: 0.6 }, data: { values: [{}] }, encoding: { text } };
}

/** A panel's whole specification: its title and notes, its size, its rows and the layers that draw them. */
export function framed(
  { title }: Panel,
  notes: readonly string[],
  { width, height, textWidth }: ChartView,
  data: { readonly name: string; readonly values: readonly object[] },
  layers: readonly Specification[],
): Specification {
  return {
    $schema: schemaUrl,
    description: [title, ...notes].join(". "),
    title: {
      text: wrapText([title], 0.8 * textWidth),
      subtitle: wrapText(notes, textWidth),
      anchor: "start",
      frame: "group",
    },
    width,
    height,
    autosize: { type: "fit-x", contains: "padding" },
    data,
    layer: data.values.length === 0 ? [emptyLayer()] : layers,
  };
}

/** Breaks sentences into lines of at most `width` pixels, since Vega does not. */
function wrapText(sentences: readonly string[], width: number): string[] {
  const most = Math.max(24, Math.floor((width - 100) / 6.5));
  return sentences.flatMap((sentence) => {
    const lines: string[] = [];
    let line = "";
    for (const word of sentence.split(" "))
      if (line !== "" && line.length + word.length >= most) {
        lines.push(line);
        line = word;
      } else line = line === "" ? word : `${line} ${word}`;
    return [...lines, line];
  });
}

/** Note on values that a logarithmic axis cannot show. */
export const droppedNotes = (count: number): string[] =>
  count === 0
    ? []
    : [`Not shown on the logarithmic axis: ${count} value${count === 1 ? "" : "s"} at or below zero.`];

/** A symmetric logarithmic axis turns linear at the smallest value that is not zero: all values may lie far below 1. */
export function symlogAxis(values: readonly number[]): { constant: number; ticks: number[] } {
  const sizes = values.map(Math.abs).filter((size) => size > 0 && Number.isFinite(size));
  const least = sizes.reduce((a, b) => Math.min(a, b), sizes[0] ?? 1);
  const most = sizes.reduce((a, b) => Math.max(a, b), least);
  const [from, to] = [Math.floor(Math.log10(least)), Math.ceil(Math.log10(most))];
  const powers = Array.from({ length: to - from + 1 }, (_, k) => Number(`1e${from + k}`));
  const signed = powers.flatMap((power) => (values.some((value) => value < 0) ? [-power, power] : [power]));
  return { constant: least, ticks: [0, ...signed].sort((a, b) => a - b) };
}

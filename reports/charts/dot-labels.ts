/** Places labels beside the dots of a scatter plot, so that none covers a dot or another label. */
import type { AxisScale } from "./panels.ts";
import { symlogAxis } from "./vega-spec.ts";

export interface ScatterAxis {
  readonly scale: AxisScale;
  readonly domain: readonly [number, number];
  /** Where a symmetric logarithmic axis turns linear, and its ticks. */
  readonly symlog: { readonly constant: number; readonly ticks: readonly number[] } | null;
}

/** Maps a value to where it stands on an axis, before the axis is stretched over pixels; and back. */
function scaling(scale: AxisScale, constant: number) {
  if (scale === "linear") return { to: (value: number) => value, from: (place: number) => place };
  if (scale === "log") return { to: Math.log, from: Math.exp };
  return {
    to: (value: number) => Math.sign(value) * Math.log1p(Math.abs(value) / constant),
    from: (place: number) => Math.sign(place) * constant * Math.expm1(Math.abs(place)),
  };
}

/** An axis over values, with a margin of a twelfth at both ends for dots and labels. */
export function scatterAxis(scale: AxisScale, values: readonly number[]): ScatterAxis {
  const symlog = scale === "symlog" ? symlogAxis(values) : null;
  const { to, from } = scaling(scale, symlog?.constant ?? 1);
  const places = values.map(to);
  const [low, high] = [Math.min(...places), Math.max(...places)];
  const margin = (high - low) / 12 || (scale === "linear" ? Math.abs(low) / 10 || 1 : 0.7);
  return { scale, domain: [from(low - margin), from(high + margin)], symlog };
}

/** Pixels of a value from the start of an axis of `length` pixels. */
export function pixelOn({ scale, domain, symlog }: ScatterAxis, length: number, value: number): number {
  const { to } = scaling(scale, symlog?.constant ?? 1);
  const [from, end] = [to(domain[0]), to(domain[1])];
  return (length * (to(value) - from)) / (end - from);
}

/** Places of a label relative to its dot, in pixels. */
const choices = [
  { align: "left", dx: 9, dy: -6 },
  { align: "left", dx: 9, dy: 8 },
  { align: "right", dx: -9, dy: -6 },
  { align: "right", dx: -9, dy: 8 },
  { align: "center", dx: 0, dy: -14 },
  { align: "center", dx: 0, dy: 15 },
  { align: "left", dx: 11, dy: 18 },
  { align: "left", dx: 11, dy: -18 },
  { align: "right", dx: -11, dy: 18 },
  { align: "right", dx: -11, dy: -18 },
] as const;

/**
 * Places for labels of 11 pixels beside dots at `x`, `y` pixels from the left and the top. Each label takes the first
 * place that is clear of all dots, of the labels before it and of the edges; null for one that finds none.
 */
export function labelPlaces(
  dots: readonly { readonly label: string; readonly x: number; readonly y: number }[],
  width: number,
  height: number,
): ((typeof choices)[number] | null)[] {
  const taken = dots.map(({ x, y }) => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }));
  return dots.map(({ label, x, y }) => {
    const length = 6.4 * label.length;
    for (const choice of choices) {
      const left = x + choice.dx + { left: 0, center: -length / 2, right: -length }[choice.align];
      const box = { left, right: left + length, top: y + choice.dy - 6, bottom: y + choice.dy + 6 };
      const outside = box.left < 0 || box.right > width || box.top < 0 || box.bottom > height;
      const covers = (other: typeof box) =>
        box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom;
      if (outside || taken.some(covers)) continue;
      taken.push(box);
      return choice;
    }
    return null;
  });
}

/** Where the names of dots stand. Runs in Node and, as text, in the page. */
import { symlogAxis } from "./view.ts";
import type { ScaleName } from "./view.ts";

export interface Axis {
  readonly type: ScaleName;
  readonly domain: readonly [number, number];
  /** Of a symmetric logarithmic axis. */
  readonly symlog: { readonly constant: number; readonly ticks: readonly number[] } | null;
}

/** A value before its axis is stretched over pixels. */
export function onScale(type: ScaleName, constant: number, value: number): number {
  if (type === "linear") return value;
  return type === "log" ? Math.log(value) : Math.sign(value) * Math.log1p(Math.abs(value) / constant);
}

/** An axis over values, with room of a twelfth at both ends for dots and names. */
export function axisOver(type: ScaleName, values: readonly number[]): Axis {
  const symlog = type === "symlog" ? symlogAxis(values) : null;
  const constant = symlog?.constant ?? 1;
  const places = values.map((value) => onScale(type, constant, value));
  const [low, high] = [Math.min(...places), Math.max(...places)];
  const room = (high - low) / 12 || (type === "linear" ? Math.abs(low) / 10 || 1 : 0.7);
  const back = (place: number) => {
    if (type === "linear") return place;
    return type === "log" ? Math.exp(place) : Math.sign(place) * constant * Math.expm1(Math.abs(place));
  };
  return { type, domain: [back(low - room), back(high + room)], symlog };
}

/** Pixels from the start of an axis of a length. */
export function pixelOn({ type, domain, symlog }: Axis, length: number, value: number): number {
  const place = (one: number) => onScale(type, symlog?.constant ?? 1, one);
  const [from, to] = [place(domain[0]), place(domain[1])];
  return (length * (place(value) - from)) / (to - from);
}

export interface Spot {
  readonly label: string;
  /** Pixels from the left and from the top. */
  readonly x: number;
  readonly y: number;
}

export interface NamePlace {
  readonly align: "left" | "center" | "right";
  readonly dx: number;
  readonly dy: number;
}

/**
 * Places for names of 11 pixels around their dots: each takes the first that keeps clear of every dot, of the names
 * before it and of the edges; null for one that finds none.
 */
export function placeNames(spots: readonly Spot[], width: number, height: number): (NamePlace | null)[] {
  const choices: readonly NamePlace[] = [
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
  ];
  const taken = spots.map(({ x, y }) => ({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 }));
  return spots.map(({ label, x, y }) => {
    const long = 6.4 * label.length;
    for (const choice of choices) {
      const start = { left: 0, center: -long / 2, right: -long }[choice.align];
      const left = x + choice.dx + start;
      const box = { left, right: left + long, top: y + choice.dy - 6, bottom: y + choice.dy + 6 };
      const outside = box.left < 0 || box.right > width || box.top < 0 || box.bottom > height;
      const covers = taken.some(
        (other) =>
          box.left < other.right &&
          other.left < box.right &&
          box.top < other.bottom &&
          other.top < box.bottom,
      );
      if (outside || covers) continue;
      taken.push(box);
      return choice;
    }
    return null;
  });
}

/** Curves as SVG: a line for each estimator, with the values of the axes at their ends. */
import type { Ink } from "../../reports/charts/palette.ts";
import { html, type Markup } from "../../reports/page/html.ts";

export interface Curve {
  readonly ink: Ink;
  readonly points: readonly (readonly [x: number, y: number])[];
}

const [width, height, left, right, top, bottom] = [560, 260, 74, 14, 26, 26];

const short = (x: number) => String(Number(x.toPrecision(3)));

/** The chart of curves that begin at x = 0 and end at `end`, on a logarithmic axis of y if `logarithmic`. */
export function curveChart(
  title: string,
  curves: readonly Curve[],
  { end, logarithmic = false }: { readonly end: number; readonly logarithmic?: boolean },
): Markup {
  const shown = (y: number) => Number.isFinite(y) && (!logarithmic || y > 0);
  const scale = logarithmic ? Math.log : (y: number) => y;
  const values = curves.flatMap(({ points }) => points.map(([, y]) => y).filter(shown));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const span = scale(high) - scale(low) || 1;
  const x = (step: number) => (left + (step / end) * (width - left - right)).toFixed(1);
  const y = (value: number) =>
    (height - bottom - ((scale(value) - scale(low)) / span) * (height - top - bottom)).toFixed(1);
  const lines = curves.map(({ ink, points }) => {
    const path = points
      .filter(([, value]) => shown(value))
      .map(([step, value]) => `${x(step)},${y(value)}`)
      .join(" ");
    return html`<polyline
      points="${path}"
      stroke="${ink.colour}"
      stroke-dasharray="${ink.dash.join(" ")}"
    />`;
  });
  const label = (at: string, anchor: string, text: string, on: string) =>
    html`<text x="${at}" y="${on}" text-anchor="${anchor}">${text}</text>`;
  const floor = height - bottom;
  return html`<svg class="curves" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}">
    <text x="0" y="14" class="title">${title}</text>
    <path d="M${left},${top}V${floor}H${width - right}" />
    ${
      values.length > 0 && [
        label(String(left - 6), "end", short(high), String(top + 4)),
        label(String(left - 6), "end", short(low), String(floor + 4)),
      ]
    }
    ${label(String(left), "middle", "0", String(height - 8))}
    ${label(String(width - right), "end", `${end} steps`, String(height - 8))} ${lines}
  </svg>`;
}

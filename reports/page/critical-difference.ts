/** The critical-difference diagram of Demšar (2006): mean ranks on an axis, and bars over those that do not differ. */
import type { AcrossTasks } from "../format/summary.ts";
import { html, type Markup } from "./html.ts";

const width = 760;
const margin = 230;
const top = 56;
const line = 20;

/** The longest runs of neighbours that share a letter, as first and last index; single ones are left out. */
function runs(groups: readonly string[]): [number, number][] {
  const lettersOf = (text: string): string[] => text.match(/[a-z]\d*/g) ?? [];
  return [...new Set(groups.flatMap(lettersOf))].flatMap((letter): [number, number][] => {
    const members = groups.flatMap((text, i) => (lettersOf(text).includes(letter) ? [i] : []));
    return members.length > 1 ? [[members[0]!, members.at(-1)!]] : [];
  });
}

export function criticalDifferenceDiagram({ rows, friedman: { criticalDifference } }: AcrossTasks): Markup {
  const sorted = [...rows].sort((a, b) => a.rank - b.rank);
  const most = sorted.length;
  const x = (rank: number) => Number((margin + ((width - 2 * margin) * (rank - 1)) / (most - 1)).toFixed(1));
  const bars = runs(sorted.map(({ group }) => group));
  const first = top + 14 + 7 * bars.length;
  const half = Math.ceil(most / 2);
  const height = first + line * half + 4;
  const shown = Math.min(criticalDifference, most - 1);
  const scaleText = `CD = ${criticalDifference.toFixed(2)}${shown < criticalDifference ? ", wider than the axis" : ""}`;
  const title = `Mean ranks: ${sorted.map(({ estimator, rank }) => `${estimator} ${rank.toFixed(2)}`).join(", ")}. ${scaleText}`;
  return html`<svg
    class="ranks"
    viewBox="0 0 ${width} ${height}"
    width="${width}"
    role="img"
    aria-label="${title}"
  >
    <path class="scale" d="M${x(1)} 18V26M${x(1)} 22H${x(1 + shown)}M${x(1 + shown)} 18V26" />
    <text x="${x(1)}" y="12">${scaleText}</text>
    <path class="axis" d="M${x(1)} ${top}H${x(most)}" />
    ${sorted.map(
      (_, i) =>
        html`<path class="axis" d="M${x(i + 1)} ${top - 5}V${top}" />
          <text x="${x(i + 1)}" y="${top - 9}" text-anchor="middle">${i + 1}</text>`,
    )}
    ${bars.map(
      ([from, to], i) =>
        html`<path
          class="tie"
          d="M${x(sorted[from]!.rank) - 3} ${top + 9 + 7 * i}H${x(sorted[to]!.rank) + 3}"
        />`,
    )}
    ${sorted.map(({ estimator, rank }, i) => {
      const left = i < half;
      const y = first + line * (left ? i : most - 1 - i) + 12;
      const end = left ? margin - 14 : width - margin + 14;
      return html`<path class="axis" d="M${x(rank)} ${top}V${y}H${end}" />
        <text x="${left ? end - 5 : end + 5}" y="${y + 4}" text-anchor="${left ? "end" : "start"}">
          ${estimator} (${rank.toFixed(2)})
        </text>`;
    })}
  </svg>`;
}

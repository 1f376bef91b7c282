/** Formats numbers for readers, with no more digits than an interval justifies. */

/** Replaces the hyphen by a minus sign, at which lines do not break. */
const minus = (text: string) => text.replace("-", "−");

/** `digits` significant digits; powers of ten outside 1e-3 … 1e6. */
export function formatNumber(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value);
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1e6 || size < 1e-3)
    return minus(value.toExponential(Math.max(0, digits - 2)).replace("e+", "e"));
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)));
  return minus(value.toFixed(Math.min(decimals, 8)));
}

/** The decimals that show two significant digits of an interval's half width; two where that is rounding alone. */
function decimalsFor(half: number, largest: number): number {
  if (!(half > 1e-9 * largest)) return 2;
  return Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(half))));
}

/** Mean and limits, two significant digits of the half width: `{mean: "1.80", range: "[1.00, 2.64]"}`. */
export function formatRange(range: { mean: number; low: number | null; high: number | null }): {
  mean: string;
  range: string;
} {
  const { mean, low, high } = range;
  if (low === null || high === null) return { mean: formatNumber(mean), range: "" };
  const largest = Math.max(Math.abs(low), Math.abs(high), Math.abs(mean));
  if (largest >= 1e6 || largest < 1e-3) {
    return { mean: formatNumber(mean, 3), range: `[${formatNumber(low, 3)}, ${formatNumber(high, 3)}]` };
  }
  const decimals = decimalsFor((high - low) / 2, largest);
  const show = (value: number) => minus(value.toFixed(decimals).replace(/^-(0(\.0*)?)$/, "$1"));
  return { mean: show(mean), range: `[${show(low)}, ${show(high)}]` };
}

/** Mean and limits as one text: `1.80 [1.00, 2.64]`. */
export function formatInterval(
  range: { mean: number; low: number | null; high: number | null } | null,
): string {
  if (range === null) return "–";
  const shown = formatRange(range);
  return shown.range === "" ? shown.mean : `${shown.mean} ${shown.range}`;
}

/** Whole numbers in full, others with three digits. */
export function formatCount(value: number): string {
  return Number.isInteger(value) && Math.abs(value) < 1e6 ? minus(String(value)) : formatNumber(value, 3);
}

/** `1 seed`, `2 seeds`. */
export function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

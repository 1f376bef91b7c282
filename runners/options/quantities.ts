/** Reads and writes numbers and times. */
import { mistake } from "../errors.ts";

/** A finite number in decimal notation. JavaScript's other notations (hexadecimal, the empty text) are refused. */
export function numberIn(text: string, who: string): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : NaN;
  if (!Number.isFinite(value)) throw mistake(`${who} expects a number, got "${text}".`);
  return value + 0; // −0 becomes 0.
}

/** A whole number of at least `least`, in decimal notation (1e4 is allowed). */
export function countIn(text: string, who: string, least = 1): number {
  const value = numberIn(text, who);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw mistake(`${who} must be a whole number, at least ${least}, got ${text}.`);
}

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds in `90`, `90s`, `10m`, `1h30m` or `2d`; always above 0. */
export function secondsIn(text: string, who: string): number {
  const whole = text.trim();
  const parts = [...whole.matchAll(/(\d+(?:\.\d+)?)([smhd])/g)];
  const complete = parts.map(([part]) => part).join("") === whole;
  const sum = parts.reduce(
    (seconds, [, amount, unit]) => seconds + Number(amount) * secondsPerUnit[unit!]!,
    0,
  );
  const seconds = /^\d+(\.\d+)?$/.test(whole) ? Number(whole) : complete ? sum : NaN;
  if (seconds > 0 && seconds < Infinity) return seconds;
  throw mistake(`${who} expects a positive time such as 90s, 10m or 1h30m, got "${text}".`);
}

/** A time for people: `0.8 s`, `42 s`, `3:07`, `1:02:09`. */
export function timeText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, "0");
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

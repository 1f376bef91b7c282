/** What the user asked of a run, as text: from flags, variables and a configuration, not yet checked. */
import type { Measurement } from "./plan.ts";
import type { NamedPlugin } from "./registry.ts";
import { mistake } from "../errors.ts";
import { numberIn } from "../options/schedules.ts";

export interface Request {
  readonly estimators: readonly string[];
  readonly tasks: readonly string[];
  readonly grids: readonly string[];
  readonly plugins: readonly NamedPlugin[];
  readonly seeds?: string;
  readonly steps?: string;
  readonly evaluations?: string;
  readonly timeLimit?: string;
  readonly checkpointEvery?: string;
  /** Images of the m-sample bound at the end: a number, or `all`. */
  readonly boundRows?: string;
  readonly engine?: string;
  readonly data?: string;
  readonly quick: boolean;
  /** Instead of the usual one: a paper's. */
  readonly measurement?: Measurement;
  /** What reports call all tasks, where options vary with the estimator: a learning rate of its own. */
  readonly taskLabel?: string;
}

/** A whole number from `least`, in the usual notation (1e4 too), to `most` where there is one. */
export function countIn(text: string, who: string, least = 1, most = Infinity): number {
  const value = numberIn(text, `${who}: it`);
  if (!Number.isSafeInteger(value) || value < least || value > most) {
    const to = most === Infinity ? "" : ` to ${most}`;
    throw mistake(`${who}: it must be a whole number from ${least}${to}, got ${text}`);
  }
  return value;
}

const units: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** Seconds of `90`, `90s`, `10m`, `1h30m`, `2d`. */
export function secondsIn(text: string, who: string): number {
  const parts = [...text.trim().matchAll(/(\d+(?:\.\d+)?)([smhd])/g)];
  const whole = parts.map(([part]) => part).join("");
  const seconds = /^\d+(\.\d+)?$/.test(text.trim())
    ? Number(text)
    : whole === text.trim()
      ? parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * units[unit!]!, 0)
      : NaN;
  if (!Number.isFinite(seconds) || seconds <= 0) {
    throw mistake(`${who}: a time must look like 90s, 10m or 1h30m, and be above 0, got "${text}"`);
  }
  return seconds;
}

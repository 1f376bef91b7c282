/** Options that change from step to step. */
import { mistake } from "../errors.ts";

export interface Schedule {
  /** As given. */
  readonly text: string;
  /** The value of step t, counted from 0. */
  readonly at: (step: number) => number;
  /** The smallest and the largest value it ever takes. */
  readonly range: readonly [number, number];
}

const form = "exp:START:RATE:FLOOR:EVERY, such as exp:1:3e-5:0.5:1000";

/**
 * A plain number, or `exp:START:RATE:FLOOR:EVERY`:
 * value(t) = max(FLOOR, START · exp(−RATE · EVERY · ⌊t / EVERY⌋)), the annealing of Jang, Gu & Poole (2016).
 */
export function parseSchedule(given: string | number, who = "schedule"): Schedule {
  const text = String(given).trim();
  if (!text.includes(":")) return constant(text, who);
  const [kind, ...parts] = text.split(":");
  if (kind !== "exp") throw mistake(`${who}: a schedule must be a number or ${form}, got "${text}"`);
  if (parts.length !== 4) throw mistake(`${who}: a schedule must have four numbers (${form}), got "${text}"`);
  const names = ["start", "rate", "floor", "every"] as const;
  const [start, rate, floor, every] = names.map((name, i) =>
    numberIn(parts[i]!, `${who}: ${name} of "${text}"`),
  );
  if (rate! < 0)
    throw mistake(`${who}: the rate of "${text}" must not be negative (values fall), got ${rate}`);
  if (!Number.isInteger(every) || every! < 1) {
    throw mistake(
      `${who}: the last number of "${text}" must be a whole number of steps from 1, got ${parts[3]}`,
    );
  }
  if (start! < 0)
    throw mistake(`${who}: the start of "${text}" must not be negative (values fall to 0), got ${start}`);
  if (start! < floor!) {
    throw mistake(`${who}: the start of "${text}" must not lie below its floor, got ${start} below ${floor}`);
  }
  return {
    text,
    at(step) {
      const times = Math.floor(step / every!);
      // Before the first fall the rate is out of it: 0 times one that is too large for a number is none.
      return times === 0 ? start! : Math.max(floor!, start! * Math.exp(-rate! * every! * times));
    },
    range: [rate === 0 ? start! : floor!, start!],
  };
}

function constant(text: string, who: string): Schedule {
  const value = numberIn(text, `${who}: a schedule`);
  return { text, at: () => value, range: [value, value] };
}

/** A finite number in the usual notation; JavaScript's other ones (hexadecimal, empty) are refused. */
export function numberIn(text: string, who: string): number {
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text.trim()) ? Number(text) : NaN;
  if (!Number.isFinite(value)) throw mistake(`${who} must be a number, got "${text}"`);
  return value + 0; // −0 is 0, and is written so.
}

/** Options whose value changes from step to step. */
import { mistake } from "../errors.ts";
import { numberIn } from "./quantities.ts";

export interface Schedule {
  /** The text from which the schedule was read. */
  readonly text: string;
  /** The value of step t, counted from 0. */
  readonly at: (step: number) => number;
  /** The smallest and the largest value over all steps. */
  readonly range: readonly [number, number];
}

/**
 * Reads a plain number, or `exp:START:RATE:FLOOR:EVERY`:
 * value(t) = max(FLOOR, START · exp(−RATE · EVERY · ⌊t / EVERY⌋)), the annealing of Jang, Gu & Poole (2016).
 */
export function parseSchedule(given: string | number, who = "schedule"): Schedule {
  const text = String(given).trim();
  if (!text.includes(":")) {
    const value = numberIn(text, who);
    return { text, at: () => value, range: [value, value] };
  }
  const [kind, ...parts] = text.split(":");
  const refuse = (why: string) => mistake(`${who}: invalid schedule "${text}"; ${why}.`);
  if (kind !== "exp" || parts.length !== 4)
    throw refuse("write a number or exp:START:RATE:FLOOR:EVERY, such as exp:1:3e-5:0.5:1000");
  const [start, rate, floor, every] = ["START", "RATE", "FLOOR", "EVERY"].map((name, i) =>
    numberIn(parts[i]!, `${who}: ${name} of "${text}"`),
  ) as [number, number, number, number];
  if (rate < 0) throw refuse("RATE must not be negative");
  if (!Number.isInteger(every) || every < 1)
    throw refuse("EVERY must be a whole number of steps, at least 1");
  if (start < 0) throw refuse("START must not be negative");
  if (start < floor) throw refuse("START must not be below FLOOR");
  return {
    text,
    at(step) {
      const times = Math.floor(step / every);
      // At 0 times RATE is not used: it may be so large that its product with 0 is NaN.
      return times === 0 ? start : Math.max(floor, start * Math.exp(-rate * every * times));
    },
    range: [rate === 0 ? start : floor, start],
  };
}

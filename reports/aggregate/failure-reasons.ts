/** Why cells did not finish, each reason once. */
import type { Summary } from "../format/summary.ts";
import { plural } from "./numbers.ts";

/** The most pairs of task and estimator that are named for one reason. */
const mostPairs = 4;

/** `bits, gs, seed 0; bits, rloo, 5 seeds: failed. REASON`, a line for each distinct reason. */
export function failureReasons(failures: Summary["failures"]): string[] {
  const reasons = new Map<string, Map<string, number[]>>();
  for (const { task, estimator, seed, state, error } of failures) {
    const reason = `${state}. ${error}`;
    const pairs = reasons.get(reason) ?? new Map<string, number[]>();
    const pair = `${task}, ${estimator}`;
    reasons.set(reason, pairs.set(pair, [...(pairs.get(pair) ?? []), seed]));
  }
  return [...reasons].map(([reason, pairs]) => {
    const named = [...pairs].slice(0, mostPairs).map(([pair, seeds]) => {
      const [first] = seeds;
      return `${pair}, ${seeds.length === 1 ? `seed ${first}` : plural(seeds.length, "seed")}`;
    });
    const more = pairs.size > mostPairs ? `; ${pairs.size - mostPairs} more pairs` : "";
    return `${named.join("; ")}${more}: ${reason}`;
  });
}

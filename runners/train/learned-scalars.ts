import type { Arrays } from "../../tasks/task.ts";

/** Single numbers that an estimator itself learns, such as a scale or a temperature, logarithms raised, as metrics. */
export function learned(inputs: Arrays): [metric: string, value: number | null][] {
  return Object.entries(inputs).flatMap(([name, { values }]): [string, number | null][] => {
    if (!name.startsWith("own/") || values.length !== 1) return [];
    const plain = name.slice("own/".length);
    const bare = plain.replace(/^log-/, "");
    const value = bare === plain ? values[0]! : Math.exp(values[0]!);
    return [[`learned-${bare}`, Number.isFinite(value) ? value : null]];
  });
}

/** Lists the cells that a second run has lost and the settings that differ from the first. */
import { groupBy } from "../format/group-by.ts";
import { listed } from "./numbers.ts";
import type { Cell, RunRecords } from "../format/records.ts";

/** An estimator of the first run and the one it is compared with in the second. */
export interface ComparedEstimators {
  readonly task: string;
  readonly first: string;
  readonly second: string;
}

const key = (task: string, label: string, seed: number) => JSON.stringify([task, label, seed]);
const keyOf = ({ record }: Cell) => key(record.taskLabel, record.label, record.seed);

/** Names the cells that the first run finished and the second did not: by task, estimator and seeds. */
export function lostCells(
  first: RunRecords,
  second: RunRecords,
  compared: readonly ComparedEstimators[],
): string[] {
  const states = new Map<string, string>([
    ...second.manifest.matrix.map(
      ({ taskLabel, label, seed }) => [key(taskLabel, label, seed), "pending"] as const,
    ),
    ...second.cells.map((cell) => [keyOf(cell), cell.record.state] as const),
  ]);
  const lost = first.cells.flatMap(({ record: { taskLabel: task, label, seed, state } }) => {
    const partner = compared.find((one) => one.task === task && one.first === label)?.second ?? label;
    const now = states.get(key(task, partner, seed)) ?? "absent";
    return state === "done" && now !== "done" ? [{ task, label, seed, now }] : [];
  });
  const groups = groupBy(lost, ({ task, label, now }) => JSON.stringify([task, label, now]));
  return [...groups.values()].map((cells) => {
    const { task, label, now } = cells[0]!;
    const seeds = listed(cells.map(({ seed }) => String(seed)));
    const where = `done in ${first.manifest.name}, ${now} in ${second.manifest.name}`;
    return `${task}, ${label}, seed${cells.length === 1 ? "" : "s"} ${seeds}: ${where}.`;
  });
}

/** The leaves of a tree of settings by their paths. */
function leaves(value: unknown, path = ""): [path: string, value: string][] {
  if (typeof value !== "object" || value === null)
    return [[path, typeof value === "string" ? value : JSON.stringify(value)]];
  return Object.entries(value).flatMap(([name, inner]) =>
    leaves(inner, path === "" ? name : `${path} ${name}`),
  );
}

/** Eight digits are enough to tell one checksum from another. */
const abbreviated = (value: string | undefined) =>
  value === undefined ? "none" : /^[0-9a-f]{16,}$/.test(value) ? value.slice(0, 8) : value;

function differences(before: Cell, after: Cell, names: readonly [string, string]): string {
  const settings = ({ record: { resolved, steps, engine } }: Cell) =>
    new Map(leaves({ ...resolved, engine, steps: steps.planned }));
  const [first, second] = [settings(before), settings(after)];
  // Two estimators of different names are compared on purpose: only the rest is news.
  const renamed = before.record.label !== after.record.label;
  return [...new Set([...first.keys(), ...second.keys()])]
    .filter((path) => first.get(path) !== second.get(path) && !(renamed && path.startsWith("estimator ")))
    .map((path) => {
      const [one, other] = [abbreviated(first.get(path)), abbreviated(second.get(path))];
      return `${path} ${one} in ${names[0]}, ${other} in ${names[1]}`;
    })
    .join("; ");
}

/** How the settings of compared cells differ: budget, engine, data, options, versions. */
export function differentSettings(
  first: RunRecords,
  second: RunRecords,
  compared: readonly ComparedEstimators[],
): string[] {
  const names = [first.manifest.name, second.manifest.name] as const;
  const found = compared.flatMap(({ task, first: label, second: partner }) =>
    first.cells
      .filter(({ record }) => record.taskLabel === task && record.label === label)
      .map((before) => {
        const after = second.cells.find((cell) => keyOf(cell) === key(task, partner, before.record.seed));
        const text = after === undefined ? "" : differences(before, after, names);
        return { subject: `${task}, ${label}`, text };
      }),
  );
  const groups = groupBy(
    found.filter(({ text }) => text !== ""),
    ({ text }) => text,
  );
  return [...groups].map(([text, same]) => {
    const subjects = [...new Set(same.map(({ subject }) => subject))];
    return `Settings differ for ${subjects.join("; ")}: ${text}.`;
  });
}

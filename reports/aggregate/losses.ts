/** What a second run no longer has of a first, and in what the two are unlike. */
import { listed } from "./numbers.ts";
import type { Cell, RunRecords } from "../format/records.ts";

/** An estimator of the first run and the one it is compared with in the second. */
export interface Match {
  readonly task: string;
  readonly first: string;
  readonly second: string;
}

const key = (task: string, label: string, seed: number) => JSON.stringify([task, label, seed]);
const keyOf = ({ record }: Cell) => key(record.taskLabel, record.label, record.seed);

/** Cells that the first run finished and the second did not, whatever kept it: named by task, estimator and seed. */
export function losses(first: RunRecords, second: RunRecords, matched: readonly Match[]): string[] {
  const theirs = new Map(second.cells.map((cell) => [keyOf(cell), cell.record.state]));
  const planned = new Set(
    second.manifest.matrix.map(({ taskLabel, label, seed }) => key(taskLabel, label, seed)),
  );
  const groups = new Map<string, { start: string; seeds: number[]; state: string }>();
  for (const { record } of first.cells) {
    if (record.state !== "done") continue;
    const { taskLabel: task, label, seed } = record;
    const other = matched.find((match) => match.task === task && match.first === label)?.second ?? label;
    const name = key(task, other, seed);
    const state = theirs.get(name) ?? (planned.has(name) ? "pending" : "absent");
    if (state === "done") continue;
    const group = groups.get(JSON.stringify([task, label, state]));
    if (group === undefined)
      groups.set(JSON.stringify([task, label, state]), {
        start: `${task}, ${label}`,
        seeds: [seed],
        state,
      });
    else group.seeds.push(seed);
  }
  return [...groups.values()].map(
    ({ start, seeds, state }) =>
      `${start}, seed${seeds.length === 1 ? "" : "s"} ${listed(seeds.map(String))}: ` +
      `done in ${first.manifest.name}, ${state} in ${second.manifest.name}.`,
  );
}

/** The leaves of a tree of settings by their paths. */
function leaves(value: unknown, path: string, into: Map<string, string>): Map<string, string> {
  if (typeof value === "object" && value !== null)
    for (const [name, inner] of Object.entries(value))
      leaves(inner, path === "" ? name : `${path} ${name}`, into);
  else into.set(path, typeof value === "string" ? value : JSON.stringify(value));
  return into;
}

/** A checksum needs no more to be told from another. */
const brief = (value: string | undefined) =>
  value === undefined ? "none" : /^[0-9a-f]{16,}$/.test(value) ? value.slice(0, 8) : value;

function differences(mine: Cell, theirs: Cell, names: readonly [string, string]): string {
  const settings = ({ record: { resolved, steps, engine } }: Cell) =>
    leaves({ ...resolved, engine, steps: steps.planned }, "", new Map<string, string>());
  const [before, after] = [settings(mine), settings(theirs)];
  const other = mine.record.label !== theirs.record.label;
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((path) => before.get(path) !== after.get(path) && !(other && path.startsWith("estimator ")))
    .map(
      (path) => `${path} ${brief(before.get(path))} in ${names[0]}, ${brief(after.get(path))} in ${names[1]}`,
    )
    .join("; ");
}

/** In what compared cells differ beside their numbers: budget, engine, data, options, versions. */
export function unlike(first: RunRecords, second: RunRecords, matched: readonly Match[]): string[] {
  const names = [first.manifest.name, second.manifest.name] as const;
  const found = new Map<string, string[]>();
  for (const { task, first: label, second: other } of matched) {
    const ours = first.cells.filter(({ record }) => record.taskLabel === task && record.label === label);
    for (const mine of ours) {
      const theirs = second.cells.find((cell) => keyOf(cell) === key(task, other, mine.record.seed));
      const text = theirs === undefined ? "" : differences(mine, theirs, names);
      const subjects = found.get(text) ?? [];
      found.set(text, subjects);
      if (!subjects.includes(`${task}, ${label}`)) subjects.push(`${task}, ${label}`);
    }
  }
  found.delete("");
  return [...found].map(([text, subjects]) => `Unlike runs: ${subjects.join("; ")}: ${text}.`);
}

/** Versions of tasks and of the protocol: a folder of results has one of each, so that old numbers stay as they are. */
import { editionOf } from "../../reports/format/versions.ts";
import type { CellRecord, Manifest } from "../../reports/format/records.ts";
import { mistake } from "../errors.ts";

/** Of what the hashes of cells cover, by task. */
export function versionsOf(
  cells: readonly Pick<CellRecord, "task" | "resolved">[],
): Readonly<Record<string, number>> {
  return Object.fromEntries(
    cells.flatMap((cell) => {
      const { version } = editionOf(cell);
      return version === null ? [] : [[cell.task, version]];
    }),
  );
}

/** As a manifest says, or where it is too old to say, as its cells do. */
export function versionsIn(
  { configuration }: Manifest,
  records: () => readonly CellRecord[],
): Readonly<Record<string, number>> {
  const said = configuration["versions"];
  return said === undefined ? versionsOf(records()) : (said as Readonly<Record<string, number>>);
}

export interface Versions {
  readonly protocol: number;
  readonly tasks: Readonly<Record<string, number>>;
}

/** Refuses to put cells of another version of the protocol or of a task into a folder. */
export function refuseOtherVersion(folder: string, before: Versions, now: Versions): void {
  const pairs = [
    ["the protocol", before.protocol, now.protocol] as const,
    ...Object.keys(now.tasks)
      .filter((task) => Object.hasOwn(before.tasks, task))
      .map((task) => [task, before.tasks[task], now.tasks[task]] as const),
  ];
  for (const [what, old, current] of pairs)
    if (old !== current)
      throw mistake(
        `${folder}: all cells of a run must be of one version of ${what} (numbers of two are of unequal things), ` +
          `got ${old} there and ${current} now; choose another --name to keep the old results, or --force`,
      );
}

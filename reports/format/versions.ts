/** Versions of tasks and of the protocol: results of two versions are read and shown, but never as one task. */
import type { Cell, CellRecord, MatrixCell, RunRecords } from "./records.ts";

/** Raised when numbers change: the protocol's for all cells, a task's for its own. Null where a record does not say. */
export interface Versions {
  readonly task: number | null;
  readonly protocol: number | null;
}

const numberIn = (value: unknown, name: string): number | null => {
  const found = (value as Readonly<Record<string, unknown>> | null | undefined)?.[name];
  return typeof found === "number" ? found : null;
};

/** The versions that a record's hash covers. */
export const versionsOf = ({ resolved }: Pick<CellRecord, "resolved">): Versions => ({
  task: numberIn(resolved["task"], "version"),
  protocol: numberIn(resolved, "protocol"),
});

/** The versions of every cell of a run's matrix, by hash; those of cells that have not begun are in the manifest. */
export function versionsIn({ manifest, cells }: RunRecords): ReadonlyMap<string, Versions> {
  const found = ({ record }: Cell): Versions => {
    const { task, protocol } = versionsOf(record);
    return { task, protocol: protocol ?? manifest.protocol };
  };
  const begun = new Map(cells.map((cell) => [cell.record.hash, found(cell)]));
  const byTask = new Map(cells.map((cell) => [cell.record.task, found(cell)]));
  return new Map(
    manifest.matrix.map(({ hash, task }) => {
      const planned = numberIn(manifest.configuration["versions"], task);
      const neighbour = planned === null ? byTask.get(task) : undefined;
      return [hash, begun.get(hash) ?? neighbour ?? { task: planned, protocol: manifest.protocol }];
    }),
  );
}

const distinct = <V>(values: readonly V[]) => [...new Set(values)];

type Describe = (versions: Versions) => string;

/** How to name each version of a task beside the others, `version 1, protocol 2`: by what differs. */
function describer(all: readonly Versions[]): Describe | undefined {
  const parts = [
    ["task", "version"],
    ["protocol", "protocol"],
  ] as const;
  const differing = parts.filter(([part]) => distinct(all.map((versions) => versions[part])).length > 1);
  if (differing.length === 0) return undefined;
  return (versions) => differing.map(([part, word]) => `${word} ${versions[part] ?? "unknown"}`).join(", ");
}

/** The tasks of which the runs hold more than one version. */
function mixedTasks(runs: readonly RunRecords[]): ReadonlyMap<string, Describe> {
  const found = new Map<string, Versions[]>();
  for (const run of runs) {
    const versions = versionsIn(run);
    for (const { hash, task } of run.manifest.matrix)
      found.set(task, [...(found.get(task) ?? []), versions.get(hash)!]);
  }
  return new Map(
    [...found].flatMap(([task, all]) => {
      const describe = describer(all);
      return describe === undefined ? [] : [[task, describe] as const];
    }),
  );
}

/**
 * The runs, in which a task of which they hold several versions is a task of its own in each:
 * `bits (version 1)`, `bits (version 2)`.
 */
export function separateVersions(runs: readonly RunRecords[]): RunRecords[] {
  const mixed = mixedTasks(runs);
  if (mixed.size === 0) return [...runs];
  return runs.map((run) => {
    const versions = versionsIn(run);
    return renamedCells(run, ({ hash, task, taskLabel, label }) => {
      const describe = mixed.get(task);
      const suffix = describe === undefined ? "" : ` (${describe(versions.get(hash)!)})`;
      return { task: `${task}${suffix}`, taskLabel: `${taskLabel}${suffix}`, label };
    });
  });
}

type CellNames = Pick<MatrixCell, "task" | "taskLabel" | "label">;

/** A run whose cells have other names, in the matrix, the records, the published values and the definitions. */
export function renamedCells(run: RunRecords, rename: (cell: MatrixCell) => CellNames): RunRecords {
  const { manifest, cells } = run;
  const { matrix, definitions } = manifest;
  const names = new Map(matrix.map((cell) => [cell.hash, rename(cell)]));
  const tasks = matrix.flatMap(({ hash, task }) => {
    const definition = definitions.tasks[task];
    return definition === undefined ? [] : [[names.get(hash)!.task, definition] as const];
  });
  const published = manifest.published?.flatMap((value) => {
    const same = matrix.filter((cell) => cell.taskLabel === value.task && cell.label === value.estimator);
    return same.map(({ hash }) => {
      const { taskLabel, label } = names.get(hash)!;
      return { ...value, task: taskLabel, estimator: label };
    });
  });
  return {
    ...run,
    manifest: {
      ...manifest,
      matrix: matrix.map((cell) => ({ ...cell, ...names.get(cell.hash) })),
      ...(published !== undefined && { published }),
      definitions: { ...definitions, tasks: Object.fromEntries(tasks) },
    },
    cells: cells.map((cell) => ({ ...cell, record: { ...cell.record, ...names.get(cell.record.hash) } })),
  };
}

/** One sentence for each task that two runs hold in different versions. */
export function versionDifferences(first: RunRecords, second: RunRecords): string[] {
  return [...mixedTasks([first, second])].flatMap(([task, describe]) => {
    const [before, after] = [first, second].map((run) => {
      const versions = versionsIn(run);
      const cells = run.manifest.matrix.filter((cell) => cell.task === task);
      return distinct(cells.map(({ hash }) => describe(versions.get(hash)!))).join(" and ");
    }) as [string, string];
    if (before === "" || after === "") return [];
    return `Not compared: ${task} is ${before} in ${first.manifest.name} and ${after} in ${second.manifest.name}, which is another task.`;
  });
}

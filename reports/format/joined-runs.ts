/** Several runs as one: the first's manifest, every cell. */
import { reportError } from "./report-error.ts";
import { keepApart } from "./versions.ts";
import { readRun } from "./read-run.ts";
import type { Cell, Manifest, PublishedRecord, RunRecords } from "./records.ts";
import { toldApart } from "./run-names.ts";

const identity = (cell: { taskLabel: string; label: string; seed: number }) =>
  JSON.stringify([cell.taskLabel, cell.label, cell.seed]);

/**
 * Joins runs. A cell that several hold is taken once, a finished one before another; cells of one name and seed but
 * another hash (another budget, another source) are kept apart by the run's name, `gs @ run-b`, or its folder where
 * several share the name; those of another version of their task or of the protocol by a task of its own.
 */
export function mergeRuns(given: readonly [RunRecords, ...RunRecords[]]): RunRecords {
  const runs = keepApart(toldApart(given)) as [RunRecords, ...RunRecords[]];
  const [first, ...others] = runs;
  if (others.length === 0) return first;
  const cells = new Map<string, Cell>();
  const matrix = new Map<string, Manifest["matrix"][number]>();
  const hashes = new Map<string, string>();
  const published = new Map<string, PublishedRecord>();
  for (const { manifest, cells: found } of runs) {
    const relabel = new Map<string, string>();
    for (const entry of manifest.matrix) {
      const taken = hashes.get(identity(entry));
      const clash = taken !== undefined && taken !== entry.hash;
      const label = clash ? `${entry.label} @ ${manifest.name}` : entry.label;
      if (!clash) hashes.set(identity(entry), entry.hash);
      if (clash) relabel.set(entry.hash, label);
      if (!matrix.has(entry.hash)) matrix.set(entry.hash, { ...entry, label });
    }
    for (const value of manifest.published ?? [])
      for (const { hash, taskLabel, label } of manifest.matrix) {
        if (taskLabel !== value.task || label !== value.estimator) continue;
        const own = { ...value, estimator: relabel.get(hash) ?? label };
        published.set(JSON.stringify(own), own);
      }
    for (const cell of found) {
      const { hash } = cell.record;
      const label = relabel.get(hash) ?? cell.record.label;
      if (cells.get(hash)?.record.state === "done") continue;
      cells.set(hash, { ...cell, record: { ...cell.record, label } });
    }
  }
  const manifest: Manifest = {
    ...first.manifest,
    name: runs.map((run) => run.manifest.name).join(" + "),
    command: [...new Set(runs.map((run) => run.manifest.command))].join("\n"),
    quick: runs.some((run) => run.manifest.quick),
    seeds: [...new Set(runs.flatMap((run) => run.manifest.seeds))].sort((a, b) => a - b),
    matrix: [...matrix.values()],
    ...(published.size === 0 ? {} : { published: [...published.values()] }),
    definitions: {
      tasks: Object.fromEntries(runs.flatMap((run) => Object.entries(run.manifest.definitions.tasks))),
      estimators: Object.fromEntries(
        runs.flatMap((run) => Object.entries(run.manifest.definitions.estimators)),
      ),
    },
  };
  return { folder: first.folder, manifest, cells: [...cells.values()] };
}

/** Reads run folders and joins them; throws a ReportError when one cannot be read or none is given. */
export async function readRuns(folders: readonly string[]): Promise<RunRecords> {
  const [first, ...others] = await Promise.all(folders.map((folder) => readRun(folder)));
  if (first === undefined) throw reportError("readRuns: must be given at least one run folder, got none.");
  return mergeRuns([first, ...others]);
}

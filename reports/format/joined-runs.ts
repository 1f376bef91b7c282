/** Several runs as one, for a report of all their cells. */
import { environment } from "./bench-error.ts";
import { joinManifests } from "./manifest.ts";
import { readRun } from "./read-run.ts";
import type { Cell, MatrixCell, RunRecords } from "./records.ts";
import { refuseTwoVersions } from "./versions.ts";

/**
 * Joins runs. A cell that several hold is taken once, a finished one before another. Cells of one name and seed with
 * different hashes (another budget, another source) are kept apart by the run's name, `gs @ run-b`, or its folder where
 * several share the name. Throws where runs hold different versions of a task or of the protocol.
 */
export function joinRuns(given: readonly [RunRecords, ...RunRecords[]]): RunRecords {
  const [first, ...others] = distinctNames(given) as [RunRecords, ...RunRecords[]];
  if (others.length === 0) return first;
  refuseTwoVersions(given.map(({ manifest }) => manifest));
  const runs = separateLabels([first, ...others]);
  const cells = new Map<string, Cell>();
  for (const cell of runs.flatMap((run) => run.cells))
    if (cells.get(cell.record.hash)?.record.state !== "done") cells.set(cell.record.hash, cell);
  const manifests = runs.map((run) => run.manifest);
  return {
    folder: first.folder,
    manifest: {
      ...first.manifest,
      ...joinManifests(manifests),
      name: manifests.map(({ name }) => name).join(" + "),
      command: [...new Set(manifests.map(({ command }) => command))].join("\n"),
      quick: manifests.some(({ quick }) => quick),
    },
    cells: [...cells.values()],
  };
}

/** Names the run in the label of each cell whose name and seed an earlier run has given to another cell. */
function separateLabels(runs: readonly RunRecords[]): RunRecords[] {
  const hashes = new Map<string, string>();
  const changed = new Map<string, string>();
  const renamed = <C extends Pick<MatrixCell, "hash" | "label">>(cell: C): C => ({
    ...cell,
    label: changed.get(cell.hash) ?? cell.label,
  });
  return runs.map((run) => {
    const { matrix, name: runName, published } = run.manifest;
    for (const { taskLabel, label, seed, hash } of matrix) {
      const name = JSON.stringify([taskLabel, label, seed]);
      const taken = hashes.get(name) ?? hash;
      hashes.set(name, taken);
      if (taken !== hash && !changed.has(hash)) changed.set(hash, `${label} @ ${runName}`);
    }
    const values = published?.flatMap((value) =>
      matrix
        .filter((cell) => cell.taskLabel === value.task && cell.label === value.estimator)
        .map((cell) => ({ ...value, estimator: renamed(cell).label })),
    );
    return {
      ...run,
      manifest: { ...run.manifest, matrix: matrix.map(renamed), ...(values && { published: values }) },
      cells: run.cells.map((cell) => ({ ...cell, record: renamed(cell.record) })),
    };
  });
}

/**
 * The runs, in which those that share a name (the same one on two branches) are named by the end of their folders, as
 * much of it as is different.
 */
export function distinctNames(runs: readonly RunRecords[]): RunRecords[] {
  const names = runs.map(({ manifest }) => manifest.name);
  const shared = (name: string) => names.filter((other) => other === name).length > 1;
  const parts = runs.map(({ folder }) => folder.split(/[\\/]/));
  const ends = (count: number) => parts.map((part) => part.slice(-count).join("/"));
  const counts = Array.from({ length: Math.max(...parts.map(({ length }) => length)) }, (_, k) => k + 1);
  const enough = counts.find((count) => new Set(ends(count)).size === runs.length);
  if (enough === undefined || !names.some(shared)) return [...runs];
  return runs.map((run, index) => {
    const { name } = run.manifest;
    return { ...run, manifest: { ...run.manifest, name: shared(name) ? ends(enough)[index]! : name } };
  });
}

/** Reads run folders and joins them; throws a BenchError when one cannot be read or none is given. */
export function readRuns(folders: readonly string[]): RunRecords {
  const [first, ...others] = folders.map((folder) => readRun(folder));
  if (first === undefined) throw environment("A report needs at least one run's folder, got none.");
  return joinRuns([first, ...others]);
}

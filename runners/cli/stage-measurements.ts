/** `bench report --bank`: measures the estimators of runs at the stages of a bank, and stores the rows in the runs. */
import { recordsVersion, type RunRecords } from "../../reports/format/records.ts";
import { writeStages } from "../../reports/format/stage-records.ts";
import { taskVersionIn } from "../../reports/format/versions.ts";
import { mistake } from "../errors.ts";
import { chooseMatrix } from "../plan/matrix.ts";
import { openRegistry } from "../plan/registry.ts";
import { readBank, type Bank } from "../variance/bank-files.ts";
import { gradientRow } from "../variance/bank-stages.ts";
import type { Invocation } from "./commands/command.ts";
import { requestOf } from "./request-of.ts";
import { rowsAtBank } from "./variance-rows.ts";

/** Measures on the seed of the bank. The reports of the runs show the rows from then on. */
export async function storeStages(
  invocation: Invocation,
  folder: string,
  runs: readonly RunRecords[],
): Promise<void> {
  const bank = readBank(folder);
  const { taskLabel, taskVersion, seed } = bank;
  const matching = runs.map((run) => ({
    run,
    cells: run.manifest.matrix.filter((cell) => cell.taskLabel === taskLabel && cell.seed === seed),
  }));
  if (matching.every(({ cells }) => cells.length === 0))
    throw mistake(
      `--bank: no run has a cell of ${taskLabel} with seed ${seed}, the task and seed of the bank; there are ${pairsIn(runs)}.`,
    );
  for (const { run, cells } of matching) {
    const version = cells[0] && taskVersionIn(run.manifest, cells[0].task);
    if (version != null && version !== taskVersion)
      throw mistake(
        `--bank: the bank has version ${taskVersion} of ${taskLabel}; ${run.folder} has version ${version}.`,
      );
  }
  const labels = [...new Set(matching.flatMap(({ cells }) => cells.map(({ label }) => label)))];
  const rows = await measure(invocation, folder, bank, labels, runs);
  for (const { run, cells } of matching) {
    const own = rows.flatMap((row) => {
      const cell = cells.find(({ label }) => label === row.estimator);
      return cell === undefined ? [] : [{ ...row, cell: cell.hash }];
    });
    if (own.length === 0) continue;
    writeStages(run.folder, { version: recordsVersion, taskLabel, seed, rows: own });
  }
}

/** `cat10, seeds 0, 1; sbn2, seeds 0`: tasks and seeds of the runs. */
function pairsIn(runs: readonly RunRecords[]): string {
  const cells = runs.flatMap(({ manifest }) => manifest.matrix);
  const tasks = [...new Set(cells.map(({ taskLabel }) => taskLabel))].map((task) => {
    const seeds = cells.filter(({ taskLabel }) => taskLabel === task).map(({ seed }) => seed);
    return `${task}, seeds ${[...new Set(seeds)].join(", ")}`;
  });
  return tasks.join("; ");
}

/** Gradient rows of the estimators with these labels, one per stage. */
async function measure(
  invocation: Invocation,
  folder: string,
  bank: Bank,
  labels: readonly string[],
  runs: readonly RunRecords[],
) {
  const request = { ...requestOf(invocation.flags), estimators: labels, tasks: [bank.taskLabel] };
  const matrix = chooseMatrix(request, await openRegistry(request.plugins));
  for (const { label, entry } of matrix.estimators)
    refuseOtherSource(label, bank.taskLabel, entry.sourceHash(), runs);
  const { rows, group } = await rowsAtBank(invocation, folder, bank, request);
  return rows.map((row) => {
    const { estimator } = group.estimators.find(({ label }) => label === row.estimator)!;
    return { estimator: row.estimator, row: gradientRow(row, estimator, bank) };
  });
}

/** Refuses an estimator whose source has changed since the runs: its rows would stand beside those of another one. */
function refuseOtherSource(label: string, taskLabel: string, now: string, runs: readonly RunRecords[]): void {
  const sources = runs
    .flatMap(({ cells }) => cells.map(({ record }) => record))
    .filter((record) => record.label === label && record.taskLabel === taskLabel)
    .map(({ resolved }) => (resolved["estimator"] as { readonly source?: unknown } | undefined)?.source);
  const other = sources.find((source) => typeof source === "string" && source !== now) as string | undefined;
  if (other !== undefined)
    throw mistake(
      `--bank: the source of ${label} has changed since the run (SHA-256 ${other.slice(0, 8)}, now ${now.slice(0, 8)}); bench run trains it anew.`,
    );
}

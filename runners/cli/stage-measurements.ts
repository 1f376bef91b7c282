import type { Versions } from "../../reports/format/versions.ts";
import type { RunRecords } from "../../reports/format/records.ts";
import type { Bank } from "../variance/bank-files.ts";
import { mistake } from "../errors.ts";
import type { LabelledEstimator } from "../variance/gradient-draws.ts";
import type { Call } from "./commands/command.ts";

/**
 * Measures the estimators of runs at the stages of the bank that --bank names, on its seed, and keeps the rows in the
 * folders of the runs: their reports have them from then on.
 */
export async function keepStages(call: Call, runs: readonly RunRecords[]): Promise<void> {
  const folder = call.given.text("bank");
  if (folder === undefined) return;
  const { readBank } = await import("../variance/bank-files.ts");
  const bank = readBank(folder);
  const wanted = runs.map((run) => ({ run, cells: cellsOn(run, bank) }));
  if (wanted.every(({ cells }) => cells.length === 0))
    throw mistake(
      `--bank: the bank must be of a task and a seed of the run (its cells begin where the reference run began), got ${bank.taskLabel}, seed ${bank.seed}, and a run of ${unique(runs.flatMap(pairsOf)).join("; ")}`,
    );
  const { versionsIn } = await import("../../reports/format/versions.ts");
  for (const { run, cells } of wanted) refuseOtherVersion(run, cells, bank, versionsIn(run));
  const labels = unique(wanted.flatMap(({ cells }) => cells.map(({ label }) => label)));
  const sources = runs.flatMap(({ cells }) => cells.map(({ record }) => sourceIn(record)));
  const rows = await measured(call, { folder, bank }, labels, sources);
  const [{ recordsVersion }, { writeStages }] = await Promise.all([
    import("../../reports/format/records.ts"),
    import("../../reports/format/stage-records.ts"),
  ]);
  const { taskLabel, seed } = bank;
  for (const { run, cells } of wanted) {
    const own = rows.flatMap((row) => {
      const cell = cells.find(({ label }) => label === row.estimator);
      return cell === undefined ? [] : [{ ...row, cell: cell.hash }];
    });
    if (own.length === 0) continue;
    writeStages(run.folder, { version: recordsVersion, taskLabel, seed, rows: own });
  }
}

const unique = (values: readonly string[]) => [...new Set(values)];

type Entry = RunRecords["manifest"]["matrix"][number];

const cellsOn = ({ manifest }: RunRecords, { taskLabel, seed }: Bank): Entry[] =>
  manifest.matrix.filter((entry) => entry.taskLabel === taskLabel && entry.seed === seed);

interface Source {
  readonly label: string;
  readonly taskLabel: string;
  /** SHA-256 of what the cell's estimator was made of; undefined in cells that do not say. */
  readonly hash: string | undefined;
}

function sourceIn({ label, taskLabel, resolved }: RunRecords["cells"][number]["record"]): Source {
  const { source } = (resolved["estimator"] ?? {}) as { source?: unknown };
  return { label, taskLabel, hash: typeof source === "string" ? source : undefined };
}

/** What is measured now would stand beside numbers of another estimator under the same name. */
function refuseOtherSource(label: string, taskLabel: string, now: string, sources: readonly Source[]): void {
  const before = sources.find(
    (one) => one.label === label && one.taskLabel === taskLabel && one.hash !== undefined && one.hash !== now,
  );
  if (before !== undefined)
    throw mistake(
      `--bank: ${label} must be the estimator that the run has trained, got another source (SHA-256 ${before.hash!.slice(0, 8)} in the run, ${now.slice(0, 8)} now); bench run trains it anew`,
    );
}

/** What is measured now would stand beside numbers of another version. */
function refuseOtherVersion(
  { folder }: RunRecords,
  cells: readonly Entry[],
  { taskLabel, taskVersion }: Bank,
  found: ReadonlyMap<string, Versions>,
): void {
  const versions = cells.map(({ hash }) => found.get(hash)?.task ?? taskVersion);
  const other = versions.find((version) => version !== taskVersion);
  if (other !== undefined)
    throw mistake(
      `--bank: the bank must be of the version of ${taskLabel} that the run has, got ${taskVersion} there and ${other} in ${folder}`,
    );
}

const pairsOf = ({ manifest: { matrix } }: RunRecords): string[] =>
  unique(matrix.map(({ taskLabel }) => taskLabel)).map(
    (task) =>
      `${task}, seeds ${[...new Set(matrix.filter((entry) => entry.taskLabel === task).map(({ seed }) => seed))].join(", ")}`,
  );

/** The gradient rows of the estimators, a label may have several: one a stage. */
async function measured(
  call: Call,
  kept: { readonly folder: string; readonly bank: Bank },
  labels: readonly string[],
  sources: readonly Source[],
) {
  const { given, io } = call;
  const { bank } = kept;
  const data = given.text("data");
  const [registries, { selectPairs, settingsOf }, engines, quantities, stages, { refuseOtherBank }] =
    await Promise.all([
      import("../plan/registry.ts"),
      import("../plan/pairs.ts"),
      import("../engine/index.ts"),
      import("../options/quantities.ts"),
      import("../variance/bank-stages.ts"),
      import("../variance/bank-files.ts"),
    ]);
  const plugins = given.texts("plugin").map((spec) => ({ spec, folder: given.folderOf("plugin") }));
  const registry = await registries.openRegistry(plugins);
  const asked = { estimators: labels, tasks: [bank.taskLabel], grids: [], plugins, quick: false };
  const { pairs, tasks } = await selectPairs({ ...asked, ...(data === undefined ? {} : { data }) }, registry);
  for (const { estimator } of pairs)
    refuseOtherSource(estimator.label, bank.taskLabel, estimator.entry.sourceHash(), sources);
  const task = tasks.get(bank.taskLabel)!;
  refuseOtherBank(bank, task, pairs[0]!.task.definition.version);
  const subjects = pairs.map(({ estimator }): LabelledEstimator => ({
    estimator: estimator.entry.estimator,
    settings: settingsOf(estimator, task),
    label: estimator.label,
  }));
  const draws = quantities.countIn(given.text("draws") ?? "1000", "--draws", 40);
  const engine = await engines.openEngine(
    engines.chooseEngine(given.text("engine") ?? engines.defaultEngine),
  );
  try {
    const conditions = { engine, task, taskLabel: bank.taskLabel, seed: bank.seed };
    const say = (message: string) => void (given.on("quiet") || io.stderr.write(`${message}\n`));
    const rows = await stages.measureStages({ ...kept, draws }, conditions, subjects, say);
    return rows.map((row) => {
      const { estimator } = subjects.find(({ label }) => label === row.estimator)!;
      return { estimator: row.estimator, row: stages.gradientRow(row, estimator, bank) };
    });
  } finally {
    await engine.close();
  }
}

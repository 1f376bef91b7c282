/** `bench verify --rerun`: trains cells of a run again, as its manifest says, and compares the rows of results.csv. */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { formatNumber } from "../../reports/aggregate/numbers.ts";
import { isComplete } from "../../reports/format/checksums.ts";
import { readBytes } from "../../reports/format/disk.ts";
import { readManifest } from "../../reports/format/manifest.ts";
import { cellPath, readRun } from "../../reports/format/read-run.ts";
import type { Manifest, MatrixCell } from "../../reports/format/records.ts";
import { resultsTable } from "../../reports/format/results-csv.ts";
import { refuseTwoVersions } from "../../reports/format/versions.ts";
import { environment, mistake } from "../errors.ts";
import { runPlan, type RunSettings } from "../jobs/run-cells.ts";
import { writeSelection } from "../options/selection.ts";
import type { Budget, Measurement } from "../plan/plan.ts";
import { prepare, type Prepared } from "../plan/prepare.ts";
import { openRegistry } from "../plan/registry.ts";
import type { Request } from "../plan/request.ts";
import { compareWithSeeds } from "../reproduce/stored-values.ts";
import { describeMachine } from "../store/machine.ts";
import { configurationOf } from "../store/shared-configuration.ts";

/** A row of results.csv; all fields are texts. */
type Row = Readonly<Record<string, string>>;

/** The rows that training a cell gives; those at the stages of a bank are made later. */
const rowsIn = (text: string) =>
  parse<Row>(text, { columns: true }).filter(({ protocol = "" }) => ["", "own"].includes(protocol));

/** What must come out the same: not the seconds, nor the names of engine and cell. */
const numbersOf = (row: Row) =>
  ["split", "metric", "step", "forward", "backward", "value", "standardError"]
    .map((name) => row[name])
    .join();

export interface Rerun {
  readonly cell: string;
  readonly agrees: boolean;
  readonly sentence: string;
}

export interface RerunRequest {
  readonly count: number;
  /** What replaces the engine, the data and the plug-ins of the run. */
  readonly given: Pick<Request, "engine" | "data" | "plugins">;
  readonly cwd: string;
  readonly settings: (prepared: Prepared) => Pick<RunSettings, "reporter" | "interrupted" | "runCell">;
}

/** Trains finished cells again, spread evenly over the matrix. Returns fewer where the user interrupts. */
export async function rerunCells(folder: string, options: RerunRequest): Promise<Rerun[]> {
  const manifest = readManifest(folder);
  const table = readBytes(join(folder, "results.csv"));
  if (table === undefined) throw environment(`${folder}: results.csv is missing; bench report writes it.`);
  const rows = rowsIn(table.toString("utf8"));
  const published = !existsSync(join(folder, "cells"));
  const finished = manifest.matrix.filter(
    (cell) =>
      rows.some((row) => row["cell"] === cell.hash) && (published || isComplete(cellPath(folder, cell))),
  );
  if (finished.length === 0) throw mistake(`${manifest.name} has no finished cell to train again.`);
  const count = Math.min(options.count, finished.length);
  const reruns: Rerun[] = [];
  for (let k = 0; k < count; k++) {
    const cell = finished[Math.floor((k * finished.length) / count)]!;
    const prepared = await prepareAgain(manifest, cell, rows, options);
    const again = await trainAgain(prepared, options);
    if (again === undefined) break;
    reruns.push(compared(manifest, cell, { rows, again, prepared }));
  }
  return reruns;
}

/** The cells of all seeds of an estimator on a task. */
const seedsOf = ({ matrix }: Manifest, { taskLabel, label }: MatrixCell) =>
  matrix.filter((other) => other.taskLabel === taskLabel && other.label === label).map(({ hash }) => hash);

/** Plans a cell as the manifest describes it; the number of steps is that of the rows, which is exact for every task. */
async function prepareAgain(
  manifest: Manifest,
  cell: MatrixCell,
  rows: readonly Row[],
  { given, cwd }: RerunRequest,
): Promise<Prepared> {
  const { budget, measurement, engine, data, plugins } = manifest.configuration as {
    readonly budget: Readonly<Record<string, Partial<Budget>>>;
    readonly measurement: Measurement;
    readonly engine: string;
    readonly data: string | null;
    readonly plugins: readonly string[];
  };
  const { steps, evaluations, seconds } = budget[cell.task] ?? {};
  const seeds = seedsOf(manifest, cell);
  const done = rows.reduce(
    (most, row) => (seeds.includes(row["cell"]!) ? Math.max(most, Number(row["step"])) : most),
    0,
  );
  const request: Request = {
    ...{ estimators: [], tasks: [], grids: [], quick: manifest.quick, measurement, engine },
    pairs: [
      {
        task: writeSelection(cell.task, cell.taskOptions),
        estimator: writeSelection(cell.estimator, cell.estimatorOptions),
        ...{ taskLabel: cell.taskLabel, label: cell.label },
      },
    ],
    seeds: `${cell.seed}-${cell.seed}`,
    steps: String(seconds === undefined ? done : (steps ?? done)),
    ...(evaluations === undefined ? {} : { evaluations: String(evaluations) }),
    ...(seconds === undefined ? {} : { timeLimit: `${seconds}s` }),
    ...(data === null ? {} : { data }),
    ...given,
    plugins: given.plugins.length > 0 ? given.plugins : plugins.map((spec) => ({ spec, folder: cwd })),
  };
  const prepared = await prepare(request, await openRegistry(request.plugins));
  const { name, ...now } = { ...manifest, protocol: prepared.plan.protocol, matrix: [cell] };
  refuseTwoVersions([
    { ...manifest, matrix: [cell] },
    { ...now, name: `this bench (${name})`, configuration: configurationOf(prepared) },
  ]);
  for (const { sums } of prepared.tasks.values())
    for (const [file, sum] of Object.entries(sums))
      if (manifest.data[file] !== sum)
        throw environment(
          `data ${file}: the run had other data, so no number can agree. --data names a folder.`,
        );
  return prepared;
}

/** The rows of a training in a temporary folder; undefined where the user interrupts. */
async function trainAgain(prepared: Prepared, { settings }: RerunRequest): Promise<Row[] | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "bench-rerun-"));
  try {
    const { interrupted } = await runPlan(prepared, {
      ...{ folder, name: "rerun", command: "bench verify", force: false, retryFailed: false },
      writeReport: () => Promise.resolve(),
      ...settings(prepared),
    });
    return interrupted ? undefined : rowsIn(resultsTable(readRun(folder).cells));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Trained {
  /** The rows of the run. */
  readonly rows: readonly Row[];
  readonly again: readonly Row[];
  readonly prepared: Prepared;
}

function compared(manifest: Manifest, cell: MatrixCell, { rows, again, prepared }: Trained): Rerun {
  const name = `${cell.taskLabel} ${cell.label} seed ${cell.seed}`;
  const before = rows.filter((row) => row["cell"] === cell.hash);
  const differs = again.findIndex(
    (row, k) => before[k] === undefined || numbersOf(row) !== numbersOf(before[k]),
  );
  if (differs < 0 && again.length === before.length)
    return { cell: name, agrees: true, sentence: `all ${again.length} numbers are the same, bit for bit` };
  const machine = describeMachine();
  const same = (["platform", "cpu", "cores"] as const).every((key) => machine[key] === manifest[key]);
  const [planned] = prepared.plan.cells;
  if (same && planned!.hash === cell.hash && planned!.budget.seconds === undefined)
    return { cell: name, agrees: false, sentence: firstDifference(before, again, differs) };
  return { cell: name, ...withinSeeds(seedsOf(manifest, cell), { rows, again }) };
}

function firstDifference(before: readonly Row[], again: readonly Row[], index: number): string {
  const [was, is] = [before[index], again[index]];
  if (was === undefined || is === undefined)
    return `${again.length} numbers came out, and ${before.length} were stored`;
  const where = `${is["split"]} ${is["metric"]} at step ${is["step"]}`;
  return `${where} is ${is["value"]} and was ${was["value"]}, on the same engine and the same type of machine`;
}

/** On another machine or engine: whether each final value is one that a further seed of the run would have. */
function withinSeeds(seeds: readonly string[], { rows, again }: Pick<Trained, "rows" | "again">) {
  const last = new Map(again.map((row) => [`${row["split"]} ${row["metric"]}`, row]));
  const tested = [...last].filter(([, { split }]) => split === "test");
  const judged = tested.length > 0 ? tested : [...last].filter(([name]) => name === "train cost");
  const results = judged.map(([name, row]) => {
    const values = seeds.flatMap((hash) => {
      const stored = rows.findLast(
        (one) => one["cell"] === hash && `${one["split"]} ${one["metric"]}` === name,
      );
      return stored === undefined || stored["value"] === "" ? [] : [Number(stored["value"])];
    });
    const value = row["value"] === "" ? Number.NaN : Number(row["value"]);
    const found = compareWithSeeds(value, values);
    if (found === undefined)
      return {
        agrees: false,
        text: `${name} is ${formatNumber(value)}, with fewer than three seeds to compare with`,
      };
    const range = [found.mean - found.half, found.mean + found.half]
      .map((end) => formatNumber(end, 5))
      .join(", ");
    return {
      agrees: found.agrees,
      text: `${name} is ${formatNumber(value, 5)}, ${found.agrees ? "within" : "outside"} [${range}]`,
    };
  });
  return {
    agrees: results.length > 0 && results.every(({ agrees }) => agrees),
    sentence: `on another engine, machine or version: ${results.map(({ text }) => text).join("; ") || "no final value"} (99% of further seeds)`,
  };
}

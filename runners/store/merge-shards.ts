/** Joins the folders of shards: every cell once, conflicts named, nothing written where there is one. */
import { cpSync, existsSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { readRun } from "../../reports/format/read-run.ts";
import type { Cell, Manifest, RunRecords } from "../../reports/format/records.ts";
import { readStages, stageFile, type StageRecord } from "../../reports/format/stage-records.ts";
import { summedText } from "../../reports/format/checked-json.ts";
import { refuseUnequal } from "./configuration.ts";
import { makeFolder, onDisk, replaceFile } from "./disk.ts";
import { BenchError } from "../errors.ts";
import { canonicalJson } from "../hash.ts";
import { makeRunFolder } from "./run-manifest.ts";
import { refuseOtherVersion, versionsIn, type Versions } from "./result-versions.ts";

export interface Merged {
  readonly cells: number;
  /** Of the matrix, those that nobody has ended. */
  readonly missing: number;
}

/** What is in the target already takes part. Throws an error of exit 1 that names each conflict. */
export async function mergeFolders(folders: readonly string[], out: string): Promise<Merged> {
  const all = existsSync(join(out, "manifest.json")) && !folders.includes(out) ? [out, ...folders] : folders;
  const runs = await Promise.all(all.map((folder) => readRun(folder)));
  for (const [i, run] of runs.entries())
    for (const before of runs.slice(0, i)) {
      refuseUnequal(run.folder, before.manifest, run.manifest.configuration);
      refuseOtherVersion(run.folder, versionsOfRun(before), versionsOfRun(run));
    }
  const conflicts = [...conflictsOfNames(runs), ...conflictsOfNumbers(runs)];
  if (conflicts.length > 0) {
    const count = `${conflicts.length} conflict${conflicts.length === 1 ? "" : "s"}`;
    throw new BenchError(
      `merge: cells of one name must be the same cell with the same numbers, got ${count}: ${conflicts.join("; ")}`,
      1,
    );
  }
  makeRunFolder(out);
  const best = bestCells(runs);
  for (const [hash, { folder }] of best) copyCell(join(folder, "cells", hash), join(out, "cells", hash));
  await joinStages(all, out);
  const manifest = joined(runs, basename(out));
  replaceFile(join(out, "manifest.json"), summedText(manifest));
  const ended = [...best.values()].filter(({ cell }) => rank(cell) >= 2).length;
  return { cells: best.size, missing: manifest.matrix.length - ended };
}

const versionsOfRun = ({ manifest, cells }: RunRecords): Versions => ({
  protocol: manifest.protocol,
  tasks: versionsIn(manifest, () => cells.map(({ record }) => record)),
});

/** What was measured at the stages of banks: of a task and seed, the rows of every estimator once. */
async function joinStages(folders: readonly string[], out: string): Promise<void> {
  const together = new Map<string, { readonly kept: StageRecord; readonly rows: Map<string, StageRow> }>();
  for (const kept of (await Promise.all(folders.map((folder) => readStages(folder)))).flat()) {
    const path = stageFile(out, kept);
    const { rows } = together.get(path) ?? { rows: new Map<string, StageRow>() };
    for (const row of kept.rows) rows.set(JSON.stringify([row.estimator, row.row.step]), row);
    together.set(path, { kept, rows });
  }
  for (const [path, { kept, rows }] of together) {
    makeFolder(dirname(path));
    replaceFile(path, summedText({ ...kept, rows: [...rows.values()] }));
  }
}

type StageRow = StageRecord["rows"][number];
type Entry = Manifest["matrix"][number];
const nameOf = ({ taskLabel, label, seed }: Pick<Entry, "taskLabel" | "label" | "seed">) =>
  `${taskLabel} ${label} seed ${seed}`;

/** One name, two hashes: another version of a file, other data, another budget. */
function conflictsOfNames(runs: readonly RunRecords[]): string[] {
  const known = new Map<string, { readonly hash: string; readonly folder: string }>();
  const found: string[] = [];
  for (const { folder, manifest } of runs)
    for (const entry of manifest.matrix) {
      const before = known.get(nameOf(entry));
      if (before === undefined) known.set(nameOf(entry), { hash: entry.hash, folder });
      else if (before.hash !== entry.hash)
        found.push(
          `${nameOf(entry)} is cell ${before.hash} in ${before.folder} and ${entry.hash} in ${folder}`,
        );
    }
  return found;
}

/** One cell, done twice, with different numbers: machines that do not compute alike. */
function conflictsOfNumbers(runs: readonly RunRecords[]): string[] {
  const known = new Map<string, { readonly text: string; readonly folder: string }>();
  const found: string[] = [];
  for (const { folder, cells } of runs)
    for (const cell of cells) {
      if (cell.record.state !== "done") continue;
      const { hash } = cell.record;
      const text = numbersOf(cell);
      const before = known.get(hash);
      if (before === undefined) known.set(hash, { text, folder });
      else if (before.text !== text)
        found.push(
          `${nameOf(cell.record)} (${hash}) has other numbers in ${before.folder} than in ${folder}`,
        );
    }
  return found;
}

const numbersOf = ({ curve, gradients }: Cell) =>
  canonicalJson(
    [...curve, ...gradients.filter(({ stage }) => stage === undefined)].map((row) => ({
      ...row,
      seconds: 0,
    })),
  );

/** A finished cell before another, one that can be gone on with before none. */
function rank({ record: { state } }: Cell): number {
  if (state === "done") return 3;
  return state === "failed" || state === "diverged" || state === "timeout" ? 2 : 1;
}

function bestCells(runs: readonly RunRecords[]) {
  const best = new Map<string, { readonly cell: Cell; readonly folder: string }>();
  for (const { folder, cells } of runs)
    for (const cell of cells) {
      const { hash } = cell.record;
      const before = best.get(hash);
      if (before === undefined || rank(cell) > rank(before.cell)) best.set(hash, { cell, folder });
    }
  return best;
}

/** Copied beside and renamed, so that a crash leaves no half of a cell. */
function copyCell(from: string, to: string): void {
  if (from === to) return;
  const beside = `${to}.copy`;
  makeFolder(join(to, ".."));
  onDisk(to, () => {
    rmSync(beside, { recursive: true, force: true });
    cpSync(from, beside, { recursive: true });
    rmSync(to, { recursive: true, force: true });
    renameSync(beside, to);
  });
}

function joined(runs: readonly RunRecords[], name: string): Manifest {
  const manifests = runs.map(({ manifest }) => manifest);
  const matrix = [
    ...new Map(manifests.flatMap((m) => m.matrix).map((entry) => [entry.hash, entry])).values(),
  ];
  const together = <V>(part: (manifest: Manifest) => Readonly<Record<string, V>>): Record<string, V> =>
    Object.fromEntries(manifests.flatMap((manifest) => Object.entries(part(manifest))));
  const [first] = manifests as [Manifest];
  const published = new Map(
    manifests.flatMap((m) => m.published ?? []).map((value) => [canonicalJson(value), value]),
  );
  const configured = (part: string) =>
    together(({ configuration }) => (configuration[part] ?? {}) as Readonly<Record<string, unknown>>);
  return {
    ...first,
    configuration: {
      ...first.configuration,
      budget: configured("budget"),
      versions: Object.assign({}, ...runs.map((run) => versionsOfRun(run).tasks)) as object,
    },
    name,
    command: [...new Set(manifests.map(({ command }) => command))].join("\n"),
    data: together(({ data }) => data),
    seeds: [...new Set(matrix.map(({ seed }) => seed))].sort((a, b) => a - b),
    matrix,
    ...(published.size === 0 ? {} : { published: [...published.values()] }),
    definitions: {
      tasks: together(({ definitions }) => definitions.tasks),
      estimators: together(({ definitions }) => definitions.estimators),
    },
  };
}

/** Joins the folders of shards: every cell once, conflicts named, nothing written where there is one. */
import { cpSync, renameSync, rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import { canonicalJson } from "../../reports/format/canonical-json.ts";
import { makeFolder, onDisk } from "../../reports/format/disk.ts";
import { findManifest, joinManifests, writeManifest } from "../../reports/format/manifest.ts";
import { cellPath, readRun } from "../../reports/format/read-run.ts";
import type { Cell, MatrixCell, RunRecords, StageRecord } from "../../reports/format/records.ts";
import { readStages, stageFile, writeStages } from "../../reports/format/stage-records.ts";
import { BenchError } from "../errors.ts";
import { joinConfigurations, refuseOtherConfiguration } from "./shared-configuration.ts";
import { makeRunFolder } from "./run-manifest.ts";

/**
 * Merges into `out`, with the cells that it has already. Returns how many there are then, and how many of the matrix no
 * folder has finished. Throws an error of exit 1 that names each conflict.
 */
export function mergeFolders(folders: readonly string[], out: string) {
  const all = folders.includes(out) || findManifest(out) === undefined ? folders : [out, ...folders];
  const runs = all.map(readRun);
  for (const [i, run] of runs.entries())
    for (const { manifest } of runs.slice(0, i))
      refuseOtherConfiguration(run.folder, manifest.configuration, run.manifest.configuration);
  const conflicts = [...conflictsOfNames(runs), ...conflictsOfNumbers(runs)];
  if (conflicts.length > 0) {
    const count = `${conflicts.length} conflict${conflicts.length === 1 ? "" : "s"}`;
    throw new BenchError(`The runs cannot be merged, ${count}: ${conflicts.join("; ")}.`, 1);
  }
  makeRunFolder(out);
  const best = bestCells(runs);
  for (const [hash, { folder }] of best) copyCell(cellPath(folder, { hash }), cellPath(out, { hash }));
  mergeStages(all, out);
  const manifests = runs.map(({ manifest }) => manifest) as [RunRecords["manifest"]];
  const manifest = {
    ...manifests[0],
    ...joinManifests(manifests),
    configuration: joinConfigurations(manifests.map(({ configuration }) => configuration)),
    name: basename(out),
    command: [...new Set(manifests.map(({ command }) => command))].join("\n"),
  };
  writeManifest(out, manifest);
  const ended = [...best.values()].filter(({ cell }) => rank(cell) >= 2).length;
  return { cells: best.size, missing: manifest.matrix.length - ended };
}

/** The measurements at the stages of banks: the rows of every estimator of a task and seed once. */
function mergeStages(folders: readonly string[], out: string): void {
  const found = new Map<string, StageRecord>();
  for (const stage of folders.flatMap(readStages)) {
    const file = stageFile(out, stage);
    const rows = [...(found.get(file)?.rows ?? []), ...stage.rows];
    const last = new Map(rows.map((row) => [JSON.stringify([row.estimator, row.row.step]), row]));
    found.set(file, { ...stage, rows: [...last.values()] });
  }
  for (const stage of found.values()) writeStages(out, stage);
}

const nameOf = ({ taskLabel, label, seed }: Pick<MatrixCell, "taskLabel" | "label" | "seed">) =>
  `${taskLabel} ${label} seed ${seed}`;

/** One name with two hashes: another version of a file, other data, another budget. */
function conflictsOfNames(runs: readonly RunRecords[]): string[] {
  const known = new Map<string, { readonly hash: string; readonly folder: string }>();
  return runs.flatMap(({ folder, manifest }) =>
    manifest.matrix.flatMap((cell) => {
      const before = known.get(nameOf(cell)) ?? { hash: cell.hash, folder };
      known.set(nameOf(cell), before);
      if (before.hash === cell.hash) return [];
      return `${nameOf(cell)} is cell ${before.hash} in ${before.folder} and ${cell.hash} in ${folder}`;
    }),
  );
}

/** One cell, finished twice, with different numbers: machines that do not compute alike. */
function conflictsOfNumbers(runs: readonly RunRecords[]): string[] {
  const known = new Map<string, { readonly text: string; readonly folder: string }>();
  return runs.flatMap(({ folder, cells }) =>
    cells.flatMap((cell) => {
      if (cell.record.state !== "done") return [];
      const { hash } = cell.record;
      const text = numbersOf(cell);
      const before = known.get(hash) ?? { text, folder };
      known.set(hash, before);
      if (before.text === text) return [];
      return `${nameOf(cell.record)} (${hash}) has other numbers in ${before.folder} than in ${folder}`;
    }),
  );
}

const numbersOf = ({ curve, gradients }: Cell) =>
  canonicalJson(
    [...curve, ...gradients.filter(({ stage }) => stage === undefined)].map((row) => ({
      ...row,
      seconds: 0,
    })),
  );

/** A finished cell before another, one that can go on before none. */
function rank({ record: { state } }: Cell): number {
  if (state === "done") return 3;
  return state === "failed" || state === "diverged" || state === "timeout" ? 2 : 1;
}

function bestCells(runs: readonly RunRecords[]) {
  const best = new Map<string, { readonly cell: Cell; readonly folder: string }>();
  for (const { folder, cells } of runs)
    for (const cell of cells) {
      const before = best.get(cell.record.hash);
      if (before === undefined || rank(cell) > rank(before.cell))
        best.set(cell.record.hash, { cell, folder });
    }
  return best;
}

/** Copies beside and renames, so that a crash leaves no half of a cell. */
function copyCell(from: string, to: string): void {
  if (from === to) return;
  const beside = `${to}.copy`;
  makeFolder(dirname(to));
  onDisk(to, () => {
    rmSync(beside, { recursive: true, force: true });
    cpSync(from, beside, { recursive: true });
    rmSync(to, { recursive: true, force: true });
    renameSync(beside, to);
  });
}

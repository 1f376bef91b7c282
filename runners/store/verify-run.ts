/** `bench verify`: whether data, cells and report of a run are still what was written. */
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checksumFaults, isComplete } from "../../reports/format/checksums.ts";
import { namesIn, readBytes } from "../../reports/format/disk.ts";
import { readManifest } from "../../reports/format/manifest.ts";
import { publishedFaults, publishedFiles } from "../../reports/format/published-run.ts";
import { cellPath, readRecord } from "../../reports/format/read-run.ts";
import type { Manifest, MatrixCell } from "../../reports/format/records.ts";
import { writeReport } from "../../reports/export/write-report.ts";
import { messageOf } from "../errors.ts";
import { hashOf } from "../hash.ts";
import { decodeCheckpoint } from "./checkpoint.ts";

export interface Verified {
  /** Cells whose files have their checksums. */
  readonly complete: number;
  /** Cells that have not ended, and so have no checksums yet. */
  readonly unfinished: number;
  /** Data files with the checksums of the manifest. */
  readonly data: number;
  /** Data files that a plug-in read, which are not looked at. */
  readonly unread: readonly string[];
  /** Files of the report that come out the same when it is made again. */
  readonly report: number;
  /** Folders of cells that the matrix does not name: of another command or version, which no report of this run reads. */
  readonly others: readonly string[];
  /** A sentence each. */
  readonly faults: readonly string[];
}

/** Hashes data and cells and makes the report again. A published run has the checksums of its files instead. */
export async function verifyRun(folder: string): Promise<Verified> {
  const manifest = readManifest(folder);
  const published = publishedFaults(folder);
  if (published !== undefined) {
    const { data, unread } = await verifyData(manifest, published);
    const report =
      published.length > 0 ? 0 : publishedFiles.filter((name) => existsSync(join(folder, name))).length;
    return {
      complete: manifest.matrix.length,
      unfinished: 0,
      data,
      unread,
      report,
      others: [],
      faults: published,
    };
  }
  const faults: string[] = [];
  const count = { complete: 0, unfinished: 0 };
  for (const cell of manifest.matrix) {
    const path = cellPath(folder, cell);
    const found = faultsOfCell(path, cell);
    if (found.length === 0) count[isComplete(path) ? "complete" : "unfinished"] += 1;
    faults.push(...found);
  }
  const { data, unread } = await verifyData(manifest, faults);
  const report = faults.length > 0 ? 0 : await verifyReport(folder, count.unfinished > 0, faults);
  return { ...count, data, unread, report, others: othersIn(folder, manifest), faults };
}

function othersIn(folder: string, { matrix }: Manifest): string[] {
  const path = join(folder, "cells");
  const known = new Set(matrix.map(({ hash }) => hash));
  return namesIn(path).filter((name) => !known.has(name) && statSync(join(path, name)).isDirectory());
}

function faultsOfCell(path: string, { hash }: MatrixCell): string[] {
  try {
    const faults = checksumFaults(path) ?? [];
    const record = faults.length > 0 ? undefined : readRecord(path);
    const found = record === undefined ? hash : hashOf(record.resolved);
    if (found !== hash) faults.push(`${path}: the hash of field resolved is ${found}, not the cell's`);
    const file = join(path, "checkpoint");
    const bytes = readBytes(file);
    const decoded = bytes && decodeCheckpoint(bytes);
    if (decoded && "fault" in decoded)
      faults.push(`${file}: this checkpoint cannot be used: ${decoded.fault}`);
    return faults;
  } catch (error) {
    return [messageOf(error)];
  }
}

/** Reads the data sets again; returns how many files are unchanged, and those that only a plug-in can read. */
async function verifyData({ data, configuration }: Manifest, faults: string[]) {
  const { dataSetOf } = await import("../../tasks/data/data-sets.ts");
  const { loadImages } = await import("../../tasks/data/load-images.ts");
  const folder = configuration["data"];
  const unread: string[] = [];
  let unchanged = 0;
  for (const [file, sum] of Object.entries(data)) {
    const set = dataSetOf(file);
    if (set === undefined) unread.push(file);
    else
      try {
        const { sums } = await loadImages(typeof folder === "string" ? { folder } : {}, set);
        if (sums[file] === sum) unchanged++;
        else
          faults.push(
            `data ${file}: the checksum was ${sum} when the run was made and is ${sums[file] ?? "missing"} now`,
          );
      } catch (error) {
        if (!faults.includes(messageOf(error))) faults.push(messageOf(error));
      }
  }
  return { data: unchanged, unread };
}

/** Makes the report again elsewhere, and compares it byte by byte. */
async function verifyReport(folder: string, partial: boolean, faults: string[]): Promise<number> {
  const out = mkdtempSync(join(tmpdir(), "bench-verify-"));
  try {
    const { files } = await writeReport(folder, { partial, out });
    const changed = files
      .map((file) => ({ file, stored: join(folder, file.slice(out.length + 1)) }))
      .filter(({ file, stored }) => readBytes(stored)?.equals(readBytes(file)!) !== true);
    for (const { stored } of changed)
      faults.push(`${stored}: the file is not what the cells give; bench report makes it again`);
    return files.length - changed.length;
  } catch (error) {
    faults.push(messageOf(error));
    return 0;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

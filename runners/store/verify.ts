/** `bench show --verify`: whether what a run left is still what it wrote. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRun } from "../../reports/format/read-run.ts";
import type { CellRecord, Manifest } from "../../reports/format/records.ts";
import { faultsOf, isSealed } from "../../reports/format/checksums.ts";
import { faultsOfRows } from "../../reports/format/seen-rows.ts";
import { sumFault } from "../../reports/format/checked-json.ts";
import { writeReport } from "../../reports/export/write-report.ts";
import { dataSums } from "./data-sums.ts";
import { decodeCheckpoint } from "./checkpoint.ts";
import { messageOf } from "../errors.ts";
import { hashOf } from "../hash.ts";
import { readManifest } from "./run-manifest.ts";
import { readRecord } from "./cell-folder.ts";

export interface Verified {
  /** Cells whose files are those that were sealed. */
  readonly whole: number;
  /** Cells that have not ended, so that nothing is sealed yet. */
  readonly open: number;
  /** Files of data whose sums hold. */
  readonly data: number;
  /** Files of the report that come out the same. */
  readonly report: number;
  /** Folders beside the cells of the matrix: of another command or version, which no report of this run reads. */
  readonly others: readonly string[];
  /** A sentence each. */
  readonly faults: readonly string[];
}

/** Hashes data, cells and report again. */
export async function verifyRun(folder: string): Promise<Verified> {
  const manifest = readManifest(folder)!;
  const faults: string[] = [];
  const counts = { whole: 0, open: 0 };
  for (const entry of manifest.matrix) {
    const found = faultsOfCell(join(folder, "cells", entry.hash), entry);
    if (found === undefined) counts.open += 1;
    else if (found.length === 0) counts.whole += 1;
    faults.push(...(found ?? []));
  }
  const lacking = sumFault(
    JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Record<string, unknown>,
  );
  if (lacking !== undefined)
    faults.push(
      `${join(folder, "manifest.json")}: ${lacking}, as an older bench wrote it; bench run writes it anew`,
    );
  const others = othersIn(folder, manifest);
  const data = await verifyData(manifest, faults);
  const report = faults.length > 0 ? 0 : await verifyReport(folder, counts.open > 0, faults);
  return { ...counts, data, report, others, faults };
}

function othersIn(folder: string, { matrix }: Manifest): string[] {
  const path = join(folder, "cells");
  if (!existsSync(path)) return [];
  const known = new Set(matrix.map(({ hash }) => hash));
  return readdirSync(path).filter((name) => !known.has(name) && statSync(join(path, name)).isDirectory());
}

function faultsOfCell(path: string, { hash }: Manifest["matrix"][number]): string[] | undefined {
  const record = existsSync(path) ? readRecord(path) : undefined;
  const lost = record === undefined && existsSync(join(path, "cell.json"));
  const found = [
    ...(faultsOf(path) ?? faultsOfRows(path)),
    ...(lost && !isSealed(path) ? [`${join(path, "cell.json")}: it must be as it was written`] : []),
    ...(record === undefined ? [] : faultsOfName(path, hash, record)),
  ];
  const file = join(path, "checkpoint");
  if (existsSync(file)) {
    const decoded = decodeCheckpoint(readFileSync(file));
    if ("fault" in decoded) found.push(`${file}: the checkpoint must be whole, but ${decoded.fault}`);
  }
  return found.length > 0 || isSealed(path) ? found : undefined;
}

/** The name of a cell is the hash of all that can move a number of it. */
function faultsOfName(path: string, hash: string, { resolved }: CellRecord): string[] {
  const got = hashOf(resolved);
  return got === hash ? [] : [`${path}: the hash of what it resolves to must be its name, got ${got}`];
}

async function verifyData({ data, configuration }: Manifest, faults: string[]): Promise<number> {
  if (Object.keys(data).length === 0) return 0;
  const folder = configuration["data"];
  try {
    const sums = await dataSums(typeof folder === "string" ? folder : undefined);
    const wrong = Object.entries(data).filter(([file, sum]) => sums[file] !== sum);
    for (const [file, sum] of wrong)
      faults.push(
        `data ${file}: its sum must be ${sum}, as when the run was made, got ${sums[file] ?? "no file"}`,
      );
    return Object.keys(data).length - wrong.length;
  } catch (error) {
    faults.push(messageOf(error));
    return 0;
  }
}

/** Makes the report again elsewhere, and compares it byte by byte. */
async function verifyReport(folder: string, partial: boolean, faults: string[]): Promise<number> {
  const out = mkdtempSync(join(tmpdir(), "bench-verify-"));
  try {
    await readRun(folder);
    const { files } = await writeReport(folder, { partial, out });
    let same = 0;
    for (const file of files) {
      const own = join(folder, file.slice(out.length + 1));
      if (existsSync(own) && readFileSync(own).equals(readFileSync(file))) same += 1;
      else
        faults.push(
          `${own}: it must be what the cells make, got ${existsSync(own) ? "another" : "no file"} (bench report makes it anew)`,
        );
    }
    return same;
  } catch (error) {
    faults.push(messageOf(error));
    return 0;
  } finally {
    rmSync(out, { recursive: true, force: true });
  }
}

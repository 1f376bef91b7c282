/** `bench publish`: a run as static files in a folder of published runs, and the page that lists them. */
import { existsSync, renameSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { aggregate } from "../aggregate/aggregate.ts";
import { plural } from "../aggregate/numbers.ts";
import { BenchError } from "../format/bench-error.ts";
import { isComplete, writeChecksums } from "../format/checksums.ts";
import { flushFolder, namesIn, onDisk, readBytes, removeLeftovers, replaceFile } from "../format/disk.ts";
import { manifestFile } from "../format/manifest.ts";
import {
  publishedFiles,
  publishedId,
  publishedPath,
  readPublishedRuns,
  type PublishedRow,
  type PublishedRun,
} from "../format/published-run.ts";
import { cellPath, readRun } from "../format/read-run.ts";
import type { CellRecord, RunRecords } from "../format/records.ts";
import type { Summary } from "../format/summary.ts";
import { refuseTwoVersions } from "../format/versions.ts";
import { indexMark, indexPage } from "../page/index-page.ts";
import { sharedFiles } from "../page/libraries.ts";
import { reportFiles } from "./write-report.ts";

export interface Publication {
  readonly index: string;
  readonly runs: readonly { readonly id: string; readonly folder: string; readonly duplicate: boolean }[];
  /** All runs and rows of the index. */
  readonly total: { readonly runs: number; readonly rows: number };
}

/** Throws where a folder holds other things than published runs. Names that begin with a dot, such as .git, may be there. */
function refuseOtherFolder(to: string): void {
  const others = namesIn(to).filter((name) => !name.startsWith("."));
  const index = readBytes(join(to, "index.html"))?.toString("utf8") ?? "";
  if (others.length > 0 && !index.includes(indexMark))
    throw new BenchError(
      `${to}: this folder holds other files than published runs; choose a new or empty folder.`,
      2,
    );
}

function refuseUnfinished({ folder, manifest: { matrix } }: RunRecords): void {
  const done = matrix.filter((cell) => isComplete(cellPath(folder, cell))).length;
  if (done < matrix.length)
    throw new BenchError(
      `${folder}: this run is not finished: ${done} of ${plural(matrix.length, "cell")} ended. The command of the run continues it.`,
      2,
    );
}

/** All options of a cell's estimator, with their defaults. */
function allOptions(record: CellRecord | undefined): string {
  const { options } = Object(record?.resolved["estimator"]) as { readonly options?: object };
  return Object.entries(options ?? {})
    .map(([name, value]) => `${name}=${value}`)
    .join(", ");
}

function rowsOf({ manifest: { matrix }, cells }: RunRecords, { tasks }: Summary): PublishedRow[] {
  const records = new Map(cells.map(({ record }) => [record.hash, record]));
  return tasks.flatMap(({ task, measure, boundAt, ranking }) =>
    ranking.map(({ estimator, value, bound, seeds, evaluations, broken }): PublishedRow => {
      const own = matrix.filter((cell) => cell.taskLabel === task && cell.label === estimator);
      const short = (one: typeof value) =>
        one === null ? null : { mean: one.mean, low: one.low, high: one.high };
      return {
        ...{ task, estimator, options: allOptions(records.get(own[0]!.hash)), boundAt, seeds, evaluations },
        measure: measure && {
          title: measure.title,
          unit: measure.unit,
          higherIsBetter: measure.higherIsBetter,
        },
        value: short(value),
        bound: measure?.metric === "bound" ? null : short(bound),
        steps: Math.max(...own.map(({ hash }) => records.get(hash)?.steps.done ?? 0)),
        ...(broken === undefined ? {} : { broken }),
      };
    }),
  );
}

export interface PreparedRun extends PublishedRun {
  readonly files: readonly (readonly [name: string, content: string])[];
}

function prepareRun(folder: string): PreparedRun {
  const records = readRun(folder);
  const manifest = readBytes(manifestFile(folder))!.toString("utf8");
  refuseUnfinished(records);
  const summary = aggregate(records);
  const shared = sharedFiles("../../assets/");
  const made = reportFiles(records, summary, { shared });
  const rows = rowsOf(records, summary);
  const leaderboard = `${JSON.stringify({ version: 1, rows }, undefined, 2)}\n`;
  const all = new Map([...made, ["manifest.json", manifest], ["leaderboard.json", leaderboard]] as const);
  const files = publishedFiles.flatMap((name) => (all.has(name) ? [[name, all.get(name)!] as const] : []));
  return { id: publishedId(manifest, all.get("results.csv")!), manifest: records.manifest, rows, files };
}

/** Writes beside and renames, so that a crash leaves no half of a run. */
function writeRun(to: string, { id, files }: PreparedRun): void {
  const path = publishedPath(to, id);
  const beside = `${path}.${hostname()}.${process.pid}.part`;
  onDisk(path, () => {
    try {
      for (const [name, content] of files) replaceFile(join(beside, name), content);
      writeChecksums(beside, publishedFiles);
      renameSync(beside, path);
    } catch (error) {
      rmSync(beside, { recursive: true, force: true });
      throw error;
    }
    flushFolder(join(to, "runs"));
  });
}

/** Reads the published runs; throws where those that are to come hold other versions. */
function publishedBeside(runs: readonly PreparedRun[], to: string): PublishedRun[] {
  const before = readPublishedRuns(to);
  refuseTwoVersions([...before, ...runs].map(({ manifest }) => manifest));
  return before;
}

/** Finished runs as they are to be published in a folder. Whatever is wrong with them or the folder is an error. */
export function prepareRuns(folders: readonly string[], to: string): PreparedRun[] {
  refuseOtherFolder(to);
  const prepared = folders.map(prepareRun);
  publishedBeside(prepared, to);
  return prepared;
}

/**
 * Adds runs to a folder, and writes its index. A run that is there already stays as it is. The caller keeps other processes
 * from writing the index meanwhile.
 */
export function publishRuns(prepared: readonly PreparedRun[], to: string): Publication {
  const before = publishedBeside(prepared, to);
  const known = new Map<string, PublishedRun>(before.map((run) => [run.id, run]));
  const index = join(to, "index.html");
  // Only a folder with an index is known as one of published runs.
  if (before.length === 0) replaceFile(index, indexPage([]));
  for (const { name, text } of Object.values(sharedFiles("").files)) {
    const path = join(to, "assets", name);
    if (!existsSync(path)) replaceFile(path, text);
  }
  const runs = prepared.map((run) => {
    const duplicate = known.has(run.id);
    if (!duplicate) writeRun(to, run);
    known.set(run.id, run);
    return { id: run.id, folder: publishedPath(to, run.id), duplicate };
  });
  replaceFile(index, indexPage([...known.values()]));
  for (const written of [to, join(to, "runs"), join(to, "assets")]) removeLeftovers(written);
  const rows = [...known.values()].reduce((sum, run) => sum + run.rows.length, 0);
  return { index, runs, total: { runs: known.size, rows } };
}

/** A run in a folder of `bench publish`: its files with their checksums, and its rows of the leaderboard. */
import { join } from "node:path";
import * as v from "valibot";
import { environment } from "./bench-error.ts";
import { checksumFaults, isPublished, sha256Of } from "./checksums.ts";
import { namesIn, readBytes } from "./disk.ts";
import { readJson } from "./json-file.ts";
import { readManifest } from "./manifest.ts";
import type { Manifest } from "./records.ts";

/** The files of a published run; all but the last two are always there. */
export const publishedFiles: readonly string[] = [
  ...["manifest.json", "results.csv", "summary.json", "leaderboard.json", "report.html"],
  ...["tuning.csv", "across-tasks.csv"],
];

const number = v.number();
const interval = v.nullable(v.object({ mean: number, low: v.nullable(number), high: v.nullable(number) }));

const row = v.object({
  /** Labels, with the options that were given. */
  task: v.string(),
  estimator: v.string(),
  /** All options of the estimator. */
  options: v.string(),
  /** What `value` is; null where nothing was measured. */
  measure: v.nullable(v.object({ title: v.string(), unit: v.string(), higherIsBetter: v.boolean() })),
  value: interval,
  bound: interval,
  /** How the bound was evaluated. */
  boundAt: v.nullable(v.string()),
  seeds: v.object({ done: number, all: number }),
  /** Steps of training of a seed. */
  steps: number,
  evaluations: v.nullable(v.object({ forward: number, backward: number })),
  /** `2 of 5 diverged` */
  broken: v.exactOptional(v.string()),
});
/** An estimator on a task in a published run. */
export type PublishedRow = v.InferOutput<typeof row>;

/** leaderboard.json */
const leaderboardSchema = v.object({ version: v.literal(1), rows: v.array(row) });

export interface PublishedRun {
  readonly id: string;
  readonly manifest: Manifest;
  readonly rows: readonly PublishedRow[];
}

/** The name of a published run's folder: what was run and every number of it decide. */
export const publishedId = (manifest: Buffer | string, results: Buffer | string): string =>
  sha256Of(`${manifest.toString()}${results.toString()}`).slice(0, 16);

export const publishedPath = (folder: string, id: string): string => join(folder, "runs", id);

/** A sentence for each file of a published run that is not what was published; undefined for another folder. */
export function publishedFaults(path: string): string[] | undefined {
  const faults = checksumFaults(path, [], publishedFiles);
  if (faults === undefined) return isPublished(path) ? [`${path}: SHA256SUMS is missing`] : undefined;
  if (faults.length > 0) return faults;
  const [manifest, results] = publishedFiles.map((name) => readBytes(join(path, name)) ?? "");
  const id = publishedId(manifest!, results!);
  return path.endsWith(id) ? [] : [`${path}: the id of its content is ${id}`];
}

/** The published runs of a folder. Throws a sentence that names the file where one is damaged. */
export function readPublishedRuns(folder: string): PublishedRun[] {
  const ids = namesIn(join(folder, "runs")).filter((name) => /^[0-9a-f]{16}$/.test(name));
  return ids.sort().map((id) => {
    const path = publishedPath(folder, id);
    const [fault] = publishedFaults(path) ?? [`${path}: SHA256SUMS is missing`];
    if (fault !== undefined) throw environment(`${fault}. Restore the published run, or remove its folder.`);
    const { rows } = readJson(join(path, "leaderboard.json"), leaderboardSchema)!;
    return { id, manifest: readManifest(path), rows };
  });
}

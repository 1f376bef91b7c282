/** manifest.json of a run's folder, and what the manifests of several runs hold together. */
import { join } from "node:path";
import { canonicalJson } from "./canonical-json.ts";
import { environment } from "./bench-error.ts";
import { readJson, writeJson } from "./json-file.ts";
import { manifestSchema, type Manifest } from "./records.ts";

export const manifestFile = (folder: string) => join(folder, "manifest.json");

/** The manifest of a run's folder, or undefined where there is none. */
export const findManifest = (folder: string): Manifest | undefined =>
  readJson(manifestFile(folder), manifestSchema);

/** The same, but a folder without one is an error. */
export function readManifest(folder: string): Manifest {
  const found = findManifest(folder);
  if (found === undefined)
    throw environment(`${folder}: this is not the folder of a run: manifest.json is missing.`);
  return found;
}

export const writeManifest = (folder: string, manifest: Manifest): void =>
  writeJson(manifestFile(folder), manifest);

/** The entries of several records; of entries with the same key the last. */
export const mergeRecords = <V>(records: readonly Readonly<Record<string, V>>[]): Record<string, V> =>
  Object.assign({}, ...records) as Record<string, V>;

type Joint = Pick<Manifest, "data" | "seeds" | "matrix" | "published" | "tuned" | "targets" | "definitions">;

/** The fields of several manifests that add up: each cell, published value and definition once. */
export function joinManifests(manifests: readonly Manifest[]): Joint {
  const published = new Map(
    manifests.flatMap((one) => one.published ?? []).map((value) => [canonicalJson(value), value]),
  );
  const tuned = new Map(
    manifests.flatMap((one) => one.tuned ?? []).map((one) => [canonicalJson([one.task, one.estimator]), one]),
  );
  const matrix = new Map<string, Manifest["matrix"][number]>();
  for (const cell of manifests.flatMap((one) => one.matrix))
    if (!matrix.has(cell.hash)) matrix.set(cell.hash, cell);
  return {
    data: mergeRecords(manifests.map(({ data }) => data)),
    seeds: [...new Set(manifests.flatMap(({ seeds }) => seeds))].sort((a, b) => a - b),
    matrix: [...matrix.values()],
    ...(published.size === 0 ? {} : { published: [...published.values()] }),
    ...(manifests.some(({ targets }) => targets) && {
      targets: mergeRecords(manifests.map(({ targets }) => targets ?? {})),
    }),
    ...(tuned.size === 0 ? {} : { tuned: [...tuned.values()] }),
    definitions: {
      tasks: mergeRecords(manifests.map(({ definitions }) => definitions.tasks)),
      estimators: mergeRecords(manifests.map(({ definitions }) => definitions.estimators)),
      otherSamples: mergeRecords(manifests.map(({ definitions }) => definitions.otherSamples ?? {})),
    },
  };
}

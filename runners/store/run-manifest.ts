/** manifest.json: what a run folder is, and whether new cells may join those that are there. */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parseManifest } from "../../reports/format/manifest.ts";
import { recordsVersion, type Manifest } from "../../reports/format/records.ts";
import { readText, summedText } from "../../reports/format/checked-json.ts";
import { claim } from "./lock.ts";
import { configurationOf, refuseUnequal, withJoined } from "./configuration.ts";
import { makeFolder, onDisk, replaceFile } from "./disk.ts";
import type { Engine } from "../engine/engine.ts";
import { mistake } from "../errors.ts";
import { canonicalJson } from "../hash.ts";
import { describeMachine } from "./machine.ts";
import type { PlannedCell } from "../plan/plan.ts";
import type { Prepared } from "../plan/prepare.ts";
import { readRecord } from "./cell-folder.ts";
import { refuseOtherVersion, versionsIn, versionsOf } from "./result-versions.ts";

/** The manifest of a run folder, or undefined where there is none; a broken one is an error of exit 3. */
export function readManifest(folder: string): Manifest | undefined {
  const path = join(folder, "manifest.json");
  const text = onDisk(path, () => (existsSync(path) ? readText(path) : undefined));
  return text === undefined ? undefined : parseManifest(text, path);
}

/** Makes the run's folder and refuses one that holds something else. */
export function makeRunFolder(folder: string): void {
  makeFolder(folder);
  const names = onDisk(folder, () => readdirSync(folder));
  if (names.length > 0 && !names.includes("manifest.json") && !names.every(ours)) {
    throw mistake(
      `${folder}: results must go to a new or empty folder, or to one of a run, got one with other files`,
    );
  }
}

/** What stands in a run's folder before its manifest does. */
const ours = (name: string) => name === "cells" || name === "slurm" || /^\.?manifest\./.test(name);

interface About {
  readonly name: string;
  readonly command: string;
  readonly prepared: Prepared;
  /** Cells of an earlier command that are not asked for now are left out instead of joined. */
  readonly force: boolean;
}

/**
 * Writes the manifest of a run that starts or goes on. Cells of an earlier command stay in the matrix, unless
 * one of now has the same names: then that one takes its place.
 */
export async function writeManifest(
  folder: string,
  about: About,
  engine: Engine | undefined,
): Promise<Manifest> {
  const release = await alone(join(folder, "manifest"));
  try {
    return writeAlone(folder, about, engine);
  } finally {
    release();
  }
}

/** Waits until no other process writes the same thing. */
async function alone(path: string): Promise<() => void> {
  for (;;) {
    const claimed = claim(path);
    if ("claim" in claimed) return () => claimed.claim.release(true);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function writeAlone(folder: string, about: About, engine: Engine | undefined): Manifest {
  const before = readManifest(folder);
  const { prepared, force } = about;
  const { plan } = prepared;
  const matrix = plan.cells.map(entryOf);
  const names = new Set(matrix.map(nameOf));
  const joined = force ? [] : (before?.matrix ?? []).filter((entry) => !names.has(nameOf(entry)));
  const own = configurationOf(prepared);
  if (before !== undefined && !force) refuseOld(folder, before, plan);
  if (before !== undefined && joined.length > 0) refuseUnequal(folder, before, own);
  const configuration = before === undefined ? own : withJoined(own, before, joined);
  const all = [...joined, ...matrix];
  const manifest: Manifest = {
    version: recordsVersion,
    protocol: plan.protocol,
    name: about.name,
    command: about.command,
    created: before?.created ?? new Date().toISOString(),
    ...describeMachine(),
    engine: { name: plan.engine, description: engine?.description ?? before?.engine.description ?? {} },
    data: Object.assign(
      {},
      joined.length > 0 ? before?.data : {},
      ...[...prepared.tasks.values()].map(({ sums }) => sums),
    ) as Record<string, string>,
    quick: plan.quick,
    seeds: [...new Set(all.map(({ seed }) => seed))].sort((a, b) => a - b),
    matrix: all,
    configuration,
    ...publishedOf(prepared, joined.length > 0 ? before : undefined),
    definitions: {
      tasks: { ...(joined.length > 0 ? before?.definitions.tasks : {}), ...taskDefinitions(prepared) },
      estimators: {
        ...(joined.length > 0 ? before?.definitions.estimators : {}),
        ...estimatorDefinitions(prepared),
      },
    },
  };
  replaceFile(join(folder, "manifest.json"), summedText(manifest));
  return manifest;
}

/** Another version of the protocol or of a task would take the place of numbers that no later bench can make again. */
function refuseOld(folder: string, before: Manifest, { protocol, cells }: Prepared["plan"]): void {
  const records = () => before.matrix.flatMap(({ hash }) => readRecord(join(folder, "cells", hash)) ?? []);
  refuseOtherVersion(
    folder,
    { protocol: before.protocol, tasks: versionsIn(before, records) },
    { protocol, tasks: versionsOf(cells) },
  );
}

/** Those of now, and of cells of before that stay. */
function publishedOf(prepared: Prepared, before: Manifest | undefined): Pick<Manifest, "published"> {
  const now = prepared.published ?? [];
  const texts = new Set(now.map(canonicalJson));
  const kept = (before?.published ?? []).filter((value) => !texts.has(canonicalJson(value)));
  const published = [...kept, ...now];
  return published.length === 0 ? {} : { published };
}

type Entry = Manifest["matrix"][number];

function entryOf({
  hash,
  task,
  taskOptions,
  estimator,
  estimatorOptions,
  seed,
  label,
  taskLabel,
}: PlannedCell): Entry {
  return { hash, task, taskOptions, estimator, estimatorOptions, seed, label, taskLabel };
}

function nameOf({ taskLabel, label, seed }: Entry): string {
  return `${taskLabel} ${label} ${seed}`;
}

function taskDefinitions({ matrix }: Prepared): Manifest["definitions"]["tasks"] {
  return Object.fromEntries(
    matrix.tasks.map(({ definition: { name, title, doc, paper } }) => [
      name,
      { title, doc, ...(paper === undefined ? {} : { paper }) },
    ]),
  );
}

function estimatorDefinitions({ matrix, plan }: Prepared): Manifest["definitions"]["estimators"] {
  const used = new Set(plan.cells.map(({ estimator }) => estimator));
  const chosen = matrix.estimators.filter(({ entry }) => used.has(entry.name));
  return Object.fromEntries(
    chosen.map(({ entry: { name, estimator, plugin, source } }) => {
      const { title, formula, paper, claims } = estimator;
      const optional = {
        ...(formula === undefined ? {} : { formula }),
        ...(paper === undefined ? {} : { paper }),
      };
      return [name, { title, ...optional, unbiased: claims.unbiased, ...(plugin ? { plugin: source } : {}) }];
    }),
  );
}

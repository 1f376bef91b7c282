/** Writes the manifest of a run that starts or goes on, and decides whether its cells may join those that are there. */
import { join } from "node:path";
import { isPublished } from "../../reports/format/checksums.ts";
import { makeFolder, namesIn } from "../../reports/format/disk.ts";
import { findManifest, joinManifests, writeManifest } from "../../reports/format/manifest.ts";
import { recordsVersion, type Manifest, type MatrixCell } from "../../reports/format/records.ts";
import type { Engine } from "../engine/engine.ts";
import { mistake } from "../errors.ts";
import { settingsOf } from "../plan/choose-pairs.ts";
import type { PlannedCell } from "../plan/plan.ts";
import type { Prepared } from "../plan/prepare.ts";
import {
  configurationOf,
  joinConfigurations,
  refuseOtherConfiguration,
  refuseOtherVersions,
} from "./shared-configuration.ts";
import { waitForLock } from "./lock.ts";
import { describeMachine } from "./machine.ts";

/** The folder in a run's folder that holds the trials of --tune, itself the folder of a run. */
export const trialsFolder = "tuning";

/** Makes the run's folder; a folder with other files in it is the user's mistake. */
export function makeRunFolder(folder: string): void {
  makeFolder(folder);
  const names = namesIn(folder);
  // Cells, trials, jobs and locks may be there before the manifest.
  const early = (name: string) =>
    ["cells", "slurm", trialsFolder].includes(name) || /^\.?manifest\./.test(name);
  const ofRun = names.includes("manifest.json") && !isPublished(folder);
  if (names.length > 0 && !ofRun && !names.every(early))
    throw mistake(`${folder}: this folder holds other files; choose a new or empty one, or one of a run.`);
}

interface RunDescription {
  readonly name: string;
  readonly command: string;
  readonly prepared: Prepared;
  /** Leaves out cells of an earlier command that are not in the plan, instead of keeping them. */
  readonly force: boolean;
}

/**
 * Writes the manifest. Cells of an earlier command stay in the matrix, unless a cell of the plan has the same task,
 * estimator and seed and takes its place.
 */
export async function storeManifest(
  folder: string,
  run: RunDescription,
  engine: Engine | undefined,
): Promise<Manifest> {
  const lock = await waitForLock(join(folder, "manifest"));
  try {
    const manifest = joinedWith(folder, findManifest(folder), run, engine);
    writeManifest(folder, manifest);
    return manifest;
  } finally {
    lock.release(true);
  }
}

function joinedWith(
  folder: string,
  before: Manifest | undefined,
  run: RunDescription,
  engine: Engine | undefined,
): Manifest {
  const now = manifestOf(run, before, engine);
  if (before === undefined || run.force) return now;
  refuseOtherVersions(folder, before.configuration, now.configuration);
  const nameOf = ({ taskLabel, label, seed }: MatrixCell) => JSON.stringify([taskLabel, label, seed]);
  const names = new Set(now.matrix.map(nameOf));
  const matrix = before.matrix.filter((cell) => !names.has(nameOf(cell)));
  if (matrix.length === 0) return now;
  refuseOtherConfiguration(folder, before.configuration, now.configuration);
  return {
    ...now,
    ...joinManifests([{ ...before, matrix }, now]),
    configuration: joinConfigurations([before.configuration, now.configuration]),
  };
}

function manifestOf(
  { name, command, prepared }: RunDescription,
  before: Manifest | undefined,
  engine: Engine | undefined,
): Manifest {
  const { plan, tasks, published = [], tuned = [], targets } = prepared;
  return {
    version: recordsVersion,
    protocol: plan.protocol,
    name,
    command,
    created: before?.created ?? new Date().toISOString(),
    ...describeMachine(),
    engine: { name: plan.engine, description: engine?.description ?? before?.engine.description ?? {} },
    data: Object.assign({}, ...[...tasks.values()].map(({ sums }) => sums)) as Record<string, string>,
    quick: plan.quick,
    seeds: [...new Set(plan.cells.map(({ seed }) => seed))].sort((a, b) => a - b),
    matrix: plan.cells.map(matrixCell),
    configuration: configurationOf(prepared),
    ...(published.length === 0 ? {} : { published }),
    ...(Object.keys(targets).length === 0 ? {} : { targets }),
    ...(tuned.length === 0 ? {} : { tuned }),
    definitions: {
      tasks: taskDefinitions(prepared),
      estimators: estimatorDefinitions(prepared),
      otherSamples: otherSamplesIn(prepared),
    },
  };
}

function matrixCell(cell: PlannedCell): MatrixCell {
  const { hash, task, taskOptions, estimator, estimatorOptions, seed, label, taskLabel } = cell;
  return { hash, task, taskOptions, estimator, estimatorOptions, seed, label, taskLabel };
}

function taskDefinitions({ matrix }: Prepared): Manifest["definitions"]["tasks"] {
  return Object.fromEntries(
    matrix.tasks.map(({ definition: { name, title, doc, paper, plugin } }) => [
      name,
      { title, doc, ...(paper === undefined ? {} : { paper }), ...(plugin && { plugin: plugin.source }) },
    ]),
  );
}

/** How training samples differ from the model's, by label, where they do. */
const otherSamplesIn = ({ matrix, plan }: Prepared): Readonly<Record<string, "relaxed" | "other">> =>
  Object.fromEntries(
    matrix.estimators.flatMap((choice) => {
      const { claims } = choice.entry.estimator;
      const own = plan.cells.filter(({ label }) => label === choice.label);
      const tasks = matrix.tasks.filter((task) => own.some(({ taskLabel }) => taskLabel === task.label));
      const other = tasks.some(
        ({ definition, settings }) =>
          claims.sampleLaw?.(settingsOf(choice), definition.sites(settings)) === "other",
      );
      const law = claims.relaxed === true ? "relaxed" : "other";
      return own.length > 0 && (claims.relaxed === true || other) ? [[choice.label, law] as const] : [];
    }),
  );

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

/** Runs the experiments of a paper, and keeps the table of published and measured values up to date. */
import type { ReproducedRow, Reproduction, SpeedRow } from "../../reports/format/reproduction-record.ts";
import type { Engine } from "../engine/engine.ts";
import { chooseEngine, defaultEngine, openEngine } from "../engine/index.ts";
import { makeFolder } from "../../reports/format/disk.ts";
import { measureSpeeds, measureVariances } from "./fixed-experiments.ts";
import { pendingRows } from "./measured-values.ts";
import { readEarlier, writeRecord, writeReportOfAll, type MeasuredSoFar } from "./record.ts";
import type { ReproduceSettings } from "./reproduce-options.ts";
import { estimateSeconds } from "./time-estimate.ts";
import { trainExperiment } from "./training-experiments.ts";
import { seconds as clock } from "../train/training-loop.ts";

export interface ReproduceResult {
  readonly record: Reproduction;
  readonly interrupted: boolean;
}

/** Starts a reproduction, or goes on with the one in its folder. A dry run announces it and answers nothing. */
export async function reproduce(settings: ReproduceSettings): Promise<ReproduceResult | undefined> {
  const { options, registry, folder } = settings;
  const began = clock();
  const earlier = readEarlier(settings);
  const engine = await openEngine(chooseEngine(options.engine ?? defaultEngine));
  try {
    const timed = earlier?.jobs === options.jobs ? earlier.seconds.estimated : undefined;
    const estimated = timed ?? (await estimateSeconds(options, registry, engine));
    const spent = earlier?.seconds.spent ?? 0;
    settings.announce({ estimated, spent });
    if (settings.dryRun) return undefined;
    makeFolder(folder);
    const write = (measured: MeasuredSoFar) =>
      writeRecord(settings, engine, measured, { estimated, spent: spent + clock() - began });
    const record = await runAll(settings, engine, earlier, write);
    await writeReportOfAll(settings, record);
    return { record, interrupted: !record.complete && settings.interrupted() };
  } finally {
    await engine.close();
  }
}

/** Runs what is missing, writes the record after each part, and answers the last one. */
async function runAll(
  settings: ReproduceSettings,
  engine: Engine,
  earlier: Reproduction | undefined,
  writeMeasured: (measured: MeasuredSoFar) => Promise<Reproduction>,
): Promise<Reproduction> {
  const { options, interrupted } = settings;
  const rows = new Map<string, readonly ReproducedRow[]>();
  const speed = new Map<string, readonly SpeedRow[]>();
  for (const one of options.experiments) {
    const ofOne = (row: { readonly experiment: string }) => row.experiment === one.id;
    rows.set(one.id, earlier?.rows.filter(ofOne) ?? pendingRows(one));
    speed.set(one.id, earlier?.speed.filter(ofOne) ?? []);
  }
  const write = () => writeMeasured({ rows: [...rows.values()].flat(), speed: [...speed.values()].flat() });
  // The first record marks the folder as that of this reproduction.
  let record = await write();
  for (const experiment of options.experiments) {
    if (interrupted()) break;
    const { id, kind } = experiment;
    if (kind === "training") rows.set(id, await trainExperiment(settings, experiment));
    else if (kind === "variance") {
      if (rows.get(id)!.every(({ measured }) => measured !== null)) continue;
      rows.set(id, await measureVariances(settings, experiment));
    } else {
      if (speed.get(id)!.length === experiment.classes.length) continue;
      speed.set(id, await measureSpeeds(settings, experiment, engine));
    }
    record = await write();
  }
  return record;
}

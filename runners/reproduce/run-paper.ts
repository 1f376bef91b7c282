/** Runs the experiments of a paper: rates by validation, then the test, and a table that is there from the start. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Reproduction } from "../../reports/format/reproduction-record.ts";
import { readSummed, summedText } from "../../reports/format/checked-json.ts";
import { makeFolder, onDisk, replaceFile } from "../store/disk.ts";
import type { Engine } from "../engine/engine.ts";
import { chooseEngine, defaultEngine, openEngine } from "../engine/index.ts";
import { mistake } from "../errors.ts";
import { choosingSeconds } from "./budgets.ts";
import { measureSpeedAt, measureVariances } from "./fixed-experiments.ts";
import { reportAll, spentBefore, store } from "./record.ts";
import { gaveUp, loadOf, makeSchedule, readSchedule, withJobs, writeSchedule } from "./time-plan.ts";
import { begin, update, type ReproduceSettings, type State } from "./progress-state.ts";
import { train } from "./trained-experiments.ts";

export interface ReproduceResult {
  readonly record: Reproduction;
  readonly interrupted: boolean;
  /** The budget's time ran out. */
  readonly late: boolean;
}

/** Share of a limited time after which no step is begun: the last evaluation and the report come after. */
const lastStep = 0.96;

/** Of a reproduction, by any of which its folder is known; a crash may leave the first half-written. */
const own = ["schedule.json", "schedule.json.new", "measured.json", "reproduction.json"];

/** Else the report of another run would be overwritten, or its cells taken for ours. */
function refuseForeign(folder: string): void {
  const found = onDisk(folder, () => (existsSync(folder) ? readdirSync(folder) : []));
  if (found.length === 0 || found.some((name) => own.includes(name))) return;
  const shown = found.slice(0, 3).join(", ");
  throw mistake(
    `${folder}: the folder must be empty or hold a reproduction (whose files are replaced), got ${shown}${found.length > 3 ? " and more" : ""}; choose another --out`,
  );
}

export async function reproduce(settings: ReproduceSettings): Promise<ReproduceResult | undefined> {
  const { asked, folder, force, now } = settings;
  const began = now();
  refuseForeign(folder);
  const earlier = force ? undefined : readSchedule(folder, asked);
  const { seconds } = asked.budget;
  const late = () => seconds !== undefined && now() - began > lastStep * seconds;
  const stopped = () => settings.interrupted() || late();
  const engine = await openEngine(chooseEngine(asked.engine ?? defaultEngine));
  try {
    const left = () => (seconds === undefined ? undefined : seconds - (now() - began));
    let schedule =
      earlier === undefined
        ? await makeSchedule(asked, { registry: settings.registry, engine, left })
        : withJobs(earlier, asked, left());
    // Another process may have begun the same while this one timed its steps: then its schedule holds for both.
    if (earlier === undefined && !force) schedule = readSchedule(folder, asked) ?? schedule;
    const choosing = choosingSeconds(
      loadOf(schedule.items, asked),
      schedule.allocation,
      asked.budget.boundSamples,
    );
    settings.announce(schedule, { spared: gaveUp(schedule, asked), choosing });
    if (settings.dryRun === true) return undefined;
    makeFolder(folder);
    if (force) forget(join(folder, "measured.json"));
    writeSchedule(folder, schedule);
    const state: State = {
      ...settings,
      ...{ schedule, began, stopped, late, progress: new Map(), speed: [], done: [] },
      before: spentBefore(folder, force),
    };
    begin(state);
    await measureOthers(state, engine);
    for (const experiment of asked.experiments) {
      if (experiment.kind !== "training") continue;
      // What was tested before is only looked at.
      if (stopped() && state.schedule.shares[experiment.id]?.settled !== true) continue;
      await train(state, experiment);
      await store(state, engine);
    }
    const record = await store(state, engine);
    await reportAll(state, record);
    return { record, interrupted: !record.complete && stopped(), late: late() };
  } finally {
    await engine.close();
  }
}

const forget = (path: string) => onDisk(path, () => rmSync(path, { force: true }));

/** Variances and speeds: short, kept by the hash of what could move them. */
async function measureOthers(state: State, engine: Engine): Promise<void> {
  const { asked, registry, folder, reporter, stopped } = state;
  const path = join(folder, "measured.json");
  // Read each time: another process may measure the same.
  const kept = () => readSummed(path) ?? {};
  async function once<R>(key: string, say: string, make: () => Promise<R>): Promise<R | undefined> {
    const before = kept();
    if (key in before) return before[key] as R;
    if (stopped()) return undefined;
    reporter.note(say);
    const made = { [key]: await make(), ...kept() };
    replaceFile(path, summedText(made));
    return made[key] as R;
  }
  const measuring = { asked, registry, engine, once };
  for (const experiment of asked.experiments)
    if (experiment.kind === "variance") {
      const values = await measureVariances(experiment, measuring);
      for (const [i, measured] of values.entries())
        if (measured !== undefined) update(state, experiment.id, experiment.columns[i]!, { measured });
    } else if (experiment.kind === "speed")
      for (const classes of experiment.classes) {
        const row = await measureSpeedAt(experiment, classes, measuring);
        if (row !== undefined) state.speed.push(row);
      }
}

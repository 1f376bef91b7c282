/** The record of a reproduction: its table as far as it has come, and one report of all that was trained. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { isObject, parseObject } from "../../reports/format/demand.ts";
import { reportError } from "../../reports/format/report-error.ts";
import type { Cell } from "../../reports/format/records.ts";
import { reproductionVersion, type Reproduction } from "../../reports/format/reproduction-record.ts";
import { writeReproduction } from "../../reports/export/reproduction-files.ts";
import { readText, sumFault } from "../../reports/format/checked-json.ts";
import type { Engine } from "../engine/engine.ts";
import { chooseEngine, defaultEngine, engineVersion } from "../engine/index.ts";
import { dataText } from "./departures.ts";
import { cellsOf, ordersOf, rowsOf } from "./measured-values.ts";
import { gaveUp } from "./time-plan.ts";
import { testFolder, type State } from "./progress-state.ts";

/** Seconds of earlier calls. */
export function spentBefore(folder: string, force: boolean): number {
  const path = join(folder, "reproduction.json");
  if (force || !existsSync(path)) return 0;
  const said = parseObject(readText(path), path);
  const fault = sumFault(said);
  // The first ones have no sum.
  if (fault !== undefined && "sum" in said)
    throw reportError(`${path}: it must be as it was written, but ${fault}; --force begins anew.`);
  const { seconds } = said;
  const spent = isObject(seconds) ? seconds["spent"] : undefined;
  if (typeof spent !== "number")
    throw reportError(
      `${path}: seconds.spent must be a number, got ${JSON.stringify(spent)}; --force begins anew.`,
    );
  return spent;
}

/** Writes the table as far as it has come. */
export async function store(state: State, engine: Engine): Promise<Reproduction> {
  const { asked, folder, schedule, progress, speed, began, now, before } = state;
  const { paper, experiments, budget, jobs } = asked;
  const found = new Map<string, ReadonlyMap<string, Cell>>();
  for (const { id, kind } of experiments)
    if (kind === "training") found.set(id, await cellsOf(testFolder(folder, id)));
  const rows = rowsOf([...progress.values()], (id) => found.get(id) ?? new Map());
  const waiting = /pending|running|interrupted/;
  const speeds = experiments.reduce((n, one) => n + (one.kind === "speed" ? one.classes.length : 0), 0);
  const { text } = chooseEngine(asked.engine ?? defaultEngine);
  const threads = engine.description["threads"];
  const record: Reproduction = {
    version: reproductionVersion,
    paper: { key: paper.key, citation: state.citation, link: state.link },
    command: state.command,
    budget: budget.name,
    complete: rows.every(({ states }) => !waiting.test(states)) && speed.length === speeds,
    seconds: { estimated: schedule.allocation.seconds, spent: before + now() - began },
    engine:
      `${text} (${engineVersion(chooseEngine(text))}` +
      `${threads === undefined ? "" : `, ${threads} thread${threads === 1 ? "" : "s"}`})`,
    jobs,
    data: dataText(asked),
    ...{ stated: paper.stated, chosen: paper.chosen, gaveUp: gaveUp(schedule, asked) },
    rows,
    orders: ordersOf(rows, experiments),
    speed,
  };
  await writeReproduction(folder, record);
  return record;
}

/** One ordinary report of all experiments that were trained. */
export async function reportAll({ asked, folder, writeReport }: State, record: Reproduction): Promise<void> {
  const folders = asked.experiments
    .map(({ id }) => testFolder(folder, id))
    .filter((path) => existsSync(join(path, "manifest.json")));
  if (folders.length > 0)
    await writeReport(folders, { partial: !record.complete, out: folder, reproduction: record });
}

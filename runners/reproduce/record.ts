/** reproduction.json: the record of a reproduction, as far as it has come. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { writeReproduction } from "../../reports/export/reproduction-files.ts";
import { namesIn } from "../../reports/format/disk.ts";
import { readJson } from "../../reports/format/json-file.ts";
import { reproductionVersion, type Reproduction } from "../../reports/format/reproduction-record.ts";
import type { Engine } from "../engine/engine.ts";
import { chooseEngine, defaultEngine, engineVersion } from "../engine/index.ts";
import { mistake } from "../errors.ts";
import { canonicalJson } from "../hash.ts";
import { dataText, gaveUp } from "./departures.ts";
import { ordersOf } from "./measured-values.ts";
import { measuredSettings, testFolder, type ReproduceSettings } from "./reproduce-options.ts";

export type MeasuredSoFar = Pick<Reproduction, "rows" | "speed">;

/** The fields that a later call needs. */
const stored = v.object({
  settings: v.record(v.string(), v.unknown()),
  seconds: v.object({ estimated: v.number(), spent: v.number() }),
  jobs: v.number(),
});

/** What an earlier call recorded in the folder; refuses a folder with other settings or with other files. */
export function readEarlier({ folder, options, force }: ReproduceSettings): Reproduction | undefined {
  const names = namesIn(folder);
  if (names.length > 0 && !names.some((name) => name.startsWith("reproduction.json")))
    throw mistake(`${folder} holds other files (${names.slice(0, 3).join(", ")}). Choose another --out.`);
  const path = join(folder, "reproduction.json");
  const read = force ? undefined : readJson(path, stored);
  if (read === undefined) return undefined;
  const before = read as unknown as Reproduction;
  const now = measuredSettings(options);
  const differing = Object.keys(now).filter(
    (name) => canonicalJson(now[name]) !== canonicalJson(before.settings[name]),
  );
  if (differing.length === 0) return before;
  const shown = (settings: Readonly<Record<string, unknown>>) =>
    differing.map((name) => `${name} ${JSON.stringify(settings[name])}`).join(", ");
  throw mistake(
    `${folder} holds a reproduction with ${shown(before.settings)}, not ${shown(now)}. ` +
      "Choose another --name, or start again with --force.",
  );
}

/** Writes the record with its table and charts. */
export async function writeRecord(
  settings: ReproduceSettings,
  engine: Engine,
  { rows, speed }: MeasuredSoFar,
  seconds: Reproduction["seconds"],
): Promise<Reproduction> {
  const { options, folder, citation, link, command } = settings;
  const { paper, experiments, budget, jobs } = options;
  const speeds = experiments.flatMap((one) => (one.kind === "speed" ? one.classes : []));
  const running = rows.some(({ states }) => /pending|running|interrupted/.test(states));
  const chosen = chooseEngine(options.engine ?? defaultEngine);
  const threads = engine.description["threads"];
  const onThreads = threads === undefined ? "" : `, ${threads} thread${threads === 1 ? "" : "s"}`;
  const record: Reproduction = {
    version: reproductionVersion,
    paper: { key: paper.key, citation, link },
    ...{ command, budget: budget.name, settings: measuredSettings(options) },
    complete: !running && speed.length === speeds.length,
    seconds,
    engine: `${chosen.text} (${engineVersion(chosen)}${onThreads})`,
    ...{ jobs, data: dataText(options) },
    ...{ stated: paper.stated, chosen: paper.chosen, gaveUp: gaveUp(options) },
    ...{ rows, orders: ordersOf(rows, experiments), speed },
  };
  await writeReproduction(folder, record);
  return record;
}

/** Writes one ordinary report of all experiments that trained. */
export async function writeReportOfAll(
  { options, folder, writeReport }: ReproduceSettings,
  record: Reproduction,
): Promise<void> {
  const folders = options.experiments
    .map(({ id }) => testFolder(folder, id))
    .filter((path) => existsSync(join(path, "manifest.json")));
  if (folders.length > 0)
    await writeReport(folders, { partial: !record.complete, out: folder, reproduction: record });
}

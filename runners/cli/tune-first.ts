/** `bench run --tune`: the trials that come before the runs. */
import { plural } from "../../reports/aggregate/numbers.ts";
import { openEngine } from "../engine/index.ts";
import { mistake } from "../errors.ts";
import { runPlan, type RunSettings } from "../jobs/run-cells.ts";
import { timeText } from "../options/quantities.ts";
import { parseRanges } from "../options/ranges.ts";
import type { Prepared } from "../plan/prepare.ts";
import type { Request } from "../plan/request.ts";
import { makeRunFolder } from "../store/run-manifest.ts";
import { estimateTuning, isLeft } from "../tune/tuning-time.ts";
import { chooseSettings, trialsIn, type Tuning, type TuningRequest } from "../tune/tuning.ts";
import type { Invocation } from "./commands/command.ts";
import type { FlagValues } from "./flag-values.ts";
import type { RunFolder } from "./run-folder.ts";

export { planTuning } from "../tune/tuning.ts";

/** What --tune, --trials and --tune-steps ask for. */
export function tuningRequestOf(flags: FlagValues): TuningRequest {
  if (flags.text("shard") !== undefined)
    throw mistake("--tune cannot be combined with --shard: all trials must end before options are chosen.");
  const steps = flags.text("tune-steps");
  return {
    ...{ ranges: parseRanges(flags.list("tune")), trials: flags.count("trials") },
    ...(steps === undefined ? {} : { steps: String(flags.count("tune-steps")) }),
  };
}

/** Prints before anything runs how many trials there are and how long all takes. */
export async function announceTuning(
  invocation: Invocation,
  tuning: Tuning,
  folder: string,
  jobs: number,
): Promise<void> {
  const { flags, io } = invocation;
  const { prepared } = tuning.trials;
  if (flags.on("quiet")) return;
  const note = (text: string) => io.stderr.write(`note ${text}\n`);
  tuning.notes.forEach(note);
  if (!flags.on("force") && !isLeft(tuning, folder)) return;
  const engine = await openEngine(prepared.engine);
  const { seconds, failed } = await estimateTuning(tuning, engine, folder, jobs).finally(() =>
    engine.close(),
  );
  failed.forEach(note);
  const steps = [...new Set(prepared.plan.cells.map(({ budget }) => budget.steps))].sort((a, b) => a - b);
  const trials = plural(prepared.plan.cells.length, "trial");
  note(
    `${trials} of ${steps.join(" or ")} steps on validation, then the runs: about ${timeText(seconds)} here`,
  );
}

/** Runs the trials, which have a folder in that of the run, and chooses the options. */
export async function runTrials(
  tuning: Tuning,
  settings: RunSettings,
  placesOf: (prepared: Prepared, request: Request, place: RunFolder) => Promise<Partial<RunSettings>>,
) {
  const { prepared, request } = tuning.trials;
  const place = { folder: trialsIn(settings.folder), name: `${settings.name} tuning` };
  makeRunFolder(settings.folder);
  const { interrupted } = await runPlan(prepared, {
    ...{ ...settings, ...place },
    writeReport: () => Promise.resolve(),
    ...(await placesOf(prepared, request, place)),
  });
  return interrupted ? "interrupted" : chooseSettings(tuning, settings.folder);
}

import type { EngineChoice } from "../engine/index.ts";
import { defaultJobs } from "../jobs/default-jobs.ts";
import type { Request } from "../plan/request.ts";
import type { FlagValues } from "./flag-values.ts";

/** The request that the flags of a command make. Flags that the command lacks are absent. */
export function requestOf(flags: FlagValues): Request {
  const optional = {
    seeds: flags.text("seeds"),
    steps: flags.text("steps"),
    evaluations: flags.text("evals"),
    timeLimit: flags.text("time-limit"),
    checkpointEvery: flags.text("checkpoint-every"),
    boundRows: flags.text("bound-rows"),
    engine: flags.text("engine"),
    data: flags.text("data"),
  };
  return {
    estimators: flags.list("estimator"),
    tasks: flags.list("task"),
    grids: flags.list("grid"),
    plugins: flags.plugins(),
    quick: flags.on("quick"),
    targets: flags.list("target"),
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  };
}

/** The value of --jobs, or as many processes as there are cores. */
export const jobsOf = (flags: FlagValues, engine: EngineChoice): number =>
  flags.text("jobs") === undefined ? defaultJobs(engine) : flags.count("jobs");

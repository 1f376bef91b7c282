/** Runs the checks of a subject one after another and collects what they find. */
import { messageOf } from "../errors.ts";
import { type Check, fail, type Outcome, skip } from "./outcome.ts";

export interface CheckResult extends Outcome {
  readonly name: string;
  readonly seconds: number;
}

/** What was found of an estimator or of a task, as the user named it, with its options. */
export interface CheckReport {
  readonly estimator?: string;
  readonly task?: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly checks: readonly CheckResult[];
}

export interface CheckOptions {
  /** The names of the checks to run; all by default. */
  readonly only?: readonly string[];
  /** Gets each result as soon as it is there. */
  readonly onResult?: (result: CheckResult) => void;
}

/** The outcomes of the checks before a check, by name. */
export type Earlier = ReadonlyMap<string, Outcome>;

/** An error that a check throws is a failure of its subject. `whyNot` says why a check cannot run. */
export async function runChecks<S>(
  checks: readonly Check<S>[],
  subject: S,
  whyNot: (check: Check<S>, subject: S, earlier: Earlier) => string | undefined,
  { only, onResult = () => undefined }: CheckOptions,
): Promise<Pick<CheckReport, "ok" | "seconds" | "checks">> {
  const found = new Map<string, CheckResult>();
  const outcomeOf = async (check: Check<S>): Promise<Outcome> => {
    const why = whyNot(check, subject, found);
    if (why !== undefined) return skip(why);
    try {
      return await check.run(subject, found);
    } catch (error) {
      return fail(`It stopped with the error "${messageOf(error)}".`);
    }
  };
  for (const check of checks) {
    if (only && !only.includes(check.name)) continue;
    const begun = performance.now();
    const outcome = await outcomeOf(check);
    const result = { name: check.name, ...outcome, seconds: (performance.now() - begun) / 1000 };
    found.set(check.name, result);
    onResult(result);
    await new Promise(setImmediate);
  }
  const results = [...found.values()];
  return {
    ok: results.every((one) => one.state !== "fail"),
    seconds: results.reduce((total, one) => total + one.seconds, 0),
    checks: results,
  };
}

/** `bench check`: every claim of an estimator proven or refuted, one file a check. */
import type { Engine } from "../engine/engine.ts";
import { messageOf } from "../errors.ts";
import { bias } from "./checks/bias.ts";
import { cells } from "./checks/exact-cells.ts";
import { control } from "./checks/control.ts";
import { cost } from "./checks/cost.ts";
import { decoder } from "./checks/decoder.ts";
import { engines } from "./checks/engine-agreement.ts";
import { extremes } from "./checks/extreme-logits.ts";
import { type Check, fail, type Outcome, skip } from "./outcome.ts";
import { plays } from "./checks/runs.ts";
import { repeatable } from "./checks/repeatable.ts";
import { rowsCheck } from "./checks/independent-rows.ts";
import { state } from "./checks/state.ts";
import { type Chosen, type Subject, subjectOf } from "./subject.ts";

export type { Chosen } from "./subject.ts";
export type { Outcome } from "./outcome.ts";

/** In the order in which they run: what plays first, then the claims, then the craft. */
export const checks: readonly Check[] = [
  plays,
  bias,
  cells,
  state,
  control,
  decoder,
  cost,
  repeatable,
  rowsCheck,
  extremes,
  engines,
];

export interface Checked extends Outcome {
  readonly name: string;
  readonly seconds: number;
}

export interface Report {
  /** As given, with its options. */
  readonly estimator: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly checks: readonly Checked[];
}

/** What a check finds; what it throws is the estimator's failure, and one that does not run fails once. */
async function outcomeOf(
  check: Check,
  subject: Subject,
  before: ReadonlyMap<string, Outcome>,
): Promise<Outcome> {
  if (before.get("plays")?.state === "fail") return skip('it does not run (see the check "plays")');
  try {
    return await check.run(subject, before);
  } catch (error) {
    return fail(`it must run without an error, got "${messageOf(error)}"`);
  }
}

/** Runs all checks, or those named, on an engine that runs tensor by tensor. */
export async function checkEstimator(
  chosen: Chosen,
  engine: Engine,
  {
    only,
    told = () => undefined,
  }: { readonly only?: readonly string[]; readonly told?: (checked: Checked) => void } = {},
): Promise<Report> {
  const subject = subjectOf(chosen, engine);
  const found = new Map<string, Checked>();
  for (const check of checks) {
    if (only && !only.includes(check.name)) continue;
    const begun = performance.now();
    const outcome = await outcomeOf(check, subject, found);
    const checked = { name: check.name, ...outcome, seconds: (performance.now() - begun) / 1000 };
    found.set(check.name, checked);
    told(checked);
    await new Promise(setImmediate);
  }
  const all = [...found.values()];
  return {
    estimator: chosen.label,
    ok: all.every((one) => one.state !== "fail"),
    seconds: all.reduce((total, one) => total + one.seconds, 0),
    checks: all,
  };
}

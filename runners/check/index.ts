/**
 * `bench check`: tests what an estimator claims about itself, on small problems whose gradient is known by enumeration.
 * Each check stands in a file of checks/ that says what it tests and with which error rates. In the order in which they run:
 *
 * - runs: it runs on every problem that its claims admit.
 * - bias: the mean of its draws is the exact gradient, or its claimed bias shows.
 * - exact-expectation: its expectation, summed over regions of the noise, is the exact gradient.
 * - state: so it is with a state that is not zero and one row.
 * - control-variate: its parameters, once trained, lower the variance.
 * - decoder: gradients of parameters after the samples are exact, too.
 * - evaluations: it evaluates the cost as often as it claims, with derivatives only if it claims to need them.
 * - single-changes: so it is with a task's faster way to the costs of single changes, and the step is the same.
 * - repeatable: the same seed gives the same bits, also after a restart, and no tensor is left.
 * - independent-rows: a row's gradient depends on no other row.
 * - extreme-inputs: extreme logits and uniforms give finite gradients.
 * - engine-agreement: one step is the same on all engines.
 *
 * Imports engine/, plan/, train/, variance/ and what these may import. Read subject.ts and problems.ts next, then a file of checks/;
 * exact/ holds the sums over regions of the noise.
 */
import type { Engine } from "../engine/engine.ts";
import { messageOf } from "../errors.ts";
import { bias } from "./checks/bias.ts";
import { controlVariate } from "./checks/control-variate.ts";
import { decoder } from "./checks/decoder.ts";
import { engineAgreement } from "./checks/engine-agreement.ts";
import { evaluations } from "./checks/evaluations.ts";
import { exactExpectation } from "./checks/exact-expectation.ts";
import { extremeInputs } from "./checks/extreme-inputs.ts";
import { independentRows } from "./checks/independent-rows.ts";
import { repeatable } from "./checks/repeatable.ts";
import { runs } from "./checks/runs.ts";
import { singleChanges } from "./checks/single-changes.ts";
import { state } from "./checks/state.ts";
import { type Check, fail, type Outcome, skip } from "./outcome.ts";
import type { LabelledEstimator } from "../variance/gradient-draws.ts";
import { type Subject, subjectOf } from "./subject.ts";

/** In the order in which they run. */
export const checks: readonly Check[] = [
  runs,
  bias,
  exactExpectation,
  state,
  controlVariate,
  decoder,
  evaluations,
  singleChanges,
  repeatable,
  independentRows,
  extremeInputs,
  engineAgreement,
];

export interface CheckResult extends Outcome {
  readonly name: string;
  readonly seconds: number;
}

export interface CheckReport {
  /** As the user named it, with its options. */
  readonly estimator: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly checks: readonly CheckResult[];
}

/** Runs a check. An error that it throws is a failure of the estimator; one that cannot run fails only "runs". */
async function outcomeOf(
  check: Check,
  subject: Subject,
  earlier: ReadonlyMap<string, Outcome>,
): Promise<Outcome> {
  if (earlier.get("runs")?.state === "fail") return skip('It does not run; see the check "runs".');
  if (check !== runs && subject.admitted.length === 0) return skip("Its claims admit none of the problems.");
  try {
    return await check.run(subject, earlier);
  } catch (error) {
    return fail(`It stopped with the error "${messageOf(error)}".`);
  }
}

/**
 * Runs all checks, or those that `only` names, on an engine that runs tensor by tensor (wasm or cpu). `onResult` gets each
 * result as soon as it is there.
 */
export async function checkEstimator(
  tested: LabelledEstimator,
  engine: Engine,
  {
    only,
    onResult = () => undefined,
  }: { readonly only?: readonly string[]; readonly onResult?: (result: CheckResult) => void } = {},
): Promise<CheckReport> {
  const subject = subjectOf(tested, engine);
  const found = new Map<string, CheckResult>();
  for (const check of checks) {
    if (only && !only.includes(check.name)) continue;
    const begun = performance.now();
    const outcome = await outcomeOf(check, subject, found);
    const result = { name: check.name, ...outcome, seconds: (performance.now() - begun) / 1000 };
    found.set(check.name, result);
    onResult(result);
    await new Promise(setImmediate);
  }
  const results = [...found.values()];
  return {
    estimator: tested.label,
    ok: results.every((one) => one.state !== "fail"),
    seconds: results.reduce((total, one) => total + one.seconds, 0),
    checks: results,
  };
}

/**
 * `bench check` of an estimator: tests what it claims about itself, on small problems whose gradient is known by enumeration.
 * Each check stands in a file of checks/ that says what it tests and with which error rates. In the order in which they run:
 *
 * - runs: it runs on every problem that its claims admit.
 * - bias: the mean of its draws is the exact gradient, or its claimed bias shows.
 * - exact-expectation: its expectation, summed over regions of the noise, is the exact gradient.
 * - state: so it is with a state that is not zero and one row.
 * - control-variate: its parameters, once trained, lower the variance.
 * - variance: it has less variance than plain reinforce with as many evaluations; a warning where it has more everywhere.
 * - decoder: gradients of parameters after the samples are exact, too.
 * - evaluations: it evaluates the cost as often as it claims, with derivatives only if it claims to need them.
 * - single-changes: so it is with a task's faster way to the costs of single changes, and the step is the same.
 * - repeatable: the same seed gives the same bits, also after a restart, and no tensor is left.
 * - independent-rows: a row's gradient depends on no other row.
 * - extreme-inputs: extreme logits and uniforms give finite gradients.
 * - engine-agreement: one step is the same on all engines.
 *
 * Imports engine/, plan/, train/, variance/ and what these may import. Read subject.ts and problems.ts next, then a file of checks/;
 * exact/ holds the sums over regions of the noise, many-draws.ts makes draws by the thousand. check-task.ts is `bench check` of a task.
 */
import type { Engine } from "../engine/engine.ts";
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
import { varianceBesideReinforce } from "./checks/beside-reinforce.ts";
import type { Check } from "./outcome.ts";
import { type CheckOptions, type CheckReport, type Earlier, runChecks } from "./run-checks.ts";
import type { LabelledEstimator } from "../variance/gradient-draws.ts";
import { type Subject, subjectOf } from "./subject.ts";

/** In the order in which they run. */
export const checks: readonly Check[] = [
  runs,
  bias,
  exactExpectation,
  state,
  controlVariate,
  varianceBesideReinforce,
  decoder,
  evaluations,
  singleChanges,
  repeatable,
  independentRows,
  extremeInputs,
  engineAgreement,
];

/** Why a check cannot run: one that fails at once fails only "runs". */
function whyNot(check: Check, subject: Subject, earlier: Earlier): string | undefined {
  if (earlier.get("runs")?.state === "fail") return 'It does not run; see the check "runs".';
  const none = check !== runs && subject.admitted.length === 0;
  return none ? "Its claims admit none of the problems." : undefined;
}

/** Runs all checks, or those that `only` names, on an engine that runs tensor by tensor (wasm or cpu). */
export async function checkEstimator(
  tested: LabelledEstimator,
  engine: Engine,
  options: CheckOptions = {},
): Promise<CheckReport> {
  const subject = subjectOf(tested, engine);
  try {
    return { estimator: tested.label, ...(await runChecks(checks, subject, whyNot, options)) };
  } finally {
    await subject.close();
  }
}

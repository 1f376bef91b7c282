/**
 * `bench check` of a task: proves or refutes that a task keeps its contract (tasks/task.ts). Each check stands in a file of
 * task-checks/ that says what it tests and with which error rates. In the order in which they run:
 *
 * - traces: a step reads no value, draws no noise of its own and can be traced.
 * - repeatable: the same noise gives the same bits.
 * - static-shapes: any number of samples and rows; a cost is of its own row and sample.
 * - sample-paths: logits reach the cost through samples and declared priors alone.
 * - priors: each site whose logits see the scored data has a prior.
 * - likelihood: the cost of a model has the sign of −log p(x | z).
 * - terms: terms name the sites that they depend on, and sites their parents.
 * - elbo: training cost and log weights are of one ELBO, and weights average to one evidence.
 * - derivatives: gradients of the exact objective equal finite differences.
 * - extreme-logits: logits of ±50 give finite costs and gradients.
 * - single-changes: the faster costs of single changes are the program's.
 * - engine-agreement: costs and gradients are the same on all engines.
 * - splits: rows are finite, and none of validation or test is in training.
 * - speed: the time and memory of a step, reported.
 */
import type { DataSource } from "../../tasks/task.ts";
import type { Engine } from "../engine/engine.ts";
import type { Check } from "./outcome.ts";
import { type CheckOptions, type CheckReport, type Earlier, runChecks } from "./run-checks.ts";
import { derivatives } from "./task-checks/derivatives.ts";
import { elbo } from "./task-checks/elbo.ts";
import { extremeLogits } from "./task-checks/extreme-logits.ts";
import { likelihood } from "./task-checks/likelihood-sign.ts";
import { offeredChanges } from "./task-checks/offered-changes.ts";
import { sitePriors } from "./task-checks/priors.ts";
import { sameBits } from "./task-checks/same-bits.ts";
import { samplePaths } from "./task-checks/sample-paths.ts";
import { speed } from "./task-checks/step-cost.ts";
import { splits } from "./task-checks/splits.ts";
import { staticShapes } from "./task-checks/static-shapes.ts";
import { taskEngines } from "./task-checks/task-engines.ts";
import { costTerms } from "./task-checks/terms.ts";
import { traces } from "./task-checks/traces.ts";
import { type TaskSubject, taskSubject, type TestedTask } from "./task-scene.ts";

/** In the order in which they run. */
export const taskChecks: readonly Check<TaskSubject>[] = [
  traces,
  sameBits,
  staticShapes,
  samplePaths,
  sitePriors,
  likelihood,
  costTerms,
  elbo,
  derivatives,
  extremeLogits,
  offeredChanges,
  taskEngines,
  splits,
  speed,
];

/** The checks that trace a step, and those that compare numbers of several calls. */
const tracing: readonly Check<TaskSubject>[] = [taskEngines, speed];
const comparing: readonly Check<TaskSubject>[] = [
  ...[staticShapes, costTerms, elbo, derivatives, offeredChanges, taskEngines],
];

/** One mistake fails once: what cannot run or be compared is skipped. */
function whyNot(check: Check<TaskSubject>, _subject: TaskSubject, earlier: Earlier): string | undefined {
  const [traced, repeated] = [earlier.get("traces"), earlier.get("repeatable")];
  const stopped = traced?.state === "fail" && traced.detail.startsWith("It stopped");
  if (stopped || (traced?.state === "fail" && tracing.includes(check)))
    return 'Its step does not run; see the check "traces".';
  if (repeated?.state === "fail" && comparing.includes(check))
    return 'Its numbers differ from call to call; see the check "repeatable".';
  return undefined;
}

/** Runs all checks, or those that `only` names, on an engine that runs tensor by tensor (wasm or cpu). */
export async function checkTask(
  tested: TestedTask,
  engine: Engine,
  source: DataSource = {},
  options: CheckOptions = {},
): Promise<CheckReport> {
  const subject = taskSubject(tested, engine, source);
  return { task: tested.label, ...(await runChecks(taskChecks, subject, whyNot, options)) };
}

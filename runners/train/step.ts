/** One step of training as a pure function of tensors, which an engine runs as it is or compiles. */
import { lastGradients, onTape, stop, tf } from "../../estimators/core/autodiff.ts";
import type { Named, T } from "../../estimators/estimator.ts";
import type { Optimiser } from "../../tasks/task.ts";
import type { Group, Training } from "../engine/engine.ts";
import { counter, type Evaluations } from "./program.ts";
import { runEstimator } from "./run-estimator.ts";
import { prefixed, shapesOf, stepInputs } from "./step-inputs.ts";
import type { TrainingSetup } from "./training-setup.ts";

/** The optimiser of the estimator's parameters. */
const controlOptimiser: Optimiser = { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/**
 * The step, and the evaluations of the cost that it makes, known once it has been run or traced. The engine's optimisers
 * apply the gradients with the rates that each group names: those of the task's parameters are of the surrogate, the direct
 * terms and the auxiliary loss together; those of the estimator's parameters are of its `control`.
 */
export function trainingStep(setup: TrainingSetup): {
  training: Training;
  readonly evaluations: () => Evaluations | undefined;
} {
  const { task, initial } = setup;
  const parameters = prefixed("task", initial.parameters);
  const estimatorParameters = prefixed("own", initial.estimatorParameters);
  const [names, estimatorNames] = [Object.keys(parameters), Object.keys(estimatorParameters)];
  let counted: Evaluations | undefined;
  const body: Training["body"] = (inputs, noise) => {
    const watch = counted ? undefined : counter();
    const outputs: Named = {};
    const differentiate = (y: T, of: readonly string[]) =>
      lastGradients(
        y,
        of.map((name) => inputs[name]!),
      ).forEach((g, i) => {
        outputs[`gradient/${of[i]}`] = g;
      });
    onTape(() => {
      const { estimate, total, rowCosts } = runEstimator(setup, inputs, noise, { counter: watch });
      differentiate(total, names);
      if (estimatorNames.length > 0) differentiate(estimate.control ?? tf.scalar(0), estimatorNames);
      for (const [name, x] of Object.entries(estimate.state ?? {})) outputs[`state/state/${name}`] = stop(x);
      outputs["log/cost"] = tf.mean(rowCosts);
    });
    counted ??= watch?.count();
    return outputs;
  };
  const groups: Group[] = [{ names, optimiser: task.optimiser, rate: "learning-rate" }];
  if (estimatorNames.length > 0)
    groups.push({ names: estimatorNames, optimiser: controlOptimiser, rate: "control-rate" });
  const training: Training = {
    groups,
    parameters: { ...parameters, ...estimatorParameters },
    state: prefixed("state", initial.state),
    inputs: shapesOf(stepInputs(setup)(0, new Int32Array(task.rows))),
    body,
  };
  return { training, evaluations: () => counted };
}

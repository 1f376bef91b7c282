/**
 * Costs, log weights and gradients are finite where logits are ±50: those of q alone, those of q and of its prior with the
 * opposite sign, and with parameters before the samples scaled until a logit is ±50. p or 1 − p is then far below float32's
 * resolution. Nothing is random: there are no error rates.
 */
import { stop, tf } from "../../../estimators/core/autodiff.ts";
import type { T } from "../../../estimators/estimator.ts";
import type { Arrays } from "../../../tasks/task.ts";
import { findUpstream } from "../../train/training-setup.ts";
import { type Check, fail, pass } from "../outcome.ts";
import { mapValues } from "../subject.ts";
import { evaluate, notFiniteIn, observe, type Scene, stepValues, withProgram } from "../scene-values.ts";
import type { TaskSubject } from "../task-scene.ts";

const extreme = 50;
const mostDoublings = 12;

/** The same tensor with the values ±50 in turn, differentiable as it was. */
function atExtremes(x: T, sign: number): T {
  const values = Float32Array.from({ length: x.size }, (_, i) => (i % 2 === 0 ? sign : -sign) * extreme);
  return tf.add(x, stop(tf.sub(tf.tensor(values, x.shape), x)));
}

const replaced = (scene: Scene, sign: number, priors: boolean): Scene => ({
  ...scene,
  task: withProgram(
    scene.task,
    (program) => (trace) =>
      program({
        ...trace,
        sample: (name, logits, prior) =>
          trace.sample(name, atExtremes(logits, sign), prior && priors ? atExtremes(prior, -sign) : prior),
        prior: (name, logits) => trace.prior(name, priors ? atExtremes(logits, -sign) : logits),
      }),
  ),
});

/** The scene with upstream parameters scaled until a logit is ±50; undefined where this is not reached. */
async function scaled({ engine }: TaskSubject, scene: Scene): Promise<Scene | undefined> {
  const upstream = await findUpstream(scene.setup);
  for (let n = 1; n <= mostDoublings; n++) {
    const parameters: Arrays = mapValues(scene.parameters, (x, name) => upstream.includes(name) ? x * 2 ** n : x); // prettier-ignore
    const logits = await evaluate(engine, { ...scene, parameters }, (parts) => observe(parts).logits);
    const largest = Math.max(...Object.values(logits).map(({ values }) => values.reduce((a, x) => Math.max(a, Math.abs(x)), 0))); // prettier-ignore
    if (largest >= extreme) return { ...scene, parameters };
    if (Number.isNaN(largest)) return undefined;
  }
  return undefined;
}

export const extremeLogits: Check<TaskSubject> = {
  name: "extreme-logits",
  async run(subject) {
    const scene = await subject.whole();
    const large = await scaled(subject, scene);
    const cases = [
      { what: "logits of q at ±50", of: replaced(scene, 1, false) },
      { what: "logits of q at ∓50", of: replaced(scene, -1, false) },
      { what: "logits of q at ±50 and of priors at ∓50", of: replaced(scene, 1, true) },
      ...(large ? [{ what: "parameters scaled until a logit is ±50", of: large }] : []),
    ];
    for (const { what, of } of cases) {
      const bad = notFiniteIn(await evaluate(subject.engine, of, stepValues));
      if (bad !== undefined)
        return fail(
          `With ${what} the ${bad} is not finite. Compute logarithms of probabilities from logits (logSigmoid, softplus, logSoftmax), not from probabilities, and divide by nothing that may be zero.`,
        );
    }
    return pass(
      `Costs and gradients are finite with ${large ? "logits at ±50, also by parameters scaled" : "logits at ±50"}.`,
    );
  },
};

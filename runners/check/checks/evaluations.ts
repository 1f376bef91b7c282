/**
 * The evaluations of the cost per row and step, counted during one step of training, are those that the claims state. An
 * estimator that claims to need values only gets samples whose derivative throws. Nothing is random: there are no error
 * rates.
 */
import { tf } from "../../../estimators/core/autodiff.ts";
import { messageOf } from "../../errors.ts";
import { stream } from "../../train/noise-streams.ts";
import type { Evaluations } from "../../train/program.ts";
import { stepInputs } from "../../train/step-inputs.ts";
import { trainingStep } from "../../train/step.ts";
import { rowDraw, type SampleView } from "../gradient-draw.ts";
import { type Check, fail, pass } from "../outcome.ts";
import type { CheckProblem } from "../problems.ts";
import { seed, stepOn, type Subject } from "../subject.ts";

const noise = (problem: CheckProblem) => stream("check cost", problem.name, seed);

async function counted(subject: Subject, problem: CheckProblem): Promise<Evaluations> {
  const setup = await stepOn(subject, problem, 2);
  const { training, evaluations: found } = trainingStep(setup);
  const trainer = await subject.engine.train(training);
  await trainer.step(stepInputs(setup)(0), noise(problem), false);
  trainer.dispose();
  return found()!;
}

const derivativeTaken = "the derivative of the cost was taken";

/** The same sample, whose derivative throws. */
const withoutDerivative: SampleView = (x) =>
  tf.customGrad((sample) => ({
    value: tf.clone(sample as typeof x),
    gradFunc: () => {
      throw new Error(derivativeTaken);
    },
  }))(x);

async function takesDerivative(subject: Subject, problem: CheckProblem): Promise<boolean> {
  try {
    const draw = await rowDraw(subject.engine, await stepOn(subject, problem, 2), withoutDerivative);
    await draw.run(noise(problem));
    return false;
  } catch (error) {
    if (messageOf(error) !== derivativeTaken) throw error;
    return true;
  }
}

const written = ({ forward, backward }: Evaluations) => `${forward} forward and ${backward} backward`;

export const evaluations: Check = {
  name: "evaluations",
  async run(subject) {
    const { claims } = subject.estimator;
    const parts: string[] = [];
    for (const problem of subject.admitted) {
      const claimed = claims.evaluations(problem.definition.sites(problem.settings), subject.settings);
      const found = await counted(subject, problem);
      if (found.forward !== claimed.forward || found.backward !== claimed.backward)
        return fail(
          `On ${problem.name} it makes ${written(found)} evaluations per row and step, but claims ${written(claimed)}. Correct claims.evaluations.`,
        );
      parts.push(`${found.forward} + ${found.backward} on ${problem.name}`);
    }
    const all = `Forward + backward evaluations are as claimed: ${parts.join(", ")}.`;
    if (claims.needs !== "values") return pass(all);
    for (const problem of subject.admitted)
      if (await takesDerivative(subject, problem))
        return fail(
          `It claims to need values of the cost only, but takes its derivative on ${problem.name}. Correct claims.needs, or stop the samples.`,
        );
    return pass(`${all} It takes no derivative of the cost.`);
  },
};

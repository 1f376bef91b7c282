import { tf } from "../../../estimators/core/autodiff.ts";
import { messageOf } from "../../errors.ts";
import { stepInputs } from "../../train/step-inputs.ts";
import { trainingStep } from "../../train/step.ts";
import { stream } from "../../train/noise-streams.ts";
import type { Evaluations } from "../../train/program.ts";
import { rowDraw, type See } from "../gradient-draw.ts";
import { type Check, fail, pass, skip } from "../outcome.ts";
import type { CheckProblem } from "../problems.ts";
import { seed, sourceOf, type Subject } from "../subject.ts";

/** One step of training with its plays watched. */
async function counted(subject: Subject, problem: CheckProblem): Promise<Evaluations> {
  const source = await sourceOf(subject, problem, 2);
  const { training, evaluations } = trainingStep(source);
  const trainer = await subject.engine.train(training);
  await trainer.step(stepInputs(source)(0), stream("check cost", problem.name, seed), false);
  trainer.dispose();
  return evaluations()!;
}

const forbidden = "the derivative of the cost was asked for";

/** The same sample, whose derivative throws. */
const sealed: See = (x) =>
  tf.customGrad((given) => ({
    value: tf.clone(given as typeof x),
    gradFunc: () => {
      throw new Error(forbidden);
    },
  }))(x);

const shown = ({ forward, backward }: Evaluations) => `${forward} forward and ${backward} backward`;

export const cost: Check = {
  name: "cost",
  doc: "evaluations counted are those claimed, and values are all it asks for where it claims so",
  async run(subject) {
    const { claims } = subject.estimator;
    if (subject.admitted.length === 0) return skip("no problem admits it");
    const said: string[] = [];
    for (const problem of subject.admitted) {
      const claimed = claims.evaluations(problem.definition.sites(problem.settings), subject.settings);
      const found = await counted(subject, problem);
      if (found.forward !== claimed.forward || found.backward !== claimed.backward)
        return fail(
          `evaluations per row and step on ${problem.name} must be the ${shown(claimed)} claimed, got ${shown(found)}`,
        );
      said.push(`${found.forward}+${found.backward} on ${problem.name}`);
    }
    const all = `forward+backward as claimed: ${said.join(", ")}`;
    if (claims.needs !== "values") return pass(all);
    for (const problem of subject.admitted)
      try {
        const draw = await rowDraw(subject.engine, await sourceOf(subject, problem, 2), sealed);
        await draw.run(stream("check cost", problem.name, seed));
      } catch (error) {
        if (messageOf(error) !== forbidden) throw error;
        return fail(
          `it must need values of the cost alone, as it claims, but on ${problem.name} ${forbidden}`,
        );
      }
    return pass(`${all}; never asks for a derivative`);
  },
};

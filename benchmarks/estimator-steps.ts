/**
 * Times a step of each estimator on cat10 beside what its counted evaluations predict from `st`, 1 + 1:
 * `tsx benchmarks/estimator-steps.ts [--only NAMES] [--rounds N]`. It counts processor time, for a machine that others use.
 *
 * Predicted: st · max(1, (forward + backward)/2), as the decoder's parameters have a gradient in any case. Prints a table, the
 * largest ratio first. Each round of an estimator has a round of st beside it; ratios are medians over rounds.
 */
import { parseArgs } from "node:util";
import { createOnnxEngine } from "../runners/engine/onnx/onnx.ts";
import type { Trainer } from "../runners/engine/engine.ts";
import { settingsOf } from "../runners/plan/choose-pairs.ts";
import { stream } from "../runners/train/noise-streams.ts";
import { stepInputs } from "../runners/train/step-inputs.ts";
import { trainingStep } from "../runners/train/step.ts";
import { setUpTraining } from "../runners/train/training-setup.ts";
import { pairsOn } from "./descent.ts";
import { median } from "./measure.ts";

const { values } = parseArgs({
  options: { only: { type: "string", default: "*" }, rounds: { type: "string", default: "7" } },
});
const engine = await createOnnxEngine();
/** Milliseconds of processor time that a round takes at least. */
const leastRound = 150;

type Pair = Awaited<ReturnType<typeof pairsOn>>[number];

/** A function that runs steps for a round and returns the milliseconds of one, and the trainer. */
async function stepper({ pair, task }: Pair): Promise<{ round: () => Promise<number>; trainer: Trainer }> {
  const { estimator } = pair.estimator.entry;
  const setup = await setUpTraining(task, estimator, settingsOf(pair.estimator, task), 1);
  const trainer = await engine.train(trainingStep(setup).training);
  const inputs = stepInputs(setup);
  let step = 0;
  const round = async () => {
    const begun = process.cpuUsage();
    const spent = () => {
      const { user, system } = process.cpuUsage(begun);
      return (user + system) / 1000;
    };
    const first = step;
    while (spent() < leastRound) {
      await trainer.step(inputs(step), stream("train", task.name, 1, step), false);
      step += 1;
    }
    return spent() / (step - first);
  };
  await round();
  return { round, trainer };
}

const [plain] = await pairsOn("cat10", ["st"]);
const st = await stepper(plain!);
const rows: { name: string; evaluations: string; time: number; ratio: number }[] = [];
for (const one of await pairsOn("cat10", values.only.split(","))) {
  const { entry } = one.pair.estimator;
  const own = await stepper(one);
  const { forward, backward } = entry.estimator.claims.evaluations(
    one.task.sites,
    settingsOf(one.pair.estimator, one.task),
  );
  const predicted = Math.max(1, (forward + backward) / 2);
  const times: number[] = [];
  const ratios: number[] = [];
  for (let i = 0; i < Number(values.rounds); i++) {
    const beside = await st.round();
    times.push(await own.round());
    ratios.push(times.at(-1)! / beside / predicted);
  }
  own.trainer.dispose();
  const { label } = one.pair.estimator;
  rows.push({
    name: label,
    evaluations: `${forward} + ${backward}`,
    time: median(times),
    ratio: median(ratios),
  });
  process.stderr.write(`${label} ${median(ratios).toFixed(2)}\n`);
}
st.trainer.dispose();
await engine.close();
rows.sort((a, b) => b.ratio - a.ratio);
console.log("| estimator | evaluations | ms a step | over predicted |\n| --- | --- | --- | --- |");
for (const { name, evaluations, time, ratio } of rows)
  console.log(`| \`${name}\` | ${evaluations} | ${time.toFixed(2)} | ${ratio.toFixed(2)} |`);

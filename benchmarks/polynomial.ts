/**
 * Polynomial programming (Liu et al. 2023) end to end: the mean training cost of the last 200 of 8,000 steps, and the
 * seconds. `npx tsx benchmarks/polynomial.ts [ESTIMATOR[:OPTION=VALUE]...]`, options --power, --steps, --seed, --rows.
 *
 * At power 2 the optimum is .2025. The exact gradient's run (here local-expectation, whose estimate is exact where each
 * variable's cost is its own) ends at .20269, reinmax at .20376, st at .24751 and st-gs at .24585; st's fixed point is
 * .2475 by algebra.
 */
import { parseArgs } from "node:util";
import type { OptionSpecs } from "../estimators/estimator.ts";
import { estimators } from "../estimators/index.ts";
import { initialise, scalarsAt } from "../runners/initial.ts";
import { createOnnxEngine } from "../runners/engine/onnx.ts";
import { readOptions, resolveOptions } from "../runners/options.ts";
import { parseSelections } from "../runners/selection.ts";
import { prefixed, trainingStep } from "../runners/step.ts";
import { stream } from "../runners/streams.ts";
import polynomial from "../tasks/polynomial.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    power: { type: "string", default: "2" },
    steps: { type: "string", default: "8000" },
    seed: { type: "string", default: "1" },
    rows: { type: "string", default: "64" },
  },
});
const [power, steps, seed, rows] = [values.power, values.steps, values.seed, values.rows].map(Number) as [
  number,
  number,
  number,
  number,
];
const last = 200;
const engine = await createOnnxEngine();
const settings = resolveOptions({ power, rows }, { who: "polynomial", specs: polynomial.options });
const task = await polynomial.create(settings, {});

/** Mean cost of the last steps. */
async function endValue(name: string, options: Readonly<Record<string, string>>): Promise<number> {
  const estimator = estimators.find((one) => one.name === name);
  if (!estimator) throw new Error(`polynomial: an estimator must be registered, got ${name}`);
  const origin = { who: name, specs: estimator.options as OptionSpecs };
  const chosen = resolveOptions(readOptions(options, origin), origin);
  const initial = await initialise(task, estimator, chosen, seed);
  const source = { task, estimator, settings: chosen, initial };
  const trainer = await engine.train(trainingStep(source).training);
  const scalars = scalarsAt(source);
  const all = Int32Array.from({ length: rows }, (_, i) => i);
  const batch = prefixed("batch", task.gather("train", all));
  let total = 0;
  for (let step = 0; step < steps; step++) {
    const log = step >= steps - last;
    const fill = stream("train", task.name, seed, step);
    const logged = await trainer.step({ ...batch, ...scalars(step) }, fill, log);
    total += logged?.["cost"] ?? 0;
  }
  trainer.dispose();
  return total / last;
}

const usual = ["reinmax", "st", "st-gs"];
for (const { name, options } of parseSelections(positionals.length > 0 ? positionals : usual, "polynomial")) {
  const begun = performance.now();
  const end = await endValue(name, options);
  const seconds = (performance.now() - begun) / 1000;
  const label = [name, ...Object.entries(options).map(([key, value]) => `${key}=${value}`)].join(":");
  console.log(`${label.padEnd(24)} ${end.toFixed(5)}  ${seconds.toFixed(0)} s`);
}
await engine.close();

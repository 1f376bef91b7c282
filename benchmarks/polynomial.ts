/**
 * Polynomial programming (Liu et al. 2023) end to end: the mean training cost of the last 200 of 8,000 steps, that of hard
 * samples after the last, and seconds of processor time.
 * `npx tsx benchmarks/polynomial.ts [ESTIMATOR[:OPTION=VALUE]...]`, options --power, --steps, --seed, --rows.
 *
 * At power 2 the optimum is .2025. The exact gradient's run (here local-expectation, whose estimate is exact where each
 * variable's cost is its own) ends at .20269, reinmax at .20376, st at .24751 and st-gs at .24585; st's fixed point is
 * .2475 by algebra.
 */
import { parseArgs } from "node:util";
import { createOnnxEngine } from "../runners/engine/onnx/onnx.ts";
import { endValue, pairsOn } from "./descent.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    power: { type: "string", default: "2" },
    steps: { type: "string", default: "8000" },
    seed: { type: "string", default: "1" },
    rows: { type: "string", default: "64" },
  },
});
const usual = ["reinmax", "st", "st-gs"];
const chosen = positionals.length > 0 ? positionals : usual;
const engine = await createOnnxEngine();
for (const one of await pairsOn(`polynomial:power=${values.power},rows=${values.rows}`, chosen)) {
  const begun = process.cpuUsage();
  const settings = { steps: Number(values.steps), seed: Number(values.seed) };
  const { trained, discrete } = await endValue(engine, one, settings);
  const { user, system } = process.cpuUsage(begun);
  const said = `${trained.toFixed(5)}  ${discrete.toFixed(5)}  ${((user + system) / 1e6).toFixed(1)} s`;
  console.log(`${one.pair.estimator.label.padEnd(24)} ${said}`);
}
await engine.close();

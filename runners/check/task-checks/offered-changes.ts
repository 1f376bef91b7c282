/**
 * The costs of single changes that a model offers (`singleChanges`) are those of its program on the changed samples, up to
 * |x − y| ≤ 10⁻⁴(1 + |x|), at most 64 variables of each of two samples. Nothing is random: there are no error rates.
 */
import { type Check, fail, pass, skip } from "../outcome.ts";
import { plural } from "../../../reports/aggregate/numbers.ts";
import { evaluate, observe, type Scene } from "../scene-values.ts";
import { drawnSamples, sceneRows, type TaskSubject } from "../task-scene.ts";
import { taskRandom } from "../../train/program.ts";
import type { Values32 } from "../../../tasks/task.ts";

const tolerance = 1e-4;
const others = 2;
const mostVariables = 64;

/** The sample x [1, B, ...shape] with one of its first `count` variables at a time from `other` [n, B, ...shape]. [n · count, B, ...shape] */
function changed(x: Values32, other: Values32, variables: number, count: number): Values32 {
  const size = x.values.length / sceneRows / variables;
  const wide = x.values.length;
  const values = new Float32Array(others * count * wide);
  for (let n = 0; n < others; n++)
    for (let d = 0; d < count; d++) {
      const at = (n * count + d) * wide;
      values.set(x.values, at);
      for (let b = 0; b < sceneRows; b++) {
        const from = (b * variables + d) * size;
        values.set(other.values.subarray(n * wide + from, n * wide + from + size), at + from);
      }
    }
  return { shape: [others * count, ...x.shape.slice(1)], values };
}

export const offeredChanges: Check<TaskSubject> = {
  name: "single-changes",
  async run({ engine, whole }) {
    const scene = await whole();
    const [site, second] = scene.task.sites;
    const { name, shape, family } = site!;
    const variables = family.variables(shape);
    const count = Math.min(variables, mostVariables);
    const [x, other] = [
      (await drawnSamples(engine, scene, 1))[name]!,
      (await drawnSamples(engine, scene, others, { uniform: true }))[name]!,
    ];
    let offered = false;
    const on: Scene = { ...scene, samples: { x, other } };
    const fast = await evaluate(engine, on, ({ task, parameters, batch, noise, samples }) => {
      const { singleChanges } = task.model(parameters, batch, taskRandom(noise));
      offered = singleChanges !== undefined;
      return singleChanges ? { costs: singleChanges(samples["x"]!, samples["other"]!) } : {};
    });
    if (!offered) return skip("It offers no faster costs of single changes.");
    if (second)
      return fail("It offers singleChanges, but has several sites; only a program of one site may.");
    const costs = fast["costs"]!;
    const expected = [others, variables, sceneRows];
    if (costs.shape.join() !== expected.join())
      return fail(`singleChanges must return [n, variables, rows], here [${expected.join(", ")}], got [${costs.shape.join(", ")}].`); // prettier-ignore
    const samples = { [name]: changed(x, other, variables, count) };
    const plain = await evaluate(engine, { ...scene, samples }, (parts) => ({ costs: observe(parts).cost }));
    let worst = { size: 0, variable: 0 };
    plain["costs"]!.values.forEach((value, i) => {
      const [b, d, n] = [i % sceneRows, Math.floor(i / sceneRows) % count, Math.floor(i / sceneRows / count)];
      const size =
        Math.abs(value - costs.values[(n * variables + d) * sceneRows + b]!) / (1 + Math.abs(value));
      if (!(size <= worst.size)) worst = { size, variable: d };
    });
    return worst.size <= tolerance
      ? pass(
          `singleChanges gives the program's costs to ${worst.size.toExponential(1)} (1 + |x|), for ${plural(count, "variable")}.`,
        )
      : fail(
          `singleChanges differs from the program by ${worst.size.toExponential(1)} (1 + |x|) where variable ${worst.variable} is changed, at most ${tolerance} is allowed. It returns [n, variables, rows] of the program's costs, with one variable at a time taken from other.`,
        );
  },
};

/**
 * The cost of a model has the sign of −log p(x | z). A density vanishes far away, so that its negative logarithm rises when the
 * data move far to either side; it must not fall to both. Where it does neither, as for bits, p(x | z) is a probability and the
 * cost is not negative. Nothing is random: there are no error rates.
 */
import type { Arrays } from "../../../tasks/task.ts";
import { type Check, fail, pass, skip } from "../outcome.ts";
import { mapValues } from "../subject.ts";
import { evaluate, observe, type Scene } from "../scene-values.ts";
import type { TaskSubject } from "../task-scene.ts";
import { readPaths } from "./paths.ts";

/** How far data move, in units of the largest value. */
const far = 1e4;
const tolerance = 1e-3;
const advice = "Return −log p(x | z), the negative logarithm, in nats";

const meanOf = ({ values }: Arrays[string]) => values.reduce((a, b) => a + b, 0) / values.length;

export const likelihood: Check<TaskSubject> = {
  name: "likelihood",
  async run({ engine, whole }) {
    const scene = await whole();
    const { task, rows } = scene;
    if (task.metric !== "elbo") return skip("Its cost is no likelihood (metric: cost).");
    const scored: string[] = [];
    const costOf = async (of: Scene) => (await evaluate(engine, of, (parts) => ({ cost: observe(parts).cost })))["cost"]!; // prettier-ignore
    await evaluate(engine, scene, (parts) => {
      const { cost } = observe(parts);
      const { reaches } = readPaths([]);
      for (const [name, x] of Object.entries(parts.batch)) if (reaches([x], cost)) scored.push(name);
      return { cost };
    });
    if (scored.length === 0) return skip("Its cost depends on no data.");
    const cost = await costOf(scene);
    const least = Math.min(...cost.values);
    const data = task.gather("train", rows);
    const counts = scored.every((name) => data[name]!.values.every(Number.isInteger));
    if (counts && least >= -tolerance)
      return pass(`−log p(x | z) of its data is at least ${least.toPrecision(3)} nats.`);
    const largest = Math.max(1, ...scored.map((name) => Math.max(...data[name]!.values.map(Math.abs))));
    const movedBy = (step: number): Scene => ({
      ...scene,
      task: {
        ...task,
        gather: (split, chosen) =>
          mapValues(task.gather(split, chosen), (x, name) =>
            scored.includes(name) ? x + step * largest : x,
          ),
      },
    });
    const mean = meanOf(cost);
    const [below, above] = [meanOf(await costOf(movedBy(-far))), meanOf(await costOf(movedBy(far)))];
    if (below < Math.min(0, mean) && above < Math.min(0, mean))
      return fail(
        `Its cost falls from ${mean.toPrecision(3)} to ${Math.max(below, above).toPrecision(3)} nats when the data move far to either side, as if p(x | z) grew without bound. ${advice}; see its sign.`,
      );
    if (below > mean && above > mean)
      return pass(
        `−log p(x | z) is ${mean.toPrecision(3)} nats on average and rises when the data move away.`,
      );
    if (least < -tolerance)
      return fail(
        `Its cost is ${least.toPrecision(3)} nats at some row and sample: p(x | z) would be above 1. ${advice}; see its sign and its constants.`,
      );
    return pass(`−log p(x | z) of its data is at least ${least.toPrecision(3)} nats.`);
  },
};

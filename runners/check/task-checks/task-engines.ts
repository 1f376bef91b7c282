/**
 * Costs, log weights and gradients at fixed samples are the same on all engines that are installed, up to
 * |x − y| ≤ 10⁻⁴(1 + |x|), as float32 sums of many terms in another order. Nothing is random: there are no error rates.
 */
import { onInstalled } from "../checks/engine-agreement.ts";
import { type Check, fail, pass } from "../outcome.ts";
import { largestDifference } from "../short-training.ts";
import { evaluate, stepValues } from "../scene-values.ts";
import type { TaskSubject } from "../task-scene.ts";

const tolerance = 1e-4;

export const taskEngines: Check<TaskSubject> = {
  name: "engine-agreement",
  async run({ whole }) {
    const scene = await whole();
    return onInstalled(async ([first, ...others], rest) => {
      let worst = 0;
      const reference = await evaluate(first.engine, scene, stepValues);
      for (const { name, engine } of others) {
        const { size, where } = largestDifference(reference, await evaluate(engine, scene, stepValues));
        if (size > tolerance)
          return fail(
            `The ${where} differs between ${first.name} and ${name} by ${size.toExponential(1)} (1 + |x|), at most ${tolerance} is allowed. See operations that depend on the order or the rounding of sums, such as argMax and step of computed values.`,
          );
        worst = Math.max(worst, size);
      }
      const names = [first, ...others].map(({ name }) => name).join(", ");
      return pass(
        `Costs and gradients agree between ${names} to ${worst.toExponential(1)} (1 + |x|).${rest}`,
      );
    });
  },
};

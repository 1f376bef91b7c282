/**
 * In a model, each site whose logits see the data that the cost scores has a prior. Without one, exp(−cost) averaged over q is
 * no probability of the data, since q has seen it. Data that only condition the model, such as the upper half of an image of
 * which the lower is predicted, may be seen. Read from the tape: there are no error rates.
 */
import { tf } from "../../../estimators/core/autodiff.ts";
import { listed } from "../../../reports/aggregate/numbers.ts";
import { type Check, fail, pass, skip } from "../outcome.ts";
import { evaluate, observe } from "../scene-values.ts";
import type { TaskSubject } from "../task-scene.ts";
import { readPaths } from "./paths.ts";

export const sitePriors: Check<TaskSubject> = {
  name: "priors",
  async run({ engine, whole }) {
    const scene = await whole();
    const { metric, sites } = scene.task;
    if (metric !== "elbo") return skip("Its cost is no likelihood (metric: cost), so it needs no priors.");
    let missing: { site: string; data: readonly string[] } | undefined;
    const has: string[] = [];
    await evaluate(engine, scene, (parts) => {
      const { logits, priors, cost } = observe(parts);
      const { reaches } = readPaths(Object.values(parts.parameters));
      const seenBy = (x: typeof cost) => Object.entries(parts.batch).flatMap(([name, data]) => reaches([data], x) ? [name] : []); // prettier-ignore
      const scored = seenBy(cost);
      for (const { name } of sites) {
        const seen = seenBy(logits[name]!);
        if (priors[name]) has.push(name);
        else if (scored.length > 0 && scored.every((data) => seen.includes(data)))
          missing ??= { site: name, data: scored };
      }
      return { cost: tf.mean(cost) };
    });
    if (missing)
      return fail(
        `Site ${missing.site} has no prior, but its logits see ${listed(missing.data)}, which the cost scores: its log weight would lack log p(z) − log q(z | x). Pass the prior's logits as the third argument of sample, or call prior.`,
      );
    const others = sites.flatMap(({ name }) => (has.includes(name) ? [] : [name]));
    const parts = [
      ...(has.length > 0 ? [`${listed(has)} ${has.length > 1 ? "have priors" : "has a prior"}`] : []),
      ...(others.length > 0 ? [`${listed(others)} ${others.length > 1 ? "are" : "is"} drawn from the model itself`] : []), // prettier-ignore
    ];
    return pass(`${parts.join("; ")}.`);
  },
};

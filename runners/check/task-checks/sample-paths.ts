/**
 * The logits of a site, and the mean and variance of a normal variable, reach the cost through its samples and the divergence from its declared prior alone. With samples held
 * fixed, neither the returned cost nor a prior is computed from logits of q, or from the output of the layer that made them: a
 * divergence added by hand would be counted twice, and its gradient would be none of the model. A cost that is no likelihood may
 * have a term of the logits, such as an entropy to reward exploration. Read from the tape: there are no error rates.
 */
import { tf } from "../../../estimators/core/autodiff.ts";
import { listed } from "../../../reports/aggregate/numbers.ts";
import { type Check, fail, pass } from "../outcome.ts";
import { evaluate, observe } from "../scene-values.ts";
import type { TaskSubject } from "../task-scene.ts";
import { readPaths } from "./paths.ts";

export const samplePaths: Check<TaskSubject> = {
  name: "sample-paths",
  async run({ engine, whole }) {
    const scene = await whole();
    const { metric } = scene.task;
    const inCost: string[] = [];
    const inPrior: { site: string; prior: string }[] = [];
    await evaluate(engine, scene, (parts) => {
      const { asked, priors, cost } = observe(parts);
      const { originOf, reaches } = readPaths(Object.values(parts.parameters));
      for (const [name, distribution] of Object.entries(asked)) {
        const origin = distribution.flatMap(originOf);
        if (reaches(origin, cost)) inCost.push(name);
        for (const [prior, p] of Object.entries(priors))
          if (reaches(origin, p)) inPrior.push({ site: name, prior });
      }
      return { cost: tf.mean(cost) };
    });
    const [found] = inPrior;
    if (found)
      return fail(
        `The prior of site ${found.prior} is computed from the logits of q for ${found.site}. Compute it from parameters of its own, from samples or from what the model is conditioned on.`,
      );
    if (inCost.length > 0 && metric === "elbo")
      return fail(
        `The returned cost is computed from the distribution of ${listed(inCost)}, not only from the sample. Return −log p(x | z) alone and pass the prior to sample: the harness adds the divergence, also that of normal, which would be counted twice.`,
      );
    return pass(
      inCost.length === 0
        ? "With samples held fixed, no cost and no prior depends on the distribution of a sample."
        : `The cost has a term of the distribution of ${listed(inCost)} beside the samples, as a cost that is no likelihood may.`,
    );
  },
};

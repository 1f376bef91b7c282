export type PluginLanguage = "ts" | "js";

/** The documentation of a plug-in's argument in JavaScript. */
export const toolkitTag = '@param {import("estimator-bench").Toolkit} toolkit';

/** `my-own` as the title `My own`. */
export const titleOf = (name: string) =>
  name.replaceAll("-", " ").replace(/^./, (letter) => letter.toUpperCase());

/** The text of an estimator to start from: a score-function estimator that trains as it is. */
export function estimatorText(name: string, language: PluginLanguage): string {
  const title = titleOf(name);
  const typed = language === "ts";
  return `${typed ? 'import type { Estimator, Toolkit } from "estimator-bench";\n\n' : ""}/**
 * ${title}: the score function, each sample's cost compared with the mean of the others.
 *
 * g = 1/S Σ_s (f_s − mean of the others) ∇ log q(z_s). Unbiased, because what is taken off is independent of z_s.
${typed ? "" : ` *\n * ${toolkitTag}\n * @returns {import("estimator-bench").Estimator}\n`} */
export default ({ tf, estimator, hard, score }${typed ? ": Toolkit): Estimator" : ")"} =>
  estimator({
    name: "${name}",
    title: "${title}",
    formula: "g = 1/S Σ (f_s − mean of the others) ∇ log q(z_s)",
    options: {
      samples: { default: 2, minimum: 2, integer: true, doc: "samples per row" },
    },
    claims: {
      requires: ["density"],
      sites: "any",
      unbiased: true,
      needs: "values",
      evaluations: (_sites, { samples }) => ({ forward: Number(samples), backward: 0 }),
    },
    estimate({ run, uniform, options: { samples } }) {
      // cost and logp are [samples, rows].
      const { cost, logp } = run((site) => hard(site, uniform(site, samples)));
      const others = tf.div(tf.sub(tf.sum(cost, 0, true), cost), samples - 1);
      return { surrogate: score(cost, tf.sub(cost, others), logp) };
    },
  });
`;
}

import { stop, straightThrough, tf } from "./core/autodiff.ts";
import { chosenCodes, rotated } from "./core/code-vectors.ts";
import { forwardLogits, forwardTemperature, pathwise, samples } from "./core/shared-definition.ts";
import { hard } from "./core/toolkit.ts";
import { estimator, type Settings, type Site, type T } from "./estimator.ts";

const backwardMaps = ["softmax", "identity", "clipped", "rotation"] as const;
type BackwardMap = (typeof backwardMaps)[number];

/** What the backward pass differentiates in place of the sample. [1 or S, B, ...] */
function surrogateOf({ family, logits }: Site, map: BackwardMap, temperature: T): T {
  if (map === "softmax") return family.mean(tf.div(logits, temperature));
  return map === "identity" ? logits : tf.minimum(tf.maximum(logits, -1), 1);
}

/** The sample with its derivative. With code vectors, identity and rotation pass theirs to the points. */
function passed(site: Site, x: T, map: BackwardMap, temperature: T): T {
  if (!site.quantises || (map !== "identity" && map !== "rotation"))
    return straightThrough(x, surrogateOf(site, map, temperature));
  const { points, codebook } = site.quantises;
  const codes = stop(chosenCodes(x, codebook));
  const toPoints = straightThrough(codes, map === "rotation" ? rotated(points, codes) : points);
  return tf.concat([x, toPoints], -1);
}

/** One run with a sample that has no noise is enough: all would be alike. */
const runsOf = ({ forward, samples }: Settings) => (forward === "argmax" ? 1 : Number(samples));

/**
 * Straight-through: the forward pass uses the hard sample, the backward pass the probabilities or the logits.
 *
 * Estimate: g = J(softmax(φ/τ)) f′(D)/τ with f′ the derivative of the cost at the hard sample. For Bernoulli it is
 * f′(z)σ′(φ/τ)/τ. With `backward=identity` it is f′(D), the derivative by the logits taken for that by the sample
 * (Hinton 2012); with `backward=clipped` it is f′(D) 1[|φ| ≤ 1], that of a hard tanh. g is [S, B, ...shape].
 * The sample D is drawn from softmax(φ/τ_f): decoupled temperatures (Shah et al. 2024) where τ_f is not τ. With
 * `forward=argmax` it is the most probable outcome, and one evaluation stands for all samples.
 * Biased. It is exact at τ = τ_f = 1 for a cost that is linear in the sample. Where τ_f is not 1, or with argmax, the
 * sample follows another law than the model's.
 * Evaluations: S, each with its derivative; one with argmax.
 * For subsets of k elements the probabilities are the marginals μ = ∂ log Z_k/∂φ, and it is SIMPLE (Ahmed et al. 2023).
 * On sites with code vectors q and points e, `identity` passes the derivative by q to e (VQ-VAE, van den Oord et al. 2017) and
 * `rotation` turns it by the rotation from e to q, times ‖q‖/‖e‖ (the rotation trick, Fifty et al. 2024). Neither passes any
 * to the codebook.
 * Limits: as τ_f → 0 the sample is that of argmax; where |φ| ≤ 1 clipped is identity.
 */
export default estimator({
  name: "st",
  title: "Straight-through",
  aliases: ["straight-through", "ste", "simple"],
  identities: [{ name: "SIMPLE", when: "for subsets, at τ = 1", paper: "ahmed2023" }],
  paper: "bengio2013",
  formula: "g = J(softmax(φ/τ)) f′(D) / τ",
  options: {
    samples,
    temperature: {
      default: 1,
      minimum: 0,
      exclusive: true,
      schedule: true,
      doc: "temperature τ of the backward pass",
    },
    "forward-temperature": forwardTemperature,
    backward: {
      default: "softmax",
      choices: backwardMaps,
      doc: "map of the backward pass: softmax(φ/τ) (of a bit σ), the identity, φ clipped to ±1, or rotation of points into code vectors",
    },
    forward: {
      default: "sample",
      choices: ["sample", "argmax"],
      doc: "forward pass: a sample, or the most probable outcome, which is not from the model",
    },
  },
  claims: {
    ...pathwise,
    requires: ["mean"],
    unbiased: false,
    sampleLaw: ({ forward, "forward-temperature": temperature }) =>
      forward === "argmax" || temperature !== 1 ? "other" : "exact",
    evaluations: (_sites, options) => ({ forward: runsOf(options), backward: runsOf(options) }),
  },
  supports: (sites, { backward }) =>
    backward === "rotation" && sites.some(({ codes }) => codes === undefined)
      ? "backward=rotation turns points into code vectors, which its sites do not have"
      : undefined,
  estimate({ run, uniform, options }) {
    const { samples, temperature, backward, forward, "forward-temperature": forwardTau } = options;
    const drawn = (site: Site) =>
      forward === "argmax"
        ? stop(site.family.mode(stop(site.logits)))
        : hard(forwardLogits(site, forwardTau), uniform(site, samples));
    const { cost } = run((site) => passed(site, drawn(site), backward, temperature));
    return { surrogate: tf.mean(cost) };
  },
});

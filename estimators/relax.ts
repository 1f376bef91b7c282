import { tf } from "./core/autodiff.ts";
import {
  controlled,
  controlledRequires,
  initRelaxedCost,
  relaxedCost,
  relaxedCostOptions,
} from "./core/relaxed-control-variate.ts";
import { glorotUniform } from "./core/glorot.ts";
import { controlRate, count, samples } from "./core/shared-definition.ts";
import { estimator, type Named, type SiteSpec, type Start, type T } from "./estimator.ts";

const width = ({ shape }: SiteSpec) => shape.reduce((a, b) => a * b, 1);

/** r_ρ(z, x): one hidden layer of tanh units, which is zero before training. [S, B, ...], [B, F] → [S, B] */
function freeForm(parameters: Named, site: SiteSpec, z: T, features: T): T {
  const layer = (name: string) => parameters[`${name}/${site.name}`]!;
  const [S, B] = z.shape as [number, number];
  const fromZ = tf.reshape(tf.matMul(tf.reshape(z, [S * B, width(site)]), layer("latent")), [S, B, -1]);
  const hidden = tf.tanh(tf.add(tf.add(fromZ, tf.matMul(features, layer("observed"))), layer("bias")));
  const output: T = tf.matMul(tf.reshape(hidden, [S * B, -1]), layer("output"));
  return tf.add(tf.reshape(output, [S, B]), layer("offset"));
}

function initFreeForm({ features, options, random }: Start, site: SiteSpec): Named {
  const hidden = Number(options["hidden"]);
  const glorot = (tag: string, rows: number) =>
    glorotUniform(random(`${tag}/${site.name}`, [rows, hidden]), width(site) + features, hidden);
  return {
    [`latent/${site.name}`]: glorot("latent", width(site)),
    [`observed/${site.name}`]: glorot("observed", features),
    [`bias/${site.name}`]: tf.zeros([hidden]),
    [`output/${site.name}`]: tf.zeros([hidden, 1]),
    [`offset/${site.name}`]: tf.zeros([1]),
  };
}

/**
 * RELAX: REBAR's control variate plus a free-form network, or the network alone.
 *
 * Estimate: g = [f(b) − c(z̃)] ∇log q(b) + ∇c(z) − ∇c(z̃) with c(z) = ηf(s(z)) + r_ρ(z, x), z the perturbed logits,
 * b = H(z), z̃ ~ z | b and s the relaxation at temperature λ. r_ρ is a layer of tanh units on z and the observed
 * inputs; it is smooth because its second derivatives are needed. Each site has its own ρ, η and log λ, which minimise
 * the second moment of g. With `relaxed=false` c = r_ρ, and only values of the cost are needed.
 * Unbiased for every c.
 * Evaluations: S(1 + 2L) for L sites, those of relaxed samples with derivatives; S with `relaxed=false`.
 * Limit: before training r_ρ = 0 and it is rebar.
 */
export default estimator({
  name: "relax",
  title: "RELAX",
  aliases: ["backpropagation-through-the-void"],
  paper: "grathwohl2017",
  formula: "g = [f(b) − c(z̃)] ∇log q(b) + ∇c(z) − ∇c(z̃),  c(z) = ηf(s(z)) + r_ρ(z)",
  options: {
    samples,
    relaxed: { default: true, doc: "make the relaxed cost a part of c" },
    hidden: count(50, "tanh units of r"),
    ...relaxedCostOptions,
    "control-rate": controlRate("ρ, η and log λ"),
  },
  claims: {
    requires: controlledRequires,
    sites: "any",
    unbiased: true,
    learningSignal: "per-site",
    needs: "derivatives",
    coefficients: ["scale", "output", "offset"],
    evaluations(sites, { samples, relaxed }) {
      const runs = relaxed ? 2 * sites.length : 0;
      return { forward: Number(samples) * (1 + runs), backward: Number(samples) * runs };
    },
  },
  init(start) {
    const ofSites = start.sites.map((site) => ({
      ...initFreeForm(start, site),
      ...(start.options["relaxed"] && initRelaxedCost(site, start.options)),
    }));
    return { parameters: Object.assign({}, ...ofSites) as Named };
  },
  estimate(problem) {
    const { parameters, features, options } = problem;
    const scaled = relaxedCost(parameters);
    return controlled(problem, (site, z, relaxed) => {
      const free = freeForm(parameters, site, z, features);
      return options.relaxed ? tf.add(scaled(site, z, relaxed), free) : free;
    });
  },
});

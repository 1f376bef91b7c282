import { tf } from "./core/autodiff.ts";
import { controlled } from "./core/control-variate.ts";
import { estimator, type Named, type SiteSpec, type Start, type T } from "./estimator.ts";

const width = ({ shape }: SiteSpec) => shape.reduce((a, b) => a * b, 1);

/** r_ρ(z, x): one hidden layer of tanh units, zero before training. [S, B, ...], [B, F] → [S, B] */
function freeForm(parameters: Named, site: SiteSpec, z: T, features: T): T {
  const layer = (name: string) => parameters[`${name}/${site.name}`]!;
  const [S, B] = z.shape as [number, number];
  const product = (x: T, weights: T) => tf.matMul(x, weights);
  const fromZ = tf.reshape(product(tf.reshape(z, [S * B, width(site)]), layer("latent")), [S, B, -1]);
  const hidden = tf.tanh(tf.add(tf.add(fromZ, product(features, layer("observed"))), layer("bias")));
  const output = product(tf.reshape(hidden, [S * B, -1]), layer("output"));
  return tf.add(tf.reshape(output, [S, B]), layer("offset"));
}

function initFreeForm({ features, options, random }: Start, site: SiteSpec): Named {
  const hidden = Number(options["hidden"]);
  const inputs = width(site) + features;
  const glorot = (tag: string, rows: number) =>
    tf.mul(tf.sub(random(`${tag}/${site.name}`, [rows, hidden]), 0.5), 2 * Math.sqrt(6 / (inputs + hidden)));
  return {
    [`latent/${site.name}`]: glorot("latent", width(site)),
    [`observed/${site.name}`]: glorot("observed", features),
    [`bias/${site.name}`]: tf.zeros([hidden]),
    [`output/${site.name}`]: tf.zeros([hidden, 1]),
    [`offset/${site.name}`]: tf.zeros([1]),
  };
}

/**
 * RELAX: REBAR's control variate with a free-form network added, or the network alone.
 *
 * g = [f(b) − c(z̃)] ∇log q(b) + ∇c(z) − ∇c(z̃), c(z) = ηf(s(z)) + r_ρ(z, x), s the relaxation at temperature λ,
 * z perturbed logits, b = H(z), z̃ ~ z | b. Unbiased for every c. ρ, η and log λ, a set for each site, descend the second
 * moment of g. r_ρ is a layer of tanh units on z and the observed inputs, smooth because its second derivatives are
 * needed, and 0 before training, where g is rebar's. With `relaxed=false` c = r_ρ, nothing is asked of the cost but its
 * values. Evaluations: S, and with the relaxed cost S(1 + 2L) for L sites, those of relaxed samples with derivatives.
 */
export default estimator({
  name: "relax",
  title: "RELAX",
  aliases: ["backpropagation-through-the-void"],
  paper: "grathwohl2017",
  formula: "g = [f(b) − c(z̃)] ∇log q(b) + ∇c(z) − ∇c(z̃),  c(z) = ηf(s(z)) + r_ρ(z)",
  options: {
    samples: { default: 1, minimum: 1, maximum: 10_000, integer: true, doc: "samples per row" },
    relaxed: { default: true, doc: "whether the relaxed cost is part of c" },
    hidden: { default: 50, minimum: 1, maximum: 10_000, integer: true, doc: "tanh units of r" },
    scale: { default: 1, doc: "η before training" },
    temperature: { default: 0.5, minimum: 0, exclusive: true, doc: "temperature λ before training" },
    "control-rate": {
      default: 10,
      minimum: 0,
      doc: "learning rate of ρ, η and log λ, in units of the task's, up to .03",
    },
  },
  claims: {
    families: ["bernoulli", "categorical"],
    sites: "any",
    unbiased: true,
    needs: "derivatives",
    coefficients: ["scale", "output", "offset"],
    evaluations(sites, { samples, relaxed }) {
      const plays = relaxed ? 2 * sites.length : 0;
      return { forward: Number(samples) * (1 + plays), backward: Number(samples) * plays };
    },
  },
  init(start) {
    const { scale, temperature, relaxed } = start.options;
    const named = start.sites.map((site) => ({
      ...initFreeForm(start, site),
      ...(relaxed && {
        [`scale/${site.name}`]: tf.scalar(Number(scale)),
        [`log-temperature/${site.name}`]: tf.scalar(Math.log(Number(temperature))),
      }),
    }));
    return { parameters: Object.assign({}, ...named) as Named };
  },
  estimate(problem) {
    const { parameters, features, options } = problem;
    return controlled(problem, (site, z, relaxed) => {
      const free = freeForm(parameters, site, z, features);
      if (!options.relaxed) return free;
      const temperature = tf.exp(parameters[`log-temperature/${site.name}`]!);
      return tf.add(tf.mul(parameters[`scale/${site.name}`]!, relaxed(temperature)), free);
    });
  },
});

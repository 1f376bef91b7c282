import { stop, tf } from "../core/autodiff.ts";
import { configurations, enumerate, tooMany } from "../core/configurations.ts";
import { part } from "../core/slicing.ts";
import { logProb } from "../core/toolkit.ts";
import { capabilities, lacking } from "../distributions/family.ts";
import type {
  Claims,
  Estimate,
  Estimator,
  Named,
  OptionSpecs,
  Problem,
  Run,
  Sample,
  Settings,
  SiteSpec,
  T,
} from "../estimator.ts";
import { combination, type Combinator, innerOptions, needsMeanCost, outerOptions } from "./wrapper.ts";

/** Moves enumerated configurations from the samples to the rows. [N·S or 1, B, ...] → [S or 1, N·B, ...] */
function toRows(x: T, N: number): T {
  if (N === 1) return x;
  const [n, B, ...rest] = x.shape as [number, number, ...number[]];
  if (n === 1) return tf.tile(x, [1, N, ...rest.map(() => 1)]);
  return tf.reshape(tf.transpose(tf.reshape(x, [N, n / N, -1]), [1, 0, 2]), [n / N, N * B, ...rest]);
}

/** The inverse. [S, N·B, ...] → [N·S, B, ...] */
function toSamples(x: T, N: number): T {
  if (N === 1) return x;
  const [S, NB, ...rest] = x.shape as [number, number, ...number[]];
  return tf.reshape(tf.transpose(tf.reshape(x, [S, N, -1]), [1, 0, 2]), [N * S, NB / N, ...rest]);
}

/** The probability of the enumerated outcomes, 1 where there are none. [N·S, B] */
const weightOf = (drawn: Run["drawn"]): T => (drawn.length === 0 ? tf.scalar(1) : tf.exp(logProb(drawn)));

const withPrefix = (prefix: string, values: Named = {}): Named =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}/${name}`, value]));

const withoutPrefix = (prefix: string, values: Named): Named =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) =>
      name.startsWith(`${prefix}/`) ? [[name.slice(prefix.length + 1), value]] : [],
    ),
  );

/** The inner estimator of a site, with its options. */
interface Rule {
  readonly site: SiteSpec;
  readonly estimator: Estimator;
  readonly options: Settings;
}

const enumerates = ({ estimator }: Rule) => estimator.claims.siteRule === "enumeration";

/** One evaluation, of which N configurations of the enumerated sites are samples. */
interface Evaluation {
  readonly whole: Run;
  readonly exact: readonly SiteSpec[];
  readonly N: number;
}

/**
 * The run as the estimator of the site at a position sees it: the enumerated sites after it are summed out of the cost, and the
 * outcomes of those before it are further rows, with their weight. The cost has no derivative here.
 */
function viewAt({ whole, exact, N }: Evaluation, sites: readonly SiteSpec[], position: number) {
  const isBefore = ({ name }: SiteSpec) => sites.findIndex((site) => site.name === name) < position;
  const isExact = ({ name }: SiteSpec) => exact.some((site) => site.name === name);
  const enumerated = whole.drawn.filter(({ site }) => isExact(site));
  const before = configurations(exact.filter(isBefore));
  const after = N / before;
  const shares = stop(weightOf(enumerated.filter(({ site }) => !isBefore(site))));
  /** [N·S, ...] → [before, after, S·...] */
  const apart = (x: T) => tf.reshape(x, [before, after, -1]);
  const together = (x: T, like: T) => tf.reshape(x, [like.shape[0] / after, ...like.shape.slice(1)]);
  const summed = (cost: T) => {
    const weighted = tf.mul(stop(cost), shares);
    return toRows(after === 1 ? weighted : together(tf.sum(apart(weighted), 1), weighted), before);
  };
  /** Of a tensor that is the same for all outcomes of the sites after. */
  const first = (x: T) =>
    toRows(after === 1 || x.shape[0] === 1 ? x : together(part(apart(x), 1, 0, 1), x), before);
  const { site, x } = whole.drawn[position]!;
  const drawn = [{ site: { ...site, index: 0, logits: first(site.logits) }, x: first(x) }];
  const run: Run = {
    cost: summed(whole.cost),
    costOf: () => summed(tf.add(whole.costOf(site), tf.zerosLike(whole.cost))),
    drawn,
    get logp() {
      return logProb(drawn);
    },
  };
  const weights = stop(weightOf(enumerated.filter(({ site }) => isBefore(site))));
  const weight =
    before === 1 ? tf.scalar(1) : tf.mul(before, first(tf.add(weights, tf.zerosLike(whole.cost))));
  return { run, weight };
}

/**
 * Mixed strategies: each layer has an estimator of its own. `-e mixed:a=exact,b=rloo,b.samples=2` names them by layer, and `of`
 * is that of the other layers.
 *
 * Estimate: g = ∇ Σ_e q(e) f + Σ_c Σ_e q(e) l_c ∇log q(z_c), with e the enumerated layers, c those of a score function with the
 * learning signal l_c. Layers of a pathwise estimator give their samples, through which f and all log q are differentiated. The
 * signal of c is made from the cost with the enumerated layers after c summed out.
 * Unbiased where all inner estimators are (Schulman et al. 2015). Relaxed samples give the gradient of the cost of such samples.
 * Evaluations: S for each configuration of the enumerated layers, with derivatives if one layer is pathwise.
 * Limits: with one estimator for all layers it is that estimator; with `exact` alone it has no variance.
 */
const mixed: Combinator = {
  name: "mixed",
  title: "Mixed strategies",
  paper: "schulman2015",
  doc: "gives each layer an estimator of its own, `a=exact,b=rloo` with options `b.NAME`; other layers have the inner estimator",
  formula: "g = ∇ Σ_e q(e) f + Σ_c Σ_e q(e) l_c ∇ log q(z_c)",
  options: {
    of: { default: "rloo", doc: "estimator of layers that are not named; its options are written of.NAME" },
  },
  perSite: true,
  accepts(inner) {
    const { name, claims } = inner;
    const why = needsMeanCost(inner);
    if (why !== undefined) return why;
    const known = claims.siteRule ?? (claims.learningSignal === "joint" ? "score" : undefined);
    if (known === undefined || claims.sites === "one")
      return `it mixes exact enumeration, score functions with one learning signal for all layers and estimators that only answer the sampler; ${name} is none of these`;
    return "control-rate" in (inner.options as object) || claims.coefficients
      ? `it mixes estimators without parameters of their own; ${name} has some`
      : undefined;
  },
  combine(inner, named = {}) {
    const all = Object.entries(named);
    const rulesOf = (sites: readonly SiteSpec[], options: Settings): Rule[] =>
      sites.map((site) => {
        const slot = Object.hasOwn(named, site.name) ? site.name : "of";
        return { site, estimator: named[site.name] ?? inner, options: innerOptions(options, slot) };
      });
    const samplesOf = ({ site, estimator, options }: Rule) =>
      estimator.claims.evaluations([site], options).forward;
    const sizes = (sites: readonly SiteSpec[], options: Settings) => {
      const rules = rulesOf(sites, options);
      const exact = rules.filter(enumerates).map(({ site }) => site);
      const others = rules.filter((rule) => !enumerates(rule));
      return { rules, others, exact, N: configurations(exact), S: others[0] ? samplesOf(others[0]) : 1 };
    };
    const titles = all.map(([site, { title }]) => `${site} by ${title}`);
    /** The claims of a mixture of the estimators in these options. */
    const claimsOf = (slots: readonly (readonly [string, Estimator])[]): Claims => {
      const some = (claim: (estimator: Estimator) => boolean) =>
        slots.some(([, estimator]) => claim(estimator));
      return {
        requires: capabilities.filter((one) => !some(({ claims }) => !claims.requires.includes(one))),
        sites: "any",
        unbiased: !some(({ claims }) => claims.unbiased !== true),
        needs: some(({ claims }) => claims.needs === "derivatives") ? "derivatives" : "values",
        ...(some(({ claims }) => claims.relaxed === true) && { relaxed: true }),
        ...(some(({ claims }) => claims.sampleLaw !== undefined) && {
          sampleLaw: (options, sites) => {
            const laws = rulesOf(sites, options).map((rule) =>
              rule.estimator.claims.sampleLaw?.(rule.options, [rule.site]),
            );
            return laws.includes("other") ? "other" : "exact";
          },
        }),
        evaluations(sites, options) {
          const { rules, N, S } = sizes(sites, options);
          const derived = rules.some(({ estimator }) => estimator.claims.needs === "derivatives");
          return { forward: N * S, backward: derived ? N * S : 0 };
        },
      };
    };
    const combined = combination(mixed, inner, {
      title: all.length === 0 ? `${inner.title}, mixed` : `Mixed strategies: ${titles.join(", ")}`,
      supports(sites, options) {
        const { rules, others, exact, S } = sizes(sites, options);
        const names = sites.map(({ name }) => name);
        const absent = Object.keys(named).find((name) => !names.includes(name));
        if (absent !== undefined)
          return `there is no layer "${absent}"; the layers are ${names.join(" and ")}`;
        for (const { site, estimator } of rules) {
          const needed = lacking(site.family, estimator.claims.requires);
          if (needed !== undefined)
            return `${estimator.name} needs ${needed}; those of layer "${site.name}" are ${site.family.name}`;
        }
        const other = others.find((rule) => samplesOf(rule) !== S);
        if (other)
          return `all sampled layers need as many samples; layer "${others[0]!.site.name}" has ${S}, "${other.site.name}" ${samplesOf(other)}`;
        const whys = others.map((rule) => rule.estimator.supports?.([rule.site], rule.options));
        return whys.find((why) => why !== undefined) ?? tooMany(exact);
      },
      init(start) {
        const states = rulesOf(start.sites, start.options).map(({ site, estimator, options }) => {
          const random: typeof start.random = (tag, shape) => start.random(`${site.name}/${tag}`, shape);
          return withPrefix(site.name, estimator.init?.({ ...start, sites: [site], options, random }).state);
        });
        return { state: Object.assign({}, ...states) as Named };
      },
      estimate(problem) {
        const { sites, rows } = problem;
        const { others, exact, N, S } = sizes(sites, problem.options as Settings);
        const samplers = new Map<string, Sample>();
        exact.forEach(({ name, shape }, index) =>
          samplers.set(name, () => {
            const ones = shape.map(() => 1);
            const table = tf.tensor(enumerate(exact, index), [1, N, 1, ...shape]);
            return tf.reshape(tf.tile(table, [S, 1, rows, ...ones]), [S, N * rows, ...shape]);
          }),
        );
        const estimates: Estimate[] = [];
        /** Collects the samplers of the others, each in the run of the one before, then evaluates the program once. */
        const evaluate = (k: number): Evaluation => {
          const rule = others[k];
          if (rule === undefined) {
            const whole = problem.run((site) => {
              const asked = { ...site, logits: toRows(site.logits, N) };
              return toSamples(samplers.get(site.name)!(asked), N);
            });
            return { whole, exact, N };
          }
          const { site, estimator, options } = rule;
          let weight: T = tf.scalar(1);
          let evaluation: Evaluation | undefined;
          const inside: Problem = {
            ...problem,
            ...{ sites: [site], rows: N * rows, options, parameters: {} },
            features: N === 1 ? problem.features : tf.tile(problem.features, [N, 1]),
            state: withoutPrefix(site.name, problem.state),
            uniform(of, samples, tag = "") {
              const own = "name" in of ? tag : `${site.name}/${tag}`;
              const drawn = problem.uniform(of, samples, own);
              return N === 1 ? drawn : tf.tile(drawn, [1, N, ...drawn.shape.slice(2).map(() => 1)]);
            },
            learningSignal: (signal, of) => tf.mul(problem.learningSignal(signal, of), weight),
            run(sample) {
              if (samplers.has(site.name))
                throw new Error(`${estimator.name} runs the program twice; mixed has one evaluation`);
              samplers.set(site.name, sample);
              const view = viewAt((evaluation = evaluate(k + 1)), sites, sites.indexOf(site));
              weight = view.weight;
              return view.run;
            },
          };
          estimates[k] = estimator.estimate(inside);
          if (evaluation === undefined) throw new Error(`${estimator.name} must run the program`);
          return evaluation;
        };
        const { whole } = evaluate(0);
        const weight = weightOf(
          whole.drawn.filter(({ site }) => exact.some(({ name }) => name === site.name)),
        );
        const cost =
          N === 1
            ? whole.cost
            : tf.reshape(tf.sum(tf.reshape(tf.mul(weight, whole.cost), [N, -1]), 0), [
                whole.cost.shape[0] / N,
                rows,
              ]);
        const states = estimates.map(({ state }, k) => withPrefix(others[k]!.site.name, state));
        return {
          surrogate: estimates.reduce((sum, { surrogate }) => tf.add(sum, surrogate), tf.mean(cost)),
          cost: tf.mean(cost, 0),
          state: Object.assign({}, ...states) as Named,
        };
      },
    });
    const options: OptionSpecs = { ...mixed.options, ...outerOptions(inner) };
    for (const [site, one] of all) {
      const doc = `estimator of the layer ${site}; its options are written ${site}.NAME`;
      Object.assign(options, { [site]: { default: one.name, doc } }, outerOptions(one, site));
    }
    return {
      ...combined,
      options,
      claims: claimsOf([["of", inner], ...all]),
      on(sites) {
        const isNamed = sites.every(({ name }) => Object.hasOwn(named, name));
        return isNamed ? { ...this, claims: claimsOf(all) } : this;
      },
    };
  },
};
export default mixed;

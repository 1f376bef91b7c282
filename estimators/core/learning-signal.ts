/**
 * Operations on the learning signal of a score-function estimator: what multiplies ∇log q(z), which is the cost less a
 * baseline and a control variate (Mnih & Gregor 2014, section 2.3 and appendix; C, IDB and VN in Gu et al. 2015).
 *
 * An estimator has one signal [S, B] for all sites, or one for each site, [S, B] or [S, B, ...] by variable. All that is
 * subtracted or divided by depends on inputs and past steps only.
 */
import { stop, tf } from "./autodiff.ts";
import { glorotUniform } from "./glorot.ts";
import { lift, movingAverage, pastMean } from "./toolkit.ts";
import type { Named, Problem, SiteSpec, Start, T } from "../estimator.ts";

/** An operation on the signals of an estimator. */
export interface SignalOperation {
  /** Parameters and state before training, for these sites; none if the sites share one signal. */
  init(start: Start, sites: readonly SiteSpec[]): { parameters?: Named; state: Named };
  step(problem: Pick<Problem, "features" | "parameters" | "state">): SignalStep;
}

/** An operation during one step: `apply` is called for every signal, then the rest. */
export interface SignalStep {
  /** A factor of the gradient of all logits, for a signal that all sites share. It depends on past steps only. */
  readonly factor?: T;
  /** The changed signal, off the tape. */
  apply(signal: T, site?: SiteSpec): T;
  /** A scalar that the operation's parameters minimise. */
  control(): T | undefined;
  /** The next state. */
  state(): Named;
}

const nameOf = (name: string, site: SiteSpec | undefined) => (site ? `${name}/${site.name}` : name);

const eachSite = (sites: readonly SiteSpec[], make: (site: SiteSpec | undefined) => Named): Named =>
  Object.assign({}, ...(sites.length > 0 ? sites.map(make) : [make(undefined)])) as Named;

/** Moving averages of scalars by name, which share the name of their weight. */
function averages(state: Named, weightName: string, decay: number) {
  const weight = state[weightName]!;
  const seen = new Map<string, T[]>();
  return {
    past: (name: string) => pastMean(state[name]!, weight),
    /** Several values of one name and step are averaged. */
    see: (name: string, value: T) => seen.set(name, [...(seen.get(name) ?? []), tf.mean(value)]),
    next: (): Named => ({
      ...Object.fromEntries(
        [...seen].map(([name, values]) => [
          name,
          movingAverage(state[name]!, tf.mean(tf.stack(values)), decay),
        ]),
      ),
      [weightName]: movingAverage(weight, tf.scalar(1), decay),
    }),
  };
}

/** B_ψ(x): one hidden layer of tanh units on the centred inputs. [B, F] → [1, B] */
function predict(parameters: Named, site: SiteSpec | undefined, centred: T): T {
  const of = (name: string) => parameters[nameOf(`baseline-${name}`, site)]!;
  const hidden = tf.tanh(tf.add(tf.matMul(centred, of("hidden")), of("bias")));
  return tf.reshape(tf.add(tf.matMul(hidden, of("output")), of("offset")), [1, -1]);
}

/** The parameters of B_ψ that are zero where there is none. */
export const predictionCoefficients = ["baseline-output", "baseline-offset"] as const;

/**
 * Centring, and the input-dependent baseline: l − B_ψ(x) − m, with m the moving average of l − B_ψ(x) over past steps,
 * which starts from `first`. ψ minimises the mean square of the result. B_ψ has `hidden` units; 0 leaves it out.
 */
export const centring = (hidden: number, decay: number, first: number): SignalOperation => ({
  init({ features, random }, sites) {
    const weight = 1 - decay;
    const glorot = (tag: string, inputs: number, outputs: number) =>
      glorotUniform(random(tag, [inputs, outputs]), inputs, outputs);
    const parameters = eachSite(sites, (site) => ({
      [nameOf("baseline-hidden", site)]: glorot(nameOf("hidden", site), features, hidden),
      [nameOf("baseline-bias", site)]: tf.zeros([hidden]),
      [nameOf("baseline-output", site)]: glorot(nameOf("output", site), hidden, 1),
      [nameOf("baseline-offset", site)]: tf.zeros([1]),
    }));
    const state = {
      ...eachSite(sites, (site) => ({ [nameOf("centre", site)]: tf.scalar(weight * first) })),
      "centre-weight": tf.scalar(weight),
    };
    if (hidden === 0) return { state };
    return { parameters, state: { ...state, inputs: tf.zeros([features]), seen: tf.scalar(0) } };
  },
  step({ features, parameters, state }) {
    const { past, see, next } = averages(state, "centre-weight", decay);
    const centred = hidden > 0 && tf.sub(features, pastMean(state["inputs"]!, state["seen"]!));
    const losses: T[] = [];
    return {
      apply(signal, site) {
        const given = stop(signal);
        const residual = centred ? tf.sub(given, lift(predict(parameters, site, centred), given)) : given;
        const result = tf.sub(residual, past(nameOf("centre", site)));
        see(nameOf("centre", site), residual);
        losses.push(tf.mean(tf.square(result)));
        return stop(result);
      },
      control: () => (centred ? losses.reduce((sum, loss) => tf.add(sum, loss)) : undefined),
      state: () => ({
        ...next(),
        ...(centred && {
          inputs: movingAverage(state["inputs"]!, tf.mean(features, 0), decay),
          seen: movingAverage(state["seen"]!, tf.scalar(1), decay),
        }),
      }),
    };
  },
});

/**
 * Variance normalisation: l / max(1, σ), with σ² the variance of past signals. Before the first step it is the variance
 * of the pilot's cost, or the mean square of that where the signal is not centred, so that no first step is as large as
 * the cost.
 *
 * A signal that all sites share, or that of the only site, stays as it is, and 1 / max(1, σ) is the factor of the gradient of
 * the logits. To divide the signal alone would multiply the weight of divergences in closed form by σ.
 */
export const scaling = (decay: number, centred: boolean): SignalOperation => ({
  init({ pilot }, sites) {
    const { mean, variance } = pilot();
    const weight = 1 - decay;
    const square = weight * (centred ? variance : variance + mean ** 2);
    return {
      state: {
        ...eachSite(sites, (site) => ({
          [nameOf("scale-mean", site)]: tf.scalar(0),
          [nameOf("scale-square", site)]: tf.scalar(square),
        })),
        "scale-weight": tf.scalar(weight),
      },
    };
  },
  step({ state }) {
    const { past, see, next } = averages(state, "scale-weight", decay);
    const deviation = (site?: SiteSpec) => {
      const variance = tf.sub(
        past(nameOf("scale-square", site)),
        tf.square(past(nameOf("scale-mean", site))),
      );
      return tf.maximum(1, tf.sqrt(tf.relu(variance)));
    };
    const shared = "scale-mean" in state;
    return {
      ...(shared && { factor: stop(tf.div(1, deviation())) }),
      apply(signal, site) {
        see(nameOf("scale-mean", site), signal);
        see(nameOf("scale-square", site), tf.square(signal));
        return shared ? stop(signal) : stop(tf.div(signal, deviation(site)));
      },
      control: () => undefined,
      state: next,
    };
  },
});

import { tf } from "./core/autodiff.ts";
import { centring, predictionCoefficients, scaling, type SignalOperation } from "./core/learning-signal.ts";
import { controlRate, count, decay, perSample, samples } from "./core/shared-definition.ts";
import { hard, score } from "./core/toolkit.ts";
import { estimator, type Named, type Settings } from "./estimator.ts";

const merged = (records: readonly Named[]): Named => Object.assign({}, ...records) as Named;

/** Centring with the baseline of the inputs, then the division if asked for. `first` is the past mean cost. */
function operations({ hidden, decay, normalise }: Settings, first = 0): SignalOperation[] {
  const centred = centring(Number(hidden), Number(decay), first);
  return normalise === true ? [centred, scaling(Number(decay), true)] : [centred];
}

/**
 * NVIL: REINFORCE with an input-dependent baseline and variance normalisation, LR-C-VN-IDB in Gu et al. 2015.
 *
 * Estimate: g = (f − b − B_ψ(x)) / max(1, σ) ∇ log q(z). ψ minimises (f − b − B_ψ(x))². b is the moving average of
 * f − B_ψ(x) over past steps, and σ² the variance of past f − b − B_ψ(x). Both start from the pilot. Inputs are centred
 * by their moving average.
 * Unbiased up to the positive factor max(1, σ), which depends on past steps only and divides the gradients of divergences
 * in closed form as well.
 * Evaluations: S.
 * Limit: without normalisation and with B_ψ = 0 it is reinforce at the same decay.
 */
export default estimator({
  name: "nvil",
  title: "NVIL (input-dependent baseline)",
  aliases: ["neural-variational-inference"],
  paper: "mnih2014",
  formula: "g = (f(z) − b − B_ψ(x)) / max(1, σ) ∇ log q(z)",
  options: {
    samples,
    hidden: count(100, "tanh units of the baseline"),
    decay: decay(0.8, "decay of the moving averages"),
    normalise: { default: true, doc: "divide by the standard deviation σ where it is above 1" },
    "control-rate": controlRate("the baseline"),
  },
  claims: { ...perSample, unbiased: "direction", coefficients: [...predictionCoefficients] },
  init(start) {
    const made = operations(start.options, start.pilot().mean).map((operation) => operation.init(start, []));
    return {
      parameters: merged(made.map(({ parameters }) => parameters ?? {})),
      state: merged(made.map(({ state }) => state)),
    };
  },
  estimate(problem) {
    const { run, uniform, options } = problem;
    const steps = operations(options).map((operation) => operation.step(problem));
    const factor = steps.find((step) => step.factor)?.factor;
    const { cost, logp } = run((site) => hard(site, uniform(site, options.samples)), factor);
    const signal = steps.reduce((changed, step) => step.apply(changed), cost);
    return {
      surrogate: score(cost, signal, logp),
      control: steps[0]!.control() ?? tf.scalar(0),
      state: merged(steps.map((step) => step.state())),
    };
  },
});

/** Combinators that change the learning signal of another estimator. */
import { tf } from "../core/autodiff.ts";
import type { SignalOperation } from "../core/learning-signal.ts";
import type { Claims, Estimator, Settings } from "../estimator.ts";
import { combination, type Combinator, estimateWith, inherited } from "./wrapper.ts";

interface SignalCombinator extends Omit<Combinator, "accepts" | "combine"> {
  /** The title of the combination, from that of the inner estimator. */
  readonly titleOf: (inner: string) => string;
  readonly claimsOf: (inner: Claims) => Partial<Claims>;
  readonly operation: (options: Settings) => SignalOperation;
}

/** The combinator whose estimate is that of the inner estimator with its learning signals changed by an operation. */
export function signalCombinator(definition: SignalCombinator): Combinator {
  const { titleOf, claimsOf, operation, ...described } = definition;
  const combinator: Combinator = {
    ...described,
    accepts({ name, claims }) {
      if (name === described.name) return "it wraps an estimator once";
      if (claims.learningSignal) return undefined;
      return `it wraps estimators with a learning signal, which multiplies ∇log q(z); ${name} states none`;
    },
    combine: (inner: Estimator) =>
      combination(combinator, inner, {
        title: titleOf(inner.title),
        claims: claimsOf(inner.claims),
        init(start) {
          const made = inherited(inner).init(start);
          const ofEach = inner.claims.learningSignal === "per-site" && start.sites.length > 1;
          const sites = ofEach ? start.sites : [];
          const own = operation(start.options).init(start, sites);
          const held = { ...made.parameters, ...made.state };
          if (Object.keys({ ...own.parameters, ...own.state }).some((name) => held[name]))
            throw new Error(`${described.name}: it wraps an estimator once, and ${inner.name} has it`);
          return {
            parameters: { ...made.parameters, ...own.parameters },
            state: { ...made.state, ...own.state },
          };
        },
        estimate(problem) {
          const step = operation(problem.options as Settings).step(problem);
          let used = false;
          const estimate = estimateWith(inner, {
            ...problem,
            run: (sample, factor) =>
              problem.run(
                sample,
                factor && step.factor ? tf.mul(factor, step.factor) : (factor ?? step.factor),
              ),
            learningSignal(signal, site) {
              used = true;
              const own = problem.sites.length > 1 ? site : undefined;
              return problem.learningSignal(step.apply(signal, own), site);
            },
          });
          if (!used)
            throw new Error(`${inner.name} claims a learning signal, and must pass it to learningSignal`);
          const controls = [estimate.control, step.control()].filter((control) => control !== undefined);
          return {
            ...estimate,
            ...(controls.length > 0 && { control: controls.reduce((a, b) => tf.add(a, b)) }),
            state: { ...estimate.state, ...step.state() },
          };
        },
      }),
  };
  return combinator;
}

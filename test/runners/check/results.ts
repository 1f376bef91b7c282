/** The results of `bench check` on an estimator that a test makes. */
import type { Estimator, OptionSpecs, Settings } from "../../../estimators/estimator.ts";
import { checkEstimator } from "../../../runners/check/index.ts";
import { wasmEngine } from "../../../runners/engine/wasm/wasm-backend.ts";
import { resolveOptions } from "../../../runners/options/resolve.ts";

/** The checks that `npm test` runs of everything. */
export const mainChecks = ["runs", "bias", "exact-expectation", "state", "evaluations"];

/** Runs all checks, or those named. `text` has a line per check, for messages. */
export async function resultsOf(estimator: Estimator, only?: readonly string[], options: Settings = {}) {
  const { name } = estimator;
  const settings = resolveOptions(options, { who: name, specs: estimator.options as OptionSpecs });
  const tested = { estimator, settings, label: name };
  const { checks } = await checkEstimator(tested, await wasmEngine(), only ? { only } : {});
  const named = (state: string) => checks.flatMap((one) => (one.state === state ? [one.name] : []));
  return {
    checks,
    passed: named("pass"),
    failed: named("fail"),
    text: checks.map((one) => `${one.state} ${one.name}: ${one.detail}`).join("\n"),
  };
}

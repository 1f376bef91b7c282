/** What was measured of the estimators on the toys (docs/estimators.json), with the evaluations that a draw spends there. */
import { drawsOnToys, storedRows, type EstimatorRows } from "../benchmarks/estimator-rows.ts";
import type { OptionSpecs } from "../estimators/estimator.ts";
import { openRegistry, type EstimatorEntry } from "../runners/plan/registry.ts";
import { resolveOptions } from "../runners/options/resolve.ts";
import { tasks } from "../tasks/index.ts";

export interface Measured {
  readonly entry: EstimatorEntry;
  readonly rows: EstimatorRows;
  /** By toy, where it runs. */
  readonly on: ReadonlyMap<string, ToyMeasure>;
}

export interface ToyMeasure {
  readonly variance: number;
  /** With its standard error. */
  readonly text: string;
  /** Forward and backward, of a draw on this toy. */
  readonly evaluations: number;
  /** Variance times evaluations: the squared error of one evaluation, as draws can be averaged. */
  readonly atEqualCost: number;
}

const toys = Object.keys(drawsOnToys);

const defaults = (who: string, specs: OptionSpecs) => resolveOptions({}, { who, specs });

function toyMeasure({ estimator, name }: EstimatorEntry, toy: string, text: string): ToyMeasure {
  const task = tasks.find((one) => one.name === toy)!;
  const sites = task.sites(defaults(toy, task.options));
  const { claims } = estimator.on?.(sites) ?? estimator;
  const { forward, backward } = claims.evaluations(sites, defaults(name, estimator.options as OptionSpecs));
  const [variance, evaluations] = [Number(text.split(" ")[0]), forward + backward];
  return { variance, text, evaluations, atEqualCost: variance * evaluations };
}

/** All estimators of the registry that were measured. */
export async function measuredEstimators(): Promise<Measured[]> {
  const rows = storedRows();
  const { estimators } = await openRegistry();
  return estimators.flatMap((entry) => {
    const own = rows[entry.name];
    if (own === undefined) return [];
    const on = toys.flatMap((toy, i): [string, ToyMeasure][] =>
      own.variances[i] === "–" ? [] : [[toy, toyMeasure(entry, toy, own.variances[i]!)]],
    );
    return [{ entry, rows: own, on: new Map(on) }];
  });
}

/** The estimators that run on a toy, best first by a measure. */
export const rankedOn = (
  all: readonly Measured[],
  toy: string,
  by: "variance" | "atEqualCost",
): (Measured & { readonly at: ToyMeasure })[] =>
  all
    .flatMap((one) => (one.on.has(toy) ? [{ ...one, at: one.on.get(toy)! }] : []))
    .sort((a, b) => a.at[by] - b.at[by]);

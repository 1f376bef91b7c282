/** Exact toys: a few variables with logits as parameters, a cost in closed form, rows that are all alike. */
import { tf } from "../../estimators/core/autodiff.ts";
import type { Named, OptionSpecs, Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import type { Optimiser, Random, Task } from "../task.ts";

/** The options that every toy has. */
export const toyOptions = {
  rows: { default: 1, minimum: 1, maximum: 1000000, integer: true, doc: "rows of a step, all alike" },
  "learning-rate": { default: 0.1, minimum: 0, doc: "of Adam" },
} as const satisfies OptionSpecs;

export interface Toy {
  readonly name: string;
  readonly sites: readonly SiteSpec[];
  /** Adam unless said. */
  readonly optimiser?: Optimiser;
  init(random: Random): Named;
  /** The cost [S, B] of a play. Logits given to `sample` are [...shape] and are repeated for every row. */
  cost(parameters: Named, sample: (name: string, logits: T) => T): T;
}

/** Rows there are at least, so that the cost is a mean of so many draws, however small the batch. */
const evaluated = 1000;

/** A tensor of the step's own constants, [..., n]. */
export const vector = (values: readonly number[]): T => tf.tensor1d([...values]);

export function createToy(toy: Toy, settings: Settings): Promise<Task> {
  const rows = Number(settings["rows"]);
  const shapes = new Map(toy.sites.map(({ name, shape }) => [name, shape]));
  const program =
    (parameters: Named, batch: Named) =>
    (sample: (name: string, logits: T) => T): T =>
      toy.cost(parameters, (name, logits) => {
        const shape = shapes.get(name)!;
        const shared = logits.rank === shape.length;
        const B = batch["features"]!.shape[0];
        return sample(name, shared ? tf.tile(tf.expandDims(logits, 0), [B, ...shape.map(() => 1)]) : logits);
      });
  return Promise.resolve({
    name: toy.name,
    options: settings,
    sites: toy.sites,
    features: 1,
    rows,
    optimiser: toy.optimiser ?? { kind: "adam", beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
    learningRate: () => Number(settings["learning-rate"]),
    metric: "cost",
    splits: { train: Math.max(rows, evaluated), valid: 0, test: 0 },
    sums: {},
    init: (random) => toy.init(random),
    build: (parameters, batch) => ({ program: program(parameters, batch) }),
    negativeLogWeight: (parameters, batch) => program(parameters, batch),
    gather: (_split, chosen) => ({
      features: { shape: [chosen.length, 1], values: new Float32Array(chosen.length) },
    }),
  });
}

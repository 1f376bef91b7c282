/** Exact toys: a few variables with logits as parameters, a cost in closed form, and rows that are all alike. */
import { tf } from "../../estimators/core/autodiff.ts";
import type { Named, OptionSpecs, Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import type { Optimiser, Random, Task, TaskDefinition, Term, Trace } from "../task.ts";

/** The options that every toy has. */
export const toyOptions = {
  rows: { default: 1, minimum: 1, maximum: 1000000, integer: true, doc: "rows of a step, all alike" },
  "learning-rate": { default: 0.1, minimum: 0, doc: "learning rate of Adam" },
} as const satisfies OptionSpecs;

export interface Toy {
  readonly name: string;
  readonly sites: readonly SiteSpec[];
  /** Adam by default. */
  readonly optimiser?: Optimiser;
  init(random: Random): Named;
  /** The cost [S, B] or its terms. Logits given to `sample` may be [...shape], and are then repeated for every row. */
  cost(parameters: Named, sample: Trace["sample"]): T | readonly Term[];
}

/** The smallest number of rows, so that the evaluated cost is a mean of so many draws for any batch. */
const evaluated = 1000;

/** A constant vector. [n] */
export const vector = (values: readonly number[]): T => tf.tensor1d([...values]);

/** The task of a toy. Its only data are rows of one zero. */
export function createToy(toy: Toy, settings: Settings): Promise<Task> {
  const rows = Number(settings["rows"]);
  const shapes = new Map(toy.sites.map(({ name, shape }) => [name, shape]));
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
    model: (parameters, batch) => ({
      program: ({ sample }) =>
        toy.cost(parameters, (name, logits) => {
          const shape = shapes.get(name);
          if (logits.rank !== shape?.length) return sample(name, logits);
          const B = batch["features"]!.shape[0];
          return sample(name, tf.tile(tf.expandDims(logits, 0), [B, ...shape.map(() => 1)]));
        }),
    }),
    gather: (_split, chosen) => ({
      features: { shape: [chosen.length, 1], values: new Float32Array(chosen.length) },
    }),
  });
}

export interface ToyDefinition extends Omit<TaskDefinition, "create" | "steps"> {
  /** 2,000 by default. */
  readonly steps?: number;
  /** The toy with these options. */
  readonly toy: (options: Settings) => Omit<Toy, "name" | "sites">;
}

/** A toy as a registered task. Its options include those of every toy. */
export const toyTask = ({ toy, ...definition }: ToyDefinition): TaskDefinition => ({
  steps: 2000,
  ...definition,
  options: { ...toyOptions, ...definition.options },
  create: (options) =>
    createToy({ name: definition.name, sites: definition.sites(options), ...toy(options) }, options),
});

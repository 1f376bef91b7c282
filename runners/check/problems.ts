/**
 * The problems on which claims are checked: enumerable, with rows that are all alike, one and two layers of both
 * families, and gradients large beside their noise (near-optimal toys would need draws by the million).
 */
import { tf } from "../../estimators/core/autodiff.ts";
import { bernoulli } from "../../estimators/distributions/bernoulli.ts";
import { categorical } from "../../estimators/distributions/categorical.ts";
import type { Program, Settings, T } from "../../estimators/estimator.ts";
import { createToy, toyOptions, vector } from "../../tasks/models/toy.ts";
import { dense } from "../../tasks/networks/dense.ts";
import { task, type Task, type TaskDefinition } from "../../tasks/task.ts";
import bits from "../../tasks/bits.ts";
import coupledBits from "../../tasks/coupled-bits.ts";
import coupledCategorical from "../../tasks/coupled-categorical.ts";
import layeredBits from "../../tasks/layered-bits.ts";
import { resolveOptions } from "../options/resolve.ts";

/** θ of a problem: a parameter past the samples, [1], which a check may replace by one value per row. */
export const decoder = "target";

export interface CheckProblem {
  readonly name: string;
  readonly definition: TaskDefinition;
  readonly settings: Settings;
  task(rows: number): Promise<Task>;
}

const one = { name: "z", family: categorical, shape: [1, 4] } as const;

/** E (vᵀz − θ)² of one variable with K = 4: for estimators that meet a single variable. */
const oneOfFour = task({
  name: "one-of-four",
  title: "One categorical variable",
  version: 1,
  doc: "E (vᵀz − θ)² of one categorical variable with K = 4; θ is a parameter past the samples.",
  options: { ...toyOptions },
  steps: 1000,
  sites: () => [one],
  create: (options) =>
    createToy(
      {
        name: "one-of-four",
        sites: [one],
        init: () => ({ logits: tf.tensor2d([[0.6, -0.5, 0.2, -0.9]]), target: vector([0.1]) }),
        cost: (parameters, sample) => {
          const z = sample("z", parameters["logits"]!); // [S, B, 1, 4]
          const value = tf.sum(tf.mul(z, vector([0.3, -1.2, 1.6, 0.9])), [-2, -1]);
          return tf.square(tf.sub(value, parameters[decoder]!));
        },
      },
      options,
    ),
});

/** Four bits that flip now and then, half of them raising the cost, and six that never do and weigh much. */
const sureLogits = [3.5, -3.5, 3.5, -3.5, 12, -12, 12, -12, 12, -12];
const sureWeights = [-1, 1, 1, -1, 4, 4, 4, 4, 4, 4];
const sureSite = { name: "b", family: bernoulli, shape: [sureLogits.length] } as const;

/**
 * Bits that are nearly sure. All noise comes from flips, half of which raise the cost and half lower it, so that no
 * constant serves as a baseline; and a control variate that has lost the logits takes the surest bits for open.
 */
const sureBits = task({
  name: "sure-bits",
  title: "Nearly sure bits",
  version: 1,
  doc: "E wᵀ(b − p) of four bits with logits ±3.5 and |w| = 1, and six with logits ±12 and w = 4.",
  options: { ...toyOptions },
  steps: 1000,
  sites: () => [sureSite],
  create: (options) =>
    createToy(
      {
        name: "sure-bits",
        sites: [sureSite],
        init: () => ({ logits: vector(sureLogits) }),
        cost: (parameters, sample) => {
          const centred = tf.sub(sample("b", parameters["logits"]!), tf.sigmoid(vector(sureLogits)));
          return tf.sum(tf.mul(centred, vector(sureWeights)), -1);
        },
      },
      options,
    ),
});

const upper = { name: "a", family: categorical, shape: [1, 3] } as const;
const lower = { name: "b", family: categorical, shape: [2, 3] } as const;
const between = [
  [1.2, -0.8, 0.3, -0.5, 0.9, 0.1],
  [-0.6, 1, 0.4, 0.8, -1.1, 0.5],
  [0.2, -0.3, 1.1, -0.9, 0.6, 1.3],
];

const coupled = [
  [0, 0, 1, 0, 0, 0],
  [0, 0, 0, 0, 0, 0],
  [0, 0, 0, 0, -1, 0],
];

/** Two layers of categorical variables: one above two whose logits are linear in it. */
const layeredCategorical = task({
  name: "layered-categorical",
  title: "Two layers of categorical variables",
  version: 1,
  doc: "E (vᵀb − θ)² + a₁b₁₃ − a₃b₂₂ with one categorical variable a above two, b; θ is a parameter past the samples.",
  options: { ...toyOptions },
  steps: 1000,
  sites: () => [upper, lower],
  create: (options) =>
    createToy(
      {
        name: "layered-categorical",
        sites: [upper, lower],
        init: () => ({
          logits: tf.tensor2d([[0.5, -0.4, 0.2]]),
          "between/weights": tf.tensor2d(between),
          "between/bias": vector([0.1, -0.2, 0.3, 0, 0.2, -0.1]),
          target: vector([0.1]),
        }),
        cost: (parameters, sample) => {
          const a = tf.squeeze(sample("a", parameters["logits"]!), [2]); // [S, B, 3]
          const logits = dense(parameters, "between", a);
          const b = sample("b", tf.reshape(logits, [...logits.shape.slice(0, 2), 2, 3])); // [S, B, 2, 3]
          const flat = tf.reshape(b, [...b.shape.slice(0, 2), 6]);
          const value = tf.sum(tf.mul(flat, vector([0.4, -1, 1.5, 1.1, -0.7, 0.2])), -1);
          const rows = tf.reshape(a, [-1, 3]);
          const above = tf.reshape(tf.matMul(rows as never, tf.tensor2d(coupled) as never), flat.shape); // [S, B, 6]
          const coupling = tf.sum(tf.mul(above, flat), -1);
          return tf.add(tf.square(tf.sub(value, parameters[decoder]!)), coupling);
        },
      },
      options,
    ),
});

function problem(definition: TaskDefinition, given: Settings = {}): CheckProblem {
  const settings = resolveOptions(given, { who: definition.name, specs: definition.options });
  return {
    name: definition.name,
    definition,
    settings,
    // Any cost serves as a negative log weight: the objective of a multi-sample bound is enumerated all the same.
    task: async (rows) => ({ ...(await definition.create({ ...settings, rows }, {})), bound: "sampled" }),
  };
}

export const bitsProblem = problem(bits, { p: 0.3, t: 0.1 });
export const coupledBitsProblem = problem(coupledBits);
export const coupledCategoricalProblem = problem(coupledCategorical);
export const oneOfFourProblem = problem(oneOfFour);

/** For control variates that ask for derivatives: a baseline is of no use there. */
export const sureBitsProblem = problem(sureBits);

/** How far the observed input moves the cost of a row. */
const seen = 3;

/**
 * A problem whose rows differ in an observed input x = ±1, which adds 3x to the cost: for control variates that ask for
 * values alone, which can know the input but not the sample. A constant baseline is of little use there.
 */
const withInput = (of: CheckProblem, name: string): CheckProblem => ({
  ...of,
  name,
  async task(rows) {
    const base = await of.task(rows);
    const shifted = (program: Program, features: T): Program => {
      const extra = tf.mul(seen, tf.reshape(features, [1, -1])); // [1, B]
      return (sample) => tf.add(program(sample), extra);
    };
    return {
      ...base,
      gather: (_split, chosen) => ({
        features: {
          shape: [chosen.length, 1],
          values: Float32Array.from(chosen, (row) => (row % 2 === 0 ? 1 : -1)),
        },
      }),
      build: (parameters, batch, random) => ({
        program: shifted(base.build(parameters, batch, random).program, batch["features"]!),
      }),
      negativeLogWeight: (parameters, batch, random) =>
        shifted(base.negativeLogWeight(parameters, batch, random), batch["features"]!),
    };
  },
});

/** The first that an estimator admits is judged. */
export const seenProblems: readonly CheckProblem[] = [
  withInput(coupledBitsProblem, "seen-bits"),
  withInput(coupledCategoricalProblem, "seen-categorical"),
  withInput(oneOfFourProblem, "seen-one-of-four"),
];

export const problems: readonly CheckProblem[] = [
  bitsProblem,
  coupledBitsProblem,
  problem(layeredBits),
  oneOfFourProblem,
  coupledCategoricalProblem,
  problem(layeredCategorical),
];

/**
 * The problems on which claims are checked. They can be enumerated, their rows are all alike, they have one or two layers of
 * several families, and their gradients are large compared with the noise: near an optimum, millions of draws would be needed.
 */
import { tf } from "../../estimators/core/autodiff.ts";
import { bernoulli } from "../../estimators/distributions/bernoulli.ts";
import { categorical } from "../../estimators/distributions/categorical.ts";
import { counts } from "../../estimators/distributions/counts.ts";
import { signs } from "../../estimators/distributions/signs.ts";
import { subset } from "../../estimators/distributions/subset.ts";
import type { Settings, T } from "../../estimators/estimator.ts";
import { createToy, toyOptions, vector, type Toy } from "../../tasks/models/toy.ts";
import { dense } from "../../tasks/networks/dense.ts";
import { task, type Task, type TaskDefinition } from "../../tasks/task.ts";
import bits from "../../tasks/bits.ts";
import coupledBits from "../../tasks/coupled-bits.ts";
import coupledCategorical from "../../tasks/coupled-categorical.ts";
import layeredBits from "../../tasks/layered-bits.ts";
import { resolveOptions } from "../options/resolve.ts";

/** θ of a problem: a parameter after the samples, [1], that a check replaces by one value per row. */
export const decoderParameter = "target";

export interface CheckProblem {
  readonly name: string;
  readonly definition: TaskDefinition;
  readonly settings: Settings;
  task(rows: number): Promise<Task>;
}

/** A toy with parameters in code and the usual options of toys. */
const toyTask = (name: string, doc: string, toy: Omit<Toy, "name">): TaskDefinition =>
  task({
    name,
    title: name,
    version: 1,
    doc,
    options: { ...toyOptions },
    steps: 1000,
    sites: () => toy.sites,
    create: (options) => createToy({ name, ...toy }, options),
  });

function problem(definition: TaskDefinition, options: Settings = {}): CheckProblem {
  const settings = resolveOptions(options, { who: definition.name, specs: definition.options });
  return {
    name: definition.name,
    definition,
    settings,
    // Any cost serves as a negative log weight, so that multi-sample bounds can be enumerated, too.
    task: async (rows) => ({ ...(await definition.create({ ...settings, rows }, {})), metric: "elbo" }),
  };
}

export const bitsProblem = problem(bits, { p: 0.3, t: 0.1 });
export const coupledBitsProblem = problem(coupledBits);
export const coupledCategoricalProblem = problem(coupledCategorical);

/** For estimators that support only a single variable. */
export const oneOfFourProblem = problem(
  toyTask(
    "one-of-four",
    "E (vᵀz − θ)² of one categorical variable with K = 4; θ is a parameter after the samples.",
    {
      sites: [{ name: "z", family: categorical, shape: [1, 4] }],
      init: () => ({ logits: tf.tensor2d([[0.6, -0.5, 0.2, -0.9]]), target: vector([0.1]) }),
      cost: (parameters, sample) => {
        const z = sample("z", parameters["logits"]!); // [S, B, 1, 4]
        const value = tf.sum(tf.mul(z, vector([0.3, -1.2, 1.6, 0.9])), [-2, -1]);
        return tf.square(tf.sub(value, parameters[decoderParameter]!));
      },
    },
  ),
);

const sureLogits = [3.5, -3.5, 3.5, -3.5, 12, -12, 12, -12, 12, -12];
const sureWeights = [-1, 1, 1, -1, 4, 4, 4, 4, 4, 4];

/**
 * Nearly sure bits, for control variates that ask for derivatives. Four bits flip now and then, and half of the flips raise
 * the cost, so that no constant is a good baseline. Six weigh much and never flip: a control variate that has lost the
 * logits takes them for undecided ones.
 */
export const sureBitsProblem = problem(
  toyTask(
    "sure-bits",
    "E wᵀ(b − p) of four bits with logits ±3.5 and |w| = 1, and six with logits ±12 and w = 4.",
    {
      sites: [{ name: "b", family: bernoulli, shape: [sureLogits.length] }],
      init: () => ({ logits: vector(sureLogits) }),
      cost: (parameters, sample) => {
        const centred = tf.sub(sample("b", parameters["logits"]!), tf.sigmoid(vector(sureLogits)));
        return tf.sum(tf.mul(centred, vector(sureWeights)), -1);
      },
    },
  ),
);

/** A subset of two of five elements. */
export const twoOfFiveProblem = problem(
  toyTask(
    "two-of-five",
    "E (vᵀz − θ)² + 2 z₁z₃ − 2 z₂z₅ of a subset z of two of five elements; θ is a parameter after the samples.",
    {
      sites: [{ name: "z", family: subset(2), shape: [1, 5] }],
      init: () => ({ logits: tf.tensor2d([[0.5, -0.6, 0.2, -0.9, 0.7]]), target: vector([-0.6]) }),
      cost: (parameters, sample) => {
        const z = tf.squeeze(sample("z", parameters["logits"]!), [2]); // [S, B, 5]
        const value = tf.sum(tf.mul(z, vector([0.4, -1.1, 1.3, 0.8, -0.5])), -1);
        const [a, b, c, , e] = tf.split(z, 5, -1) as [T, T, T, T, T];
        const pairs = tf.squeeze(tf.mul(2, tf.sub(tf.mul(a, c), tf.mul(b, e))), [2]);
        return tf.add(tf.square(tf.sub(value, parameters[decoderParameter]!)), pairs);
      },
    },
  ),
);

/** A count above two signs: samples that are not zeros and ones. */
const layeredCounts = toyTask(
  "layered-counts",
  "E (a + vᵀb − θ)² + a b₁ with a count a up to 2 above two signs b; θ is a parameter after the samples.",
  {
    sites: [
      { name: "a", family: counts(2), shape: [1] },
      { name: "b", family: signs, shape: [2] },
    ],
    init: () => ({
      logits: vector([0.4]),
      "between/weights": tf.tensor2d([[0.8, -0.5]]),
      "between/bias": vector([-0.3, 0.6]),
      target: vector([-0.6]),
    }),
    cost: (parameters, sample) => {
      const a = sample("a", parameters["logits"]!); // [S, B, 1]
      const b = sample("b", dense(parameters, "between", a)); // [S, B, 2]
      const value = tf.sum(tf.concat([a, tf.mul(b, vector([0.7, -1.2]))], -1), -1);
      const coupling = tf.squeeze(tf.mul(a, tf.split(b, 2, -1)[0]!), [2]);
      return tf.add(tf.square(tf.sub(value, parameters[decoderParameter]!)), coupling);
    },
  },
);

/** One variable with many outcomes. */
export const wideProblem = problem(
  toyTask(
    "one-of-1000",
    "E (vᵀz)² of one variable with K = 1000; v and its logits are waves over the outcomes.",
    {
      sites: [{ name: "z", family: categorical, shape: [1, 1000] }],
      init: () => ({ logits: tf.mul(5, tf.sin(tf.reshape(tf.range(0, 1000), [1, 1000]))) }),
      cost: (parameters, sample) =>
        tf.square(tf.sum(tf.mul(sample("z", parameters["logits"]!), tf.cos(tf.range(0, 1000))), [-2, -1])),
    },
  ),
);

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

/** One categorical variable above two whose logits are linear in it. */
const layeredCategorical = toyTask(
  "layered-categorical",
  "E (vᵀb − θ)² + a₁b₁₃ − a₃b₂₂ with one categorical variable a above two, b; θ is a parameter after the samples.",
  {
    sites: [
      { name: "a", family: categorical, shape: [1, 3] },
      { name: "b", family: categorical, shape: [2, 3] },
    ],
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
      return tf.add(tf.square(tf.sub(value, parameters[decoderParameter]!)), coupling);
    },
  },
);

/** How far the observed input moves the cost of a row. */
const inputWeight = 3;

/**
 * A problem whose rows differ in an observed input x = ±1 that adds 3x to the cost. For control variates that ask for values
 * only: they can know the input but not the sample, and a constant baseline is of little use.
 */
const withInput = (of: CheckProblem, name: string): CheckProblem => ({
  ...of,
  name,
  async task(rows) {
    const base = await of.task(rows);
    return {
      ...base,
      gather: (_split, chosen) => ({
        features: {
          shape: [chosen.length, 1],
          values: Float32Array.from(chosen, (row) => (row % 2 === 0 ? 1 : -1)),
        },
      }),
      model(parameters, batch, random) {
        const { program } = base.model(parameters, batch, random);
        const extra = tf.mul(inputWeight, tf.reshape(batch["features"]!, [1, -1])); // [1, B]
        return { program: (trace) => tf.add(program(trace) as T, extra) };
      },
    };
  },
});

/** A check uses the first of these that the estimator admits. */
export const inputProblems: readonly CheckProblem[] = [
  withInput(coupledBitsProblem, "seen-bits"),
  withInput(coupledCategoricalProblem, "seen-categorical"),
  withInput(oneOfFourProblem, "seen-one-of-four"),
];

export const problems: readonly CheckProblem[] = [
  bitsProblem,
  coupledBitsProblem,
  // A term of the first layer alone, which local credit leaves out of the second layer's signal.
  problem(layeredBits, { above: 1 }),
  oneOfFourProblem,
  coupledCategoricalProblem,
  problem(layeredCategorical),
  twoOfFiveProblem,
  problem(layeredCounts),
];

/**
 * The tasks of test vectors: one site and a quadratic cost, c + aᵀx + xᵀQx of the flat sample x, so that any language can
 * write the cost from three arrays. Rows differ in an observed input, which moves the logits.
 */
import { tf } from "../../estimators/core/autodiff.ts";
import { bernoulli } from "../../estimators/distributions/bernoulli.ts";
import { categorical } from "../../estimators/distributions/categorical.ts";
import type { Family } from "../../estimators/estimator.ts";
import { toyTask } from "../../tasks/models/toy.ts";
import type { CheckProblem } from "../check/problems.ts";
import { resolveOptions } from "../options/resolve.ts";

/** Rows of every vector. */
export const vectorRows = 4;

const inputs = [-1, 0, 1, 2];

/** Numbers of one decimal between −`size` and `size` without a pattern. */
const decimals = (count: number, size: number, from: number) =>
  Array.from({ length: count }, (_, i) => Math.round(10 * size * Math.sin(3 * i * i + from)) / 10);

export interface VectorTask extends CheckProblem {
  readonly doc: string;
  readonly family: string;
  readonly shape: readonly number[];
  readonly cost: {
    readonly constant: number;
    readonly linear: readonly number[];
    readonly quadratic: readonly (readonly number[])[];
  };
}

function vectorTask(name: string, family: Family, shape: readonly number[], doc: string): VectorTask {
  const size = shape.reduce((a, b) => a * b, 1);
  const [logits, slopes, linear] = [decimals(size, 1, 1), decimals(size, 0.5, 2), decimals(size, 1.5, 4)];
  const quadratic = Array.from({ length: size }, (_, i) => decimals(size, 1, 5 + i));
  const constant = 1.5;
  const definition = toyTask({
    ...{ name, title: doc, version: 1, doc, options: {} },
    sites: () => [{ name: "z", family, shape }],
    toy: () => ({
      init: () => ({ logits: tf.tensor(logits, [...shape]) }),
      cost: (parameters, sample) => {
        const z = sample("z", parameters["logits"]!);
        const x = tf.reshape(z, [-1, size]);
        const products = tf.mul(x, tf.add(linear, tf.matMul(x, tf.tensor2d(quadratic), false, true)));
        return tf.add(constant, tf.reshape(tf.sum(products, -1), z.shape.slice(0, 2)));
      },
    }),
  });
  return {
    ...{ name, definition, doc, family: family.name, shape, cost: { constant, linear, quadratic } },
    settings: resolveOptions({}, { who: name, specs: definition.options }),
    async task(rows) {
      const base = await definition.create({ ...this.settings, rows }, {});
      return {
        ...base,
        // Any cost serves as a negative log weight, so that multi-sample bounds have vectors, too.
        metric: "elbo",
        gather: (_split, chosen) => ({
          features: {
            shape: [chosen.length, 1],
            values: Float32Array.from(chosen, (_, position) => inputs[position % inputs.length]!),
          },
        }),
        model(parameters, batch, random) {
          const { program } = base.model(parameters, batch, random);
          const input = tf.reshape(batch["features"]!, [1, -1, ...shape.map(() => 1)]);
          const moved = tf.mul(input, tf.tensor(slopes, [1, 1, ...shape]));
          return {
            program: (trace) =>
              program({
                ...trace,
                sample: (site, q, prior) => trace.sample(site, tf.add(q, moved), prior),
              }),
          };
        },
      };
    },
  };
}

export const vectorTasks: readonly VectorTask[] = [
  vectorTask("bits", bernoulli, [4], "four bits"),
  vectorTask("one-hot", categorical, [2, 3], "two one-hot variables of three outcomes"),
  vectorTask("one-of-four", categorical, [1, 4], "one one-hot variable of four outcomes"),
];

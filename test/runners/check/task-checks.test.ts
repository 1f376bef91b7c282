/** Tasks that break their contract in one way fail the check that is meant for it, and no other; sound ones pass. */
import test from "ava";
import { stop, tf } from "../../../estimators/core/autodiff.ts";
import { bernoulli } from "../../../estimators/distributions/bernoulli.ts";
import type { Family, T } from "../../../estimators/estimator.ts";
import { gaussianKl } from "../../../tasks/models/gaussian.ts";
import { initDense } from "../../../tasks/networks/dense.ts";
import type { Model, Task } from "../../../tasks/task.ts";
import { tasks } from "../../../tasks/index.ts";
import { taskChecks } from "../../../runners/check/check-task.ts";
import { resolveOptions } from "../../../runners/options/resolve.ts";
import {
  checksOf,
  decoded,
  encoded,
  likelihoodCost,
  pixels,
  rowsOf,
  site,
  soundModel,
  soundTask,
  tableRow,
} from "./small-vae.ts";

type ModelOf = (...args: Parameters<Task["model"]>) => Partial<Model>;

/** The sound task with another model, or with other parts. */
const vae = (model: ModelOf, parts: Partial<Task> = {}): Task => ({
  ...soundTask,
  model: (...args) => ({ ...soundModel(...args), ...model(...args) }),
  ...parts,
});

test.serial("a sound model passes every check", async (t) => {
  const { failed, text } = await checksOf(soundTask);
  t.deepEqual(failed, [], text);
  t.is(text.split("\n").length, taskChecks.length);
});

/** A test that the task fails these checks alone, with a sentence. */
const broken = (checks: string | readonly string[], what: string, task: Task, says = /./) =>
  test.serial(`${what} fails ${[checks].flat().join(" and ")}`, async (t) => {
    const { failed, text } = await checksOf(task);
    t.deepEqual(failed, [checks].flat(), text);
    t.regex(text, says);
  });

const sound = (what: string, task: Task, says = /./) =>
  test.serial(`${what} passes`, async (t) => {
    const { failed, text } = await checksOf(task);
    t.deepEqual(failed, [], text);
    t.regex(text, says);
  });

broken(
  "sample-paths",
  "a divergence that is declared and added by hand",
  vae((parameters, batch) => ({
    program({ sample }) {
      const [q, p] = [encoded(parameters, batch), parameters["prior"]!];
      const cost = likelihoodCost(parameters, sample("z", q, p), batch);
      return tf.add(cost, tf.sum(bernoulli.kl(q, p), -1));
    },
  })),
  /counted twice/,
);
broken(
  ["sample-paths", "extreme-logits"],
  "a divergence by hand from probabilities",
  vae((parameters, batch) => ({
    program({ sample }) {
      const layer = encoded(parameters, batch);
      const cost = likelihoodCost(parameters, sample("z", tf.mul(1, layer), parameters["prior"]), batch);
      const q = tf.sigmoid(layer);
      return tf.add(
        cost,
        tf.sum(tf.add(tf.mul(q, tf.log(q)), tf.mul(tf.sub(1, q), tf.log(tf.sub(1, q)))), -1),
      );
    },
  })),
);
/** A model with a normal variable beside its bits, whose divergence may be added by hand. */
const withStyle = (byHand: boolean): Task =>
  vae((parameters, batch) => ({
    program({ sample, normal }) {
      const z = sample("z", encoded(parameters, batch), parameters["prior"]);
      const mean = tf.expandDims(tf.tanh(encoded(parameters, batch)), 0);
      const style = normal("style", mean, tf.mul(0.1, mean));
      const cost = likelihoodCost(parameters, tf.add(z, style), batch);
      return byHand ? tf.add(cost, gaussianKl(mean, tf.mul(0.1, mean))) : cost;
    },
  }));
sound(
  "a model with a normal variable",
  withStyle(false),
  /over \d+ draws\. A difference of \S+ nats is detectable/,
);
broken(
  "sample-paths",
  "the divergence of a normal variable added by hand",
  withStyle(true),
  /distribution of style/,
);

broken(
  "sample-paths",
  "a prior made from the posterior",
  vae((parameters, batch) => ({
    program({ sample }) {
      const q = encoded(parameters, batch);
      return likelihoodCost(parameters, sample("z", q, tf.mul(0.5, q)), batch);
    },
  })),
  /The prior of site z is computed from the logits of q/,
);
broken(
  "priors",
  "a posterior without a prior",
  vae((parameters, batch) => ({
    program: ({ sample }) => likelihoodCost(parameters, sample("z", encoded(parameters, batch)), batch),
  })),
  /would lack log p\(z\) − log q\(z \| x\)/,
);
broken(
  "splits",
  "test rows in training",
  {
    ...soundTask,
    gather: (split, rows) =>
      rowsOf([...rows].map((n) => (split === "train" && n < 10 ? tableRow("test", n) : tableRow(split, n)))),
  },
  /10 of 100 rows of test are training rows as well/,
);
sound(
  "a model of rows that repeat within training as often as across splits",
  { ...soundTask, gather: (split, rows) => rowsOf([...rows].map((n) => tableRow(split, n) % 40)) },
  /beyond the 100 %/,
);
broken(
  "splits",
  "a model without validation",
  { ...soundTask, splits: { ...soundTask.splits, valid: 0 } },
  /without rows for valid/,
);
broken(
  "splits",
  "a missing value in a test row",
  {
    ...soundTask,
    gather(split, rows) {
      const batch = soundTask.gather(split, rows);
      if (split === "test") batch["features"]!.values[7 * pixels] = NaN;
      return batch;
    },
  },
  /features of test holds NaN in row 7/,
);
broken(
  "traces",
  "a value read in the step",
  vae((parameters, batch) => ({
    program({ sample }) {
      const z = sample("z", encoded(parameters, batch), parameters["prior"]);
      const scale = tf.sum(parameters["prior"]!).dataSync()[0]! > 1e9 ? 2 : 1;
      return tf.mul(scale, likelihoodCost(parameters, z, batch));
    },
  })),
  /must not read a tensor's value.*task-checks\.test\.ts:\d+/s,
);
broken(
  ["traces", "repeatable"],
  "noise of its own",
  vae((parameters, batch) => ({
    program({ sample }) {
      const z = sample("z", encoded(parameters, batch), parameters["prior"]);
      return tf.add(likelihoodCost(parameters, z, batch), tf.randomUniform([1, batch["features"]!.shape[0]]));
    },
  })),
  /all noise from its argument random/,
);
let calls = 0;
broken(
  ["repeatable"],
  "a count of its runs",
  vae((parameters, batch) => ({
    program({ sample }) {
      const z = sample("z", encoded(parameters, batch), parameters["prior"]);
      calls += 1;
      return tf.mul(1 + 1e-7 * (calls % 7), likelihoodCost(parameters, z, batch));
    },
  })),
  /the program may run several times|keep nothing between calls/,
);
broken(
  "likelihood",
  "the logarithm of the likelihood without its minus sign",
  vae((parameters, batch) => ({
    program: ({ sample }) =>
      tf.neg(likelihoodCost(parameters, sample("z", encoded(parameters, batch), parameters["prior"]), batch)),
  })),
  /p\(x \| z\) would be above 1/,
);

/** −log N(x; the decoder's means, .1²) of data in [0, 1], up to its sign. */
const gaussian = (sign: number): Task =>
  vae(
    (parameters, batch) => ({
      program({ sample }) {
        const z = sample("z", encoded(parameters, batch), parameters["prior"]);
        const off = tf.sub(batch["features"]!, tf.sigmoid(decoded(parameters, z)));
        const cost = tf.sum(tf.sub(tf.mul(50, tf.square(off)), Math.log(10 / Math.sqrt(2 * Math.PI))), -1);
        return tf.mul(sign, cost);
      },
    }),
    {
      gather(split, rows) {
        const { features } = soundTask.gather(split, rows);
        return { features: { ...features!, values: features!.values.map((x) => 0.48 + 0.04 * x) } };
      },
    },
  );
sound("a density that is above 1", gaussian(1), /rises when the data move away/);
broken("likelihood", "the logarithm of a density without its minus sign", gaussian(-1), /see its sign/);

/** Two layers, the second of which has these parents, and a cost whose first term names these sites. */
const layered = (parents: readonly string[] | undefined, named: readonly string[]): Task => ({
  ...soundTask,
  sites: [
    { ...site, name: "a" },
    { ...site, name: "b", ...(parents && { parents }) },
  ],
  init: (random) => ({ ...soundTask.init(random), a: tf.sub(random("a", [1, 3]), 0.5) }),
  model: (parameters, batch) => ({
    program({ sample }) {
      const a = sample("a", tf.tile(parameters["a"]!, [batch["features"]!.shape[0], 1]), parameters["prior"]);
      const b = sample("b", tf.add(encoded(parameters, batch), a), parameters["prior"]);
      return [
        { cost: likelihoodCost(parameters, b, batch), sites: named },
        { cost: tf.mul(0.1, tf.sum(a, -1)), sites: ["a"] },
      ];
    },
  }),
});
sound("a model of two layers and two terms", layered(undefined, ["b"]), /Each of 2 terms/);
broken(
  "terms",
  "a term that leaves out a site",
  layered(undefined, ["a"]),
  /Term 1 of the cost names a, but changes with the sample of b/,
);
broken("terms", "a site that leaves out a parent", layered([], ["b"]), /add "a" to the parents of b/);

/** The sound model with another family. */
const withFamily = (family: Partial<Family>): Task => ({
  ...soundTask,
  sites: [{ ...site, family: { ...bernoulli, ...family } }],
});
broken(
  "elbo",
  "a divergence twice too large",
  withFamily({ kl: (q, p) => tf.mul(2, bernoulli.kl(q, p)) }),
  /E_q\[−log weight\] differ/,
);
broken(
  "elbo",
  "a divergence and a log probability of the same wrong distribution",
  withFamily({
    logProb: (logits, x) => tf.add(bernoulli.logProb(logits, x), tf.mul(0.3, logits)),
    kl: (q, p) => tf.add(bernoulli.kl(q, p), tf.mul(0.3, tf.sub(q, p))),
  }),
  /Importance weights of two q/,
);
/** The sound model with 12 bits of code, too many to enumerate, and no option for fewer. */
const wide = (family: Partial<Family>): Task => ({
  ...soundTask,
  sites: [{ ...site, shape: [12], family: { ...bernoulli, ...family } }],
  init: (random) => ({
    ...initDense("encoder", pixels, 12, random),
    ...initDense("decoder", 12, pixels, random),
    prior: tf.sub(random("prior", [1, 12]), 0.5),
  }),
});
sound("a model whose outcomes are too many to enumerate", wide({}), /A difference of \S+ nats is detectable/);
broken(
  "elbo",
  "a divergence a fifth too large, of which samples must speak,",
  wide({ kl: (q, p) => tf.mul(1.2, bernoulli.kl(q, p)) }),
  /E_q\[−log weight\] \+ .* nats, z = /,
);

broken(
  "static-shapes",
  "a mean over the batch",
  vae((parameters, batch) => ({
    program({ sample }) {
      const cost = likelihoodCost(
        parameters,
        sample("z", encoded(parameters, batch), parameters["prior"]),
        batch,
      );
      return tf.add(cost, tf.mean(cost, 1, true));
    },
  })),
  /with the other rows of the batch/,
);
broken(
  "static-shapes",
  "a mean over samples",
  vae((parameters, batch) => ({
    program({ sample }) {
      const cost = likelihoodCost(
        parameters,
        sample("z", encoded(parameters, batch), parameters["prior"]),
        batch,
      );
      return tf.add(cost, tf.mean(cost, 0, true));
    },
  })),
  /with the other samples/,
);
broken(
  "extreme-logits",
  "a logarithm of probabilities in the divergence",
  withFamily({
    kl(q, p) {
      const [a, b] = [tf.sigmoid(q), tf.sigmoid(p)];
      const part = (x: T, y: T) => tf.mul(x, tf.sub(tf.log(x), tf.log(y)));
      return tf.add(part(a, b), part(tf.sub(1, a), tf.sub(1, b)));
    },
  }),
  /from logits \(logSigmoid/,
);
broken(
  "derivatives",
  "a derivative by hand that is 3 % too large",
  vae((parameters, batch) => ({
    program({ sample }) {
      const z = sample("z", encoded(parameters, batch), parameters["prior"]);
      const slightly = tf.customGrad((x) => ({
        value: tf.clone(x as T),
        gradFunc: (dy) => tf.mul(1.03, dy),
      }));
      return tf.add(likelihoodCost(parameters, z, batch), slightly(tf.sum(parameters["prior"]!)));
    },
  })),
  /The gradient of prior/,
);
broken(
  "derivatives",
  "a parameter cut off from the gradient",
  vae((parameters, batch) => ({
    program({ sample }) {
      const z = sample("z", encoded(parameters, batch), parameters["prior"]);
      return likelihoodCost({ ...parameters, "decoder/bias": stop(parameters["decoder/bias"]!) }, z, batch);
    },
  })),
  /The gradient of decoder\/bias is 0\.00 along a random direction/,
);

/** The costs of single changes, with variables in this order. */
const offering = (order: (costs: T) => T): Task =>
  vae((parameters, batch) => ({
    singleChanges(x, other) {
      const variables = Array.from({ length: 3 }, (_, d) => tf.oneHot(tf.scalar(d, "int32"), 3));
      const costs = variables.map((mask) => {
        const z = tf.add(tf.mul(other, mask), tf.mul(x, tf.sub(1, mask)));
        return tf.expandDims(likelihoodCost(parameters, z, batch), 1);
      });
      return order(tf.concat(costs, 1));
    },
  }));
sound(
  "a model with its costs of single changes",
  offering((costs) => costs),
  /singleChanges gives the program's costs/,
);
broken(
  "single-changes",
  "an order of single changes that is not the variables'",
  offering((costs) => tf.reverse(costs, 1)),
  /singleChanges differs/,
);
broken(
  "engine-agreement",
  "a cost that depends on the engine",
  vae((parameters, batch) => ({
    program({ sample }) {
      const z = sample("z", encoded(parameters, batch), parameters["prior"]);
      return tf.mul(tf.getBackend() === "cpu" ? 1.001 : 1, likelihoodCost(parameters, z, batch));
    },
  })),
  /differs between cpu and wasm/,
);
test.serial(
  "a model that throws fails traces with its own sentence, and the others are skipped",
  async (t) => {
    const { failed, text } = await checksOf({ ...soundTask, model: () => ({ program: () => { throw new Error("small-vae: no weights"); } }) }); // prettier-ignore
    t.deepEqual(failed, ["traces"], text);
    t.regex(text, /small-vae: no weights/);
  },
);

const every = process.env["CHECKS"] === "all";

/** Kinds that `npm test` checks: a toy of two layers, an autoencoder and the one with a normal variable. */
for (const definition of tasks.filter(
  ({ name }) => every || ["layered-bits", "bern2", "semi"].includes(name),
))
  test.serial(`the task ${definition.name} passes every check`, async (t) => {
    const options = "side" in definition.options && !every ? { side: "14" } : {};
    const settings = resolveOptions(options, { who: definition.name, specs: definition.options });
    const { failed, text } = await checksOf(await definition.create(settings, {}));
    t.deepEqual(failed, [], text);
  });

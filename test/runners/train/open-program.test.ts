/** What the harness derives from one description of a model: costs, weights, direct terms and terms by site. */
import test from "ava";
import { tf } from "../../../estimators/core/autodiff.ts";
import { bernoulli } from "../../../estimators/distributions/index.ts";
import type { Named, SiteSpec, T } from "../../../estimators/estimator.ts";
import { openProgram, type ProgramOptions } from "../../../runners/train/program.ts";
import { randomTensors } from "../../../runners/train/noise-streams.ts";
import type { Program, Task } from "../../../tasks/task.ts";
import { toy } from "../../estimators/measured.ts";

const rows = 2;
const random = randomTensors("open-program");
const site = (name: string, parents?: readonly string[]): SiteSpec => ({
  ...{ name, family: bernoulli, shape: [2] },
  ...(parents && { parents }),
});
const logits = (name: string): T => tf.sub(tf.mul(4, random(name, [rows, 2])), 2);
/** Two bits from two others. [S, B, 2] → [S, B, 2] */
const link = (name: string, x: T): T => tf.add(tf.mul(x, tf.squeeze(random(name, [1, 2]))), -0.3);
const likelihood = (x: T): T => tf.square(tf.sub(tf.sum(tf.mul(x, [1, -0.6]), -1), 0.2));

async function opened(sites: readonly SiteSpec[], program: Program, options?: ProgramOptions) {
  const plain = await toy("bits", rows);
  const task: Task = { ...plain, sites, model: () => ({ program }) };
  return openProgram(task, {}, { features: tf.zeros([rows, 1]) }, random, "test", options);
}

/** All pairs of bits. [4, B, 2] */
const codes = (): T => tf.tile(tf.reshape(tf.tensor1d([0, 0, 0, 1, 1, 0, 1, 1]), [4, 1, 2]), [1, rows, 1]);

/** E_q of the program's value, by enumeration of two sites, with the direct terms. [B] */
async function expected(program: Program, form: "cost" | "weight") {
  const { run, direct } = await opened([site("a"), site("b")], program, { form });
  const outer = tf.reshape(tf.tile(tf.expandDims(codes(), 1), [1, 4, 1, 1]), [16, rows, 2]);
  const samples: Named = { a: outer, b: tf.tile(codes(), [4, 1, 1]) };
  const { cost, logp } = run(({ name }) => samples[name]!);
  return tf.add(tf.sum(tf.mul(tf.exp(logp), cost), 0), direct() ?? 0).arraySync() as number[];
}

/** Two layers, with the priors in closed form where they can be, or after the samples. */
const chain: Program = ({ sample, prior }) => {
  const a = sample("a", logits("a"), tf.zeros([1, 2]));
  const b = sample("b", link("a to b", a));
  prior("b", tf.add(link("prior b", a), 0.4));
  return likelihood(tf.add(a, b));
};
/** p(b) p(a | b), sampled from the bottom: the prior of a depends on b, which is drawn after it. */
const reversed: Program = ({ sample, prior }) => {
  const a = sample("a", logits("a"));
  const b = sample("b", link("a to b", a), tf.zeros([1, 2]));
  prior("a", link("b to a", b));
  return likelihood(tf.add(a, b));
};

for (const [name, program] of Object.entries({ chain, reversed }))
  test(`the training cost and the −log weight of a ${name} have the same mean, −ELBO`, async (t) => {
    await tf.setBackend("cpu");
    const [cost, weight] = [await expected(program, "cost"), await expected(program, "weight")];
    cost.forEach((x, i) => t.true(Math.abs(x - weight[i]!) < 1e-5, `${x} and ${weight[i]}`));
  });

test("a divergence without samples is direct, and is not a part of the cost", async (t) => {
  const posterior = logits("a");
  const program: Program = ({ sample }) => likelihood(sample("a", posterior, tf.zeros([1, 2])));
  const { run, direct } = await opened([site("a")], program);
  t.is(direct(), undefined);
  const { cost } = run(codes);
  t.deepEqual(cost.arraySync(), likelihood(codes()).arraySync());
  t.deepEqual(direct()!.arraySync(), tf.sum(bernoulli.kl(posterior, tf.zeros([1, 2])), -1).arraySync());
});

test("costOf has the terms that a site reaches itself or through its descendants", async (t) => {
  const sites = [site("a"), site("b", []), site("c", ["a"])];
  const terms = Object.fromEntries(["a", "b", "c"].map((name, i) => [name, tf.fill([1, rows], 10 ** i)]));
  const program: Program = ({ sample }) => {
    const a = sample("a", logits("a"));
    sample("b", logits("b"));
    sample("c", link("a to c", a));
    return ["a", "b", "c"].map((name) => ({ cost: terms[name]!, sites: [name] }));
  };
  const { run } = await opened(sites, program);
  const { cost, costOf } = run(() => codes());
  t.is(cost.dataSync()[0], 111);
  t.deepEqual(
    sites.map((one) => costOf(one).dataSync()[0]),
    [101, 10, 100],
  );
});

test("a normal variable adds its divergence in closed form to the cost, and the ratio at its sample to the weight", async (t) => {
  const [mean, logVariance] = [0.7, -0.4];
  const wide = (x: number, S: number) => tf.fill([S, rows, 3], x);
  const program: Program = ({ sample, normal }) => {
    const z = normal("z", wide(mean, 1), wide(logVariance, 1));
    return tf.add(tf.sum(sample("a", logits("a")), -1), tf.mul(0, tf.sum(z, -1)));
  };
  const kl = 3 * 0.5 * (mean ** 2 + Math.exp(logVariance) - logVariance - 1);
  const { run } = await opened([site("a")], program);
  const { cost } = run(codes);
  t.true(Math.abs(cost.dataSync()[0]! - kl) < 1e-5); // the first code is 00
  const S = 4000;
  const zeros = () => tf.zeros([S, rows, 2]);
  const weights = await opened([site("a")], program, { form: "weight", samples: S });
  const { mean: average, variance } = tf.moments(weights.run(zeros).cost);
  const error = Math.sqrt(variance.dataSync()[0]! / (S * rows));
  t.true(variance.dataSync()[0]! > 0.1, "every sample has noise of its own");
  t.true(Math.abs(average.dataSync()[0]! - kl) < 5 * error, `${average.dataSync()[0]} and ${kl} ± ${error}`);
});

const wrong: readonly (readonly [string, Program, RegExp])[] = [
  [
    "samples a site twice",
    ({ sample }) => tf.add(sample("a", logits("a")), sample("a", logits("a"))),
    /site a twice/,
  ],
  [
    "samples an unknown site",
    ({ sample }) => sample("z", logits("a")),
    /site z, which its sites do not list/,
  ],
  ["leaves a site out", () => tf.zeros([1, rows]), /does not sample the site a/],
  ["gives a prior first", ({ prior }) => (prior("a", logits("a")), tf.zeros([1, rows])), /before its sample/],
  [
    "returns the wrong shape",
    ({ sample }) => tf.sum(sample("a", logits("a"))),
    /the cost must be \[samples, 2\]/,
  ],
  [
    "names an unknown site in a term",
    ({ sample }) => [{ cost: tf.sum(sample("a", logits("a")), -1), sites: ["q"] }],
    /site q, which its sites do not list/,
  ],
];

for (const [how, program, message] of wrong)
  test(`a program that ${how} is refused in a sentence`, async (t) => {
    const { run } = await opened([site("a")], program);
    t.throws(() => run(codes), { message });
  });

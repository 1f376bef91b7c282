/**
 * What fails elsewhere, with the threads that report it. docs/reliability.md lists these cases and those with tests in other
 * files. Nothing is random: noise is fixed, and closed forms are exact.
 */
import test from "ava";
import { onTape, gradients as gradientsOf, tf } from "../../estimators/core/autodiff.ts";
import {
  bernoulli,
  categorical,
  RelaxedBernoulli,
  RelaxedOneHotCategorical,
} from "../../estimators/distributions/index.ts";
import type { T } from "../../estimators/estimator.ts";
import { labelledEstimator, openCheckEngine } from "../../runners/check/choose-checked.ts";
import { rowDraw } from "../../runners/check/gradient-draw.ts";
import { bitsProblem, type CheckProblem, coupledCategoricalProblem, wideProblem } from "../../runners/check/problems.ts"; // prettier-ignore
import { stepOn } from "../../runners/check/subject.ts";
import { openRegistry } from "../../runners/plan/registry.ts";
import { stream } from "../../runners/train/noise-streams.ts";
import { fillUniform, key } from "../../tasks/noise.ts";
import { bench } from "../runners/cli/call.ts";
import { logSoftmax, numbers, sigmoid } from "./distributions/brute.ts";

const finite = (xs: Iterable<number>) => [...xs].every(Number.isFinite);

/** The smallest and the largest uniforms that there are. */
const [least, most] = [0.5 / 2 ** 23, 1 - 0.5 / 2 ** 23];

/** A draw of an estimator on rows of a problem: its gradients and the samples of its first evaluation. */
async function drawn(name: string, options: Record<string, string>, problem: CheckProblem, rows = 8) {
  const registry = await openRegistry();
  const entry = registry.estimators.find((one) => one.name === name)!;
  const draw = await rowDraw(
    await openCheckEngine(),
    await stepOn(labelledEstimator(entry, options, registry), problem, rows),
  );
  const { gradients, samples } = await draw.runSampled(stream("known failures", problem.name));
  return { gradients, sample: Object.values(samples)[0]! };
}

/** f at logits, and its derivative with respect to them. */
const withSlope = (f: (logits: T) => T, logits: T) =>
  onTape(() => {
    const x = tf.clone(logits);
    const value = f(x);
    return [value, ...gradientsOf(tf.sum(value), [x])];
  });

test("NaN from noise at u = 0 or 1 (pytorch#22442, #22586, NAS#21): uniforms are within (0, 1) and noise is finite", (t) => {
  const u = new Float32Array(2 ** 20);
  fillUniform(key("known failures"), u);
  t.true(u.every((x) => x >= least && x <= most));
  t.true(most < 1 && Math.fround(most) === most, "float32 holds the largest one");
  const ends = tf.tensor2d([[least, most]]);
  for (const family of [bernoulli, categorical])
    t.true(finite(numbers(() => family.perturb(tf.zeros([1, 2]), ends))));
});

test("NaN at the temperature 0 (pytorch#184031): it is refused, also at the end of a schedule, and zgr is named", async (t) => {
  for (const temperature of ["0", "-1", "exp:1:1e-3:0:1"]) {
    const { status, err } = await bench(["run", "-e", `st-gs:temperature=${temperature}`, "-t", "bits"]);
    t.is(status, 2);
    t.regex(err, /temperature must be positive, got .*choose a small temperature such as 0\.1, or zgr/);
  }
  for (const family of [RelaxedBernoulli, RelaxedOneHotCategorical])
    for (const temperature of [0, -1, NaN])
      t.throws(() => family({ logits: tf.zeros([1, 2]), temperature }), { message: /must be positive, got .*hard samples/ }); // prettier-ignore
});

// A sample is then 0 or 1 in float32, where log y is −∞ in the frameworks' formula.
test("infinite log densities of samples on the boundary at τ = .05 and below (pytorch#18254, tfp#1738, pyro#1188)", (t) => {
  const logits = tf.tensor2d([[3, -3, 0, 1]]);
  const u = tf.tensor2d([[least, most, 0.3, 0.9]]);
  for (const temperature of [0.05, 0.005, 0.0005])
    for (const family of [RelaxedBernoulli, RelaxedOneHotCategorical]) {
      const density = (phi: T) => {
        const at = family({ logits: phi, temperature });
        return at.logProb(at.sample(u));
      };
      t.true(finite(numbers(() => family({ logits, temperature }).sample(u))));
      for (const i of [0, 1]) t.true(finite(numbers(() => withSlope(density, logits)[i]!)), `τ = ${temperature}`); // prettier-ignore
    }
});

test("NaN with K = 1,000 outcomes at τ = .1 (pyro#3304): samples, log densities and slopes are finite", (t) => {
  const logits = tf.mul(5, tf.sin(tf.reshape(tf.range(0, 1000), [1, 1000])));
  const noise = new Float32Array(1000);
  fillUniform(key("wide"), noise);
  const u = tf.tensor2d(noise, [1, 1000]);
  for (const temperature of [0.1, 0.005]) {
    const sample = (phi: T) => RelaxedOneHotCategorical({ logits: phi, temperature }).sample(u);
    const density = (phi: T) => RelaxedOneHotCategorical({ logits: phi, temperature }).logProb(sample(phi));
    const total = numbers(() => tf.sum(sample(logits)))[0]!;
    t.true(Math.abs(total - 1) < 1e-5);
    for (const i of [0, 1]) t.true(finite(numbers(() => withSlope(density, logits)[i]!)));
  }
});

for (const name of ["gs", "st-gs", "gumbel-rao", "rebar", "gst"])
  test.serial(
    `NaN with K = 1,000 outcomes at a low temperature (pyro#3304): ${name}'s gradients are finite`,
    async (t) => {
      for (const temperature of [0.1, 0.005]) {
        const { gradients } = await drawn(name, { temperature: String(temperature) }, wideProblem, 2);
        t.true(finite(gradients), `τ = ${temperature}`);
      }
    },
  );

test("NaN slopes of a relaxed bit with p near 0 or 1 (tfp#1393): slopes of samples and densities are right", (t) => {
  const phi = [100, -100, 50, -50, 17, -17];
  const logits = tf.tensor2d([phi]);
  for (const u of [least, 0.5, most]) {
    const at = (x: T) => RelaxedBernoulli({ logits: x, temperature: 0.5 });
    const uniform = tf.fill([1, phi.length], u);
    for (const i of [0, 1])
      t.true(finite(numbers(() => withSlope((x) => at(x).sample(uniform), logits)[i]!)));
    // d log p(y)/dφ = 1 − 2σ(φ − τ logit y) at a fixed y.
    const y = 0.25;
    const slopes = numbers(() => withSlope((x) => at(x).logProb(tf.fill([1, 1], y)), logits)[1]!);
    const right = phi.map((x) => 1 - 2 * sigmoid(x - 0.5 * Math.log(y / (1 - y))));
    slopes.forEach((slope, i) => t.true(Math.abs(slope - right[i]!) < 1e-6, `φ = ${phi[i]}`));
  }
});

// The shares of 40,000 draws are within 4.5 standard errors of softmax(φ): for four outcomes a wrong law of the argmax by .02
// is found with probability above .99.
test("the wrong class wins (tfp#1674): at every temperature the largest entry of a relaxed sample is the hard sample, with probability softmax(φ)", (t) => {
  const [phi, rows] = [[1, 0, -1, 0.5], 40_000];
  const noise = new Float32Array(4 * rows);
  fillUniform(key("argmax"), noise);
  const u = tf.tensor2d(noise, [rows, 4]);
  const logits = tf.tensor2d([phi]);
  const hard = numbers(() => tf.argMax(categorical.harden(categorical.perturb(logits, u)), -1));
  for (const temperature of [0.1, 1, 10])
    t.deepEqual(numbers(() => tf.argMax(RelaxedOneHotCategorical({ logits, temperature }).sample(u), -1)), hard); // prettier-ignore
  logSoftmax(phi)
    .map(Math.exp)
    .forEach((p, k) => {
      const share = hard.filter((chosen) => chosen === k).length / rows;
      t.true(Math.abs(share - p) < 4.5 * Math.sqrt((p * (1 - p)) / rows), `outcome ${k}: ${share}, ${p}`);
    });
});

test.serial(
  "samples of hard=True that are not exactly one-hot (maddpg-pytorch#34, gumbel-softmax#12): st-gs's are, and its gradient is not 0",
  async (t) => {
    for (const problem of [bitsProblem, coupledCategoricalProblem]) {
      const { sample, gradients } = await drawn("st-gs", { temperature: "0.3" }, problem, 64);
      t.true(sample.values.every((x) => x === 0 || x === 1));
      const K = problem === bitsProblem ? 1 : 3;
      if (K === 3)
        for (let i = 0; i < sample.values.length; i += K)
          t.is(
            sample.values.slice(i, i + K).reduce((a, b) => a + b),
            1,
          );
      t.true(gradients.some((x) => x !== 0));
    }
  },
);

test.serial(
  "a gradient that is not divided by λ (torch-imle#3): the entries of imle's are 0 or ±1/λ",
  async (t) => {
    for (const lambda of [0.5, 2, 8]) {
      const { gradients } = await drawn("imle", { lambda: String(lambda) }, bitsProblem, 256);
      t.true(gradients.every((x) => [0, 1 / lambda].includes(Math.abs(x))));
      t.true(
        gradients.some((x) => x !== 0),
        `λ = ${lambda}`,
      );
    }
  },
);

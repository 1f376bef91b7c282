import test from "ava";
import { tf } from "../../../estimators/core/autodiff.ts";
import { alternatives, type Change } from "../../../estimators/core/replay.ts";
import { hard } from "../../../estimators/core/toolkit.ts";
import { bernoulli } from "../../../estimators/distributions/index.ts";
import type { Problem, Sample, Site, T } from "../../../estimators/estimator.ts";
import { randomTensors } from "../../../runners/train/noise-streams.ts";

const rows = 3;
const random = randomTensors("replay");

/** Two layers of bits, the second with logits that depend on the first; `runs` gets the samples of each run. */
function layered(runs: number[]): Problem["run"] {
  return (sample) => {
    const site = (index: number, logits: T): Site => ({ name: `b${index}`, index, family: bernoulli, shape: [4], logits }); // prettier-ignore
    const a = sample(site(0, tf.reshape(random("logits", [rows, 4]), [1, rows, 4])));
    const b = sample(site(1, tf.sub(tf.reverse(a, 2), 0.4)));
    const weights = tf.tensor1d([0.3, -1, 2, 0.7]);
    const cost = tf.square(tf.sum(tf.mul(tf.add(a, tf.mul(b, 1.7)), weights), -1));
    runs.push(cost.shape[0]);
    return { cost, costOf: () => cost, drawn: [], logp: cost };
  };
}

test("alternatives have the same costs in runs of every size", async (t) => {
  await tf.setBackend("cpu");
  const replay: Sample = (site) => hard(site, random(site.name, [1, rows, 4]));
  const changes = [5, 3].map((n, i): Change => {
    const x = tf.step(tf.sub(random(`x${i}`, [n, rows, 4]), 0.5));
    return { site: { name: `b${i}` } as Site, x };
  });
  const costsOf = (elements: number) => {
    const runs: number[] = [];
    const features = { size: elements } as T;
    const costs = alternatives({ run: layered(runs), features }, replay, changes);
    return { runs, costs: costs.map((cost) => cost.arraySync()) };
  };
  const whole = costsOf(1);
  t.deepEqual(whole.runs, [8]);
  for (const [elements, runs] of [
    [2 ** 18, [4, 4]],
    [2 ** 18 + 2 ** 16, [3, 3, 2]],
    [2 ** 30, [1, 1, 1, 1, 1, 1, 1, 1]],
  ] as const) {
    const found = costsOf(elements);
    t.deepEqual(found.runs, [...runs]);
    t.deepEqual(found.costs, whole.costs);
  }
});

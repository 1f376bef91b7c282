/** Estimators with an objective of log weights of their own: rws and tvo, beside sums over configurations in plain numbers. */
import test from "ava";
import { tf } from "../../estimators/core/autodiff.ts";
import { bernoulli } from "../../estimators/distributions/bernoulli.ts";
import type { Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import type { Task } from "../../tasks/task.ts";
import { draw, flat, moments, ownToy, subject } from "./measured.ts";

const site: SiteSpec = { name: "z", family: bernoulli, shape: [3] };
const logits = [0.8, -1.3, 0.2];
const cost = (z: T) => tf.square(tf.sub(tf.sum(tf.mul(z, tf.tensor1d([1.5, -1, 0.8])), -1), 1.2));
const costOf = (z: readonly number[]) => (1.5 * z[0]! - z[1]! + 0.8 * z[2]! - 1.2) ** 2;

/** Its cost is the negative log weight. */
const model = async (rows: number): Promise<Task> => ({
  ...(await ownToy(site, tf.tensor1d(logits), rows, cost)),
  metric: "elbo",
});

const configurations = Array.from({ length: 8 }, (_, n) => [n >> 2, (n >> 1) & 1, n & 1]);
const logq = (z: readonly number[], phi: readonly number[]) =>
  z.reduce((sum, b, d) => sum + b * phi[d]! - Math.log1p(Math.exp(phi[d]!)), 0);

/** π_β(z) ∝ q(z) w(z)^β of every configuration. */
function tempered(phi: readonly number[], beta: number): number[] {
  const masses = configurations.map((z) => Math.exp(logq(z, phi) - beta * costOf(z)));
  const total = masses.reduce((a, b) => a + b);
  return masses.map((mass) => mass / total);
}

/** Central differences of a function of the logits. */
const differences = (f: (phi: readonly number[]) => number): number[] =>
  logits.map((_, d) => {
    const moved = (h: number) => f(logits.map((x, i) => (i === d ? x + h : x)));
    return (moved(1e-5) - moved(-1e-5)) / 2e-5;
  });

/** −2 Σ p(z | x) ∇log q(z): with a cost that does not depend on q, ∇log p(x, z) is ∇log q(z), too. */
const wakeTarget = (): number[] => {
  const posterior = tempered(logits, 1);
  return logits.map((phi, d) =>
    configurations.reduce((sum, z, n) => sum - 2 * posterior[n]! * (z[d]! - 1 / (1 + Math.exp(-phi))), 0),
  );
};

const riemannTarget = (points: readonly number[]): number[] =>
  differences((phi) =>
    points.slice(0, -1).reduce((sum, beta, k) => {
      const law = tempered(phi, beta);
      const mean = configurations.reduce((total, z, n) => total + law[n]! * costOf(z), 0);
      return sum + (points[k + 1]! - beta) * mean;
    }, 0),
  );

const norm = (x: readonly number[]) => Math.hypot(...x);

/** ‖mean of the draws − target‖ / ‖target‖. */
async function distance(name: string, settings: Settings, rows: number, target: readonly number[]) {
  const { mean } = await moments(subject(name, settings), await model(rows));
  return norm([...mean].map((x, d) => x - target[d]!)) / norm(target);
}

const targets: readonly (readonly [string, Settings, readonly number[]])[] = [
  ["rws", {}, wakeTarget()],
  ["tvo", {}, riemannTarget([0, 0.1, 1])],
  ["tvo", { partitions: 3, beta: 0.04 }, riemannTarget([0, 0.04, 0.2, 1])],
];

for (const [name, settings, target] of targets)
  test(`the bias of ${name} ${JSON.stringify(settings)} vanishes with many samples`, async (t) => {
    const [few, many] = [
      await distance(name, { ...settings, samples: 2 }, 20_000, target),
      await distance(name, { ...settings, samples: 1000 }, 400, target),
    ];
    t.true(few > 0.05, `${few}`);
    t.true(many < 0.02, `${many}`);
  });

test("tvo with β₁ → 0 is rloo of the negative log weight", async (t) => {
  const of = async (name: string, settings: Settings) =>
    flat(await draw(subject(name, settings), await model(50)));
  const [tvo, rloo] = [await of("tvo", { beta: 1e-7, samples: 4 }), await of("rloo", { samples: 4 })];
  const size = Math.max(...rloo.map(Math.abs));
  tvo.forEach((x, i) => t.true(Math.abs(x - rloo[i]!) < 1e-5 * size, `${x} ${rloo[i]}`));
});

/** The cart and the pole against a simulation in plain numbers. */
import { serial as test } from "../require.ts";
import { tf } from "../../estimators/core/autodiff.ts";
import { randomTensors } from "../../runners/train/noise-streams.ts";
import cartpole from "../../tasks/cartpole.ts";
import type { Named, Settings, Term } from "../../tasks/task.ts";
import { noPriors } from "../estimators/measured.ts";

/** Time steps until the pole falls, by the equations of Barto et al. without friction. */
function simulated(start: readonly number[], pushes: readonly number[]): number {
  let [x, v, a, w] = start as [number, number, number, number];
  let steps = 0;
  for (const push of pushes) {
    const pulled = ((push ? 10 : -10) + 0.05 * w * w * Math.sin(a)) / 1.1;
    const turning =
      (9.8 * Math.sin(a) - Math.cos(a) * pulled) / (0.5 * (4 / 3 - (0.1 * Math.cos(a) ** 2) / 1.1));
    const speeding = pulled - (0.05 * turning * Math.cos(a)) / 1.1;
    [x, v, a, w] = [x + 0.02 * v, v + 0.02 * speeding, a + 0.02 * w, w + 0.02 * turning];
    if (Math.abs(x) >= 2.4 || Math.abs(a) >= (12 * Math.PI) / 180) return steps;
    steps += 1;
  }
  return steps;
}

test("an episode lasts as long as in a simulation, for each sample and row, and each time step is a term", async (t) => {
  await tf.setBackend("cpu");
  const horizon = 60;
  const defaults = Object.entries(cartpole.options).map(([name, { default: value }]) => [name, value]);
  const task = await cartpole.create({ ...(Object.fromEntries(defaults) as Settings), horizon }, {});
  const { features } = task.gather("train", Int32Array.of(3, 1414, 2000));
  const batch: Named = { features: tf.tensor2d(features!.values, [3, 4]) };
  const parameters = task.init(randomTensors("cartpole"));
  // Always right; right and left in turn; left in every third step.
  const policies = [() => 1, (i: number) => i % 2, (i: number) => Number(i % 3 > 0)];
  const at = (name: string) => Number(name.slice("push".length)) - 1;
  const terms = task.model(parameters, batch, randomTensors("model")).program({
    ...noPriors,
    sample: (name) => tf.tile(tf.tensor3d(policies.map((push) => push(at(name))), [3, 1, 1]), [1, 3, 1]), // prettier-ignore
  }) as readonly Term[];
  t.is(terms.length, horizon);
  t.deepEqual(terms[4]!.sites, ["push1", "push2", "push3", "push4", "push5"]);
  const lasted = tf.neg(tf.addN(terms.map(({ cost }) => cost))).arraySync() as number[][];
  const expected = policies.map((push) =>
    [0, 1, 2].map((row) =>
      simulated(
        [...features!.values.slice(4 * row, 4 * row + 4)],
        Array.from({ length: horizon }, (_, i) => push(i)),
      ),
    ),
  );
  t.deepEqual(lasted, expected);
  t.true(expected.flat().some((n) => n < 12) && new Set(expected.flat()).size > 3, String(expected));
});

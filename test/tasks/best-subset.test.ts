import test from "ava";
import { tf } from "../../estimators/core/autodiff.ts";
import { enumerate, configurations } from "../../estimators/core/configurations.ts";
import bestSubset, { trueWeights } from "../../tasks/best-subset.ts";
import type { Named, T, Trace } from "../../tasks/task.ts";
import { toy } from "../estimators/measured.ts";

test("best-subset costs 0 at the columns and weights that made its data, and more at any other subset", async (t) => {
  const task = await toy("best-subset", 1);
  const total = configurations(task.sites);
  const table = enumerate(task.sites, 0);
  const weights = trueWeights(8, 3);
  const costs = tf.tidy(() => {
    const x = tf.tensor(table, [total, 1, 1, 8]);
    const parameters: Named = { logits: tf.zeros([1, 8]), weights: tf.tensor1d(weights) };
    const { program } = task.model(parameters, { features: tf.zeros([1, 1]) }, () => tf.zeros([1]));
    return [...(program({ sample: () => x } as unknown as Trace) as T).dataSync()];
  });
  t.is(total, 56);
  costs.forEach((cost, n) => {
    const z = [...table.slice(n * 8, n * 8 + 8)];
    if (z.every((one, i) => (one === 1) === (weights[i] !== 0))) t.true(cost < 1e-12);
    else t.true(cost > 0.1, `${z.join("")}: ${cost}`);
  });
});

test("a subset of more columns than there are is refused", (t) => {
  t.throws(() => bestSubset.sites({ columns: 3, subset: 4 }), {
    message: "subset must be at most columns, which is 3, got 4.",
  });
});

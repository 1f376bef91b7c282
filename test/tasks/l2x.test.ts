/** The data of l2x against the formulas of the paper, and its measure by hand. */
import test from "ava";
import { tf } from "../../estimators/core/autodiff.ts";
import l2x, { labelled } from "../../tasks/l2x.ts";

const x = Float32Array.of(0.5, -2, 1, 0.25, -1, 2, 0, 3, 1, -0.5);
/** −100 sin(a/5) + |b| + c + e^−d − 2.4 */
const additive = (a: number, b: number, c: number, d: number) =>
  -100 * Math.sin(a / 5) + Math.abs(b) + c + Math.exp(-d) - 2.4;

test("labels have the log odds of the paper, and depend on the features that are marked relevant", (t) => {
  const cases = [
    ["xor", true, -1, [0, 1]],
    ["orange-skin", true, 0.25 + 4 + 1 + 0.0625 - 4, [0, 1, 2, 3]],
    ["nonlinear-additive", true, additive(0.5, -2, 1, 0.25), [0, 1, 2, 3]],
    ["switch", true, 0.25 + 4 + 1 + 0.0625 - 4, [0, 1, 2, 3, 9]],
    ["switch", false, additive(-1, 2, 0, 3), [4, 5, 6, 7, 9]],
  ] as const;
  for (const [name, upper, logOdds, relevant] of cases) {
    const row = labelled(name, x, upper);
    t.true(Math.abs(row.logOdds - logOdds) < 1e-6, name);
    t.deepEqual(row.relevant.flatMap((one, i) => (one ? [i] : [])), [...relevant], name); // prettier-ignore
    t.is(row.features[9]!, name === "switch" ? (upper ? 2.5 : -3.5) : -0.5);
  }
});

test("tpr is the share of the relevant features among the k with the largest logits", async (t) => {
  await tf.setBackend("cpu");
  const options = { ...Object.fromEntries(Object.entries(l2x.options).map(([name, spec]) => [name, spec.default])), dataset: "switch", explainer: "none" }; // prettier-ignore
  const task = await l2x.create(options, {});
  const batch = {
    features: tf.tensor2d([[...x]]),
    relevant: tf.tensor2d([[1, 1, 1, 1, 0, 0, 0, 0, 0, 1]]),
  };
  const tpr = (...chosen: number[]) => {
    const bias = tf.tensor1d(Array.from(x, (_, i) => (chosen.includes(i) ? 5 + i : i / 10)));
    const parameters = { "explainer/0/weights": tf.zeros([10, 10]), "explainer/0/bias": bias };
    return task.measures!["tpr"]!(parameters, batch, () => tf.zeros([1])).dataSync()[0]!;
  };
  t.is(tpr(0, 1, 2, 3, 9), 1);
  t.is(tpr(4, 5, 6, 7, 8), 0);
  t.true(Math.abs(tpr(0, 3, 5, 7, 9) - 3 / 5) < 1e-6);
});

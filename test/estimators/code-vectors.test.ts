/** Derivatives that pass from code vectors to points: VQ-VAE's straight-through and the rotation trick. */
import { onTape, lastGradients, tf } from "../../estimators/core/autodiff.ts";
import { chosenCodes, rotated } from "../../estimators/core/code-vectors.ts";
import type { OptionSpecs, Settings, T } from "../../estimators/estimator.ts";
import { runEstimator } from "../../runners/train/run-estimator.ts";
import { setUpTraining } from "../../runners/train/training-setup.ts";
import { allInputs } from "../../runners/train/step-inputs.ts";
import { resolveOptions } from "../../runners/options/resolve.ts";
import st from "../../estimators/st.ts";
import vq, { gridCodes } from "../../tasks/vq.ts";
import { serial as test } from "../require.ts";

const close = (a: readonly number[], b: readonly number[], tolerance = 1e-5) =>
  a.length === b.length && a.every((x, i) => Math.abs(x - b[i]!) <= tolerance);
const numbers = (x: T) => [...x.dataSync()];

test("the rotation takes the point to its code vector, and its transpose takes the derivative back", async (t) => {
  await tf.setBackend("cpu");
  const [angle, turn, stretch] = [0.4, 1.1, 2.5];
  const e = tf.tensor2d([[Math.cos(angle), Math.sin(angle)]]);
  const q = tf.tensor2d([[stretch * Math.cos(angle + turn), stretch * Math.sin(angle + turn)]]);
  const g = [0.7, -1.3] as const;
  onTape(() => {
    const y = rotated(e, q);
    t.true(close(numbers(y), numbers(q)));
    const [found] = lastGradients(tf.sum(tf.mul(y, tf.tensor2d([[...g]]))), [e]);
    // λRᵀg with R the rotation by `turn`.
    const [c, s] = [stretch * Math.cos(turn), stretch * Math.sin(turn)];
    t.true(close(numbers(found!), [c * g[0] + s * g[1], c * g[1] - s * g[0]]));
  });
});

test("the nearest code of a grid is found by rounding each coordinate, as in FSQ", async (t) => {
  await tf.setBackend("cpu");
  const codes = gridCodes([3, 4]);
  t.is(codes.length, 12);
  const near = (point: readonly number[]) =>
    codes.toSorted((a, b) => Math.hypot(a[0]! - point[0]!, a[1]! - point[1]!) - Math.hypot(b[0]! - point[0]!, b[1]! - point[1]!))[0]!; // prettier-ignore
  for (const point of [[0.4, 0.2], [-0.6, 1.3], [0.9, -0.9]] as const) // prettier-ignore
    t.deepEqual(near(point).map((x) => x + 0), [Math.round(point[0]) + 0, Math.floor(point[1]) + 0.5]); // prettier-ignore
  const hot = tf.tensor2d([[0, 0, 1]]);
  t.deepEqual(numbers(chosenCodes(hot, tf.tensor2d([[1, 2], [3, 4], [5, 6]]))), [5, 6]); // prettier-ignore
});

/** Norms of the gradients of a tiny quantised autoencoder, by parameter. */
async function norms(options: Settings): Promise<Record<string, number>> {
  const tiny = { codes: 3, size: 2, channels: "2-3", batch: 4, side: "7", commitment: 0 };
  const task = await vq.create(resolveOptions(tiny, { who: "vq", specs: vq.options }), {});
  const settings = resolveOptions(options, { who: "st", specs: st.options as OptionSpecs });
  const setup = await setUpTraining(task, st, settings, 0);
  await tf.setBackend("cpu");
  const inputs = Object.fromEntries(
    Object.entries(allInputs(setup)).map(([name, { values, shape }]) => [
      name,
      tf.tensor(values, [...shape]),
    ]),
  );
  const names = Object.keys(inputs).filter((name) => name.startsWith("task/"));
  const gradients = onTape(() => {
    const { total } = runEstimator(setup, inputs, (_name, shape) => tf.fill([...shape], 0.5));
    return lastGradients(total, names.map((name) => inputs[name]!)); // prettier-ignore
  });
  return Object.fromEntries(names.map((name, i) => [name, numbers(tf.norm(gradients[i]!))[0]!]));
}

test("identity and rotation pass the derivative to the encoder and none to the codebook, softmax to both", async (t) => {
  for (const backward of ["identity", "rotation", "softmax"]) {
    const found = await norms({ forward: "argmax", backward });
    t.true(found["task/encoder/point/weights"]! > 0, backward);
    t.is(found["task/codebook"]! > 0, backward === "softmax", backward);
  }
});

test("vq has as many places as the data set's images give", async (t) => {
  const settings = resolveOptions({ dataset: "digits", batch: 2 }, { who: "vq", specs: vq.options });
  const task = await vq.create(settings, {});
  t.deepEqual(task.sites[0]!.shape, [4, 64]);
  t.is(task.features, 64);
});

test("rotation is refused where sites have no code vectors", (t) => {
  const site = { name: "z", family: vq.sites({ side: "7", channels: "2", grid: "2" })[0]!.family, shape: [1, 3] }; // prettier-ignore
  t.regex(st.supports!([site], { backward: "rotation" })!, /which its sites do not have/);
  t.is(st.supports!([{ ...site, codes: 2 }], { backward: "rotation" }), undefined);
});

/** Logic gates against their truth tables. */
import { serial as test } from "../require.ts";
import { tf } from "../../estimators/core/autodiff.ts";
import { gateCount, gateLayer, gates, wires } from "../../tasks/networks/gates.ts";

test("gate i has bit 2a + b of i at (a, b), and every function of two bits is there once", (t) => {
  const tables = gates.map(([one, onA, onB, both]) =>
    [0, 1, 2, 3].map((at) => one! + onA! * (at >> 1) + onB! * (at & 1) + both! * (at >> 1) * (at & 1)),
  );
  tables.forEach((table, i) => t.deepEqual(table, [0, 1, 2, 3].map((at) => (i >> at) & 1))); // prettier-ignore
  t.is(new Set(tables.map(String)).size, gateCount);
});

test("a layer computes the chosen gates of its wires, and mean weights give the mean", async (t) => {
  await tf.setBackend("cpu");
  const below = tf.tensor3d([0, 1, 1, 1, 0, 1], [1, 2, 3]);
  const read = [Int32Array.of(0, 1), Int32Array.of(1, 2)] as const;
  const [and, xor] = [8, 6];
  const hot = tf.reshape(tf.oneHot(tf.tensor1d([and, xor], "int32"), gateCount), [1, 1, 2, gateCount]);
  t.deepEqual(gateLayer(below, read, tf.cast(hot, "float32")).arraySync(), [[[0, 0], [0, 1]]]); // prettier-ignore
  const mean = tf.fill([1, 1, 2, gateCount], 1 / gateCount);
  t.deepEqual(gateLayer(below, read, mean).arraySync(), [[[0.5, 0.5], [0.5, 0.5]]]); // prettier-ignore
});

test("wires read every output below if there are enough neurons", (t) => {
  const [first, second] = wires("test", 30, 20);
  t.is(new Set([...first, ...second]).size, 30);
  t.deepEqual(wires("test", 30, 20), [first, second]);
});

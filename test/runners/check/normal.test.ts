import test from "ava";
import { criticalValue, pValue, upperTail } from "../../../reports/aggregate/normal-tail.ts";

test("upperTail is P(Z > z), published values from the middle to far out", (t) => {
  const published = [
    [0, 0.5],
    [1, 0.15865525393145707],
    [1.959963984540054, 0.025],
    [3, 0.0013498980316300933],
    [5, 2.8665157187919333e-7],
    [8, 6.220960574271785e-16],
  ] as const;
  for (const [z, p] of published) t.true(Math.abs(upperTail(z) / p - 1) < 1e-10, `z = ${z}`);
});

test("the series and the continued fraction meet at 3", (t) => {
  t.true(Math.abs(upperTail(3 - 1e-9) / upperTail(3) - 1) < 1e-7);
});

test("criticalValue inverts pValue", (t) => {
  for (const alpha of [0.05, 1e-3, 1e-6, 1e-8])
    t.true(Math.abs(pValue(criticalValue(alpha)) / alpha - 1) < 1e-9);
});

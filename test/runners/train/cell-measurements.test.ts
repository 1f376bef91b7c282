import test from "ava";
import { learnedScalars } from "../../../runners/train/cell-measurements.ts";

const array = (...values: number[]) => ({ shape: [values.length], values: Float32Array.from(values) });

test("learnedScalars gives the single numbers among the parameters of an estimator, logarithms raised", (t) => {
  const inputs = {
    "own/scale/z": array(0.5),
    "own/log-temperature/z": array(0),
    "own/log-temperature/w": array(1000),
    "own/baseline/w": array(1, 2),
    "task/bias": array(3),
  };
  t.deepEqual(learnedScalars(inputs), [
    ["learned-scale/z", 0.5],
    ["learned-temperature/z", 1],
    ["learned-temperature/w", null],
  ]);
});

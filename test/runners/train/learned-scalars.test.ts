import test from "ava";
import { learned } from "../../../runners/train/learned-scalars.ts";

const array = (...values: number[]) => ({ shape: [values.length], values: Float32Array.from(values) });

test("learned gives the single numbers of an estimator's own parameters, logarithms raised", (t) => {
  const inputs = {
    "own/scale/z": array(0.5),
    "own/log-temperature/z": array(0),
    "own/log-temperature/w": array(1000),
    "own/baseline/w": array(1, 2),
    "task/bias": array(3),
  };
  t.deepEqual(learned(inputs), [
    ["learned-scale/z", 0.5],
    ["learned-temperature/z", 1],
    ["learned-temperature/w", null],
  ]);
});

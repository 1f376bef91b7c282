import test from "ava";
import { failureReasons } from "../../../reports/aggregate/failure-reasons.ts";

const failure = (task: string, estimator: string, seed: number, error: string) =>
  ({ task, estimator, seed, state: "failed", error }) as const;

test("failureReasons names each reason once, with the cells that it ended", (t) => {
  const seeds = [0, 1, 2].map((seed) => failure("bits", "gs", seed, "No luck."));
  t.deepEqual(
    failureReasons([...seeds, failure("kool", "gs", 1, "No luck."), failure("kool", "st", 0, "Late.")]),
    ["bits, gs, 3 seeds; kool, gs, seed 1: failed. No luck.", "kool, st, seed 0: failed. Late."],
  );
  const many = ["a", "b", "c", "d", "e", "f"].map((name) => failure("bits", name, 0, "No."));
  t.deepEqual(failureReasons(many), [
    "bits, a, seed 0; bits, b, seed 0; bits, c, seed 0; bits, d, seed 0; 2 more pairs: failed. No.",
  ]);
  t.deepEqual(failureReasons([]), []);
});

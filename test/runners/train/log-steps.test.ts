import test from "ava";
import fc from "fast-check";
import { quick, usual } from "../../../runners/plan/plan.ts";
import { gradientSteps, logSteps } from "../../../runners/train/log-steps.ts";

test("the log points of a run are 0, every 250 steps, and the last", (t) => {
  const points = logSteps(10_000, usual.logPoints);
  t.is(points.length, 41);
  t.deepEqual(points.slice(0, 3), [0, 250, 500]);
  t.is(points.at(-1), 10_000);
  t.is(gradientSteps(10_000, usual.logPoints, usual.gradients.points).length, 6);
});

test("a quick run has five log points after the start, and gradients at start and end", (t) => {
  t.deepEqual(logSteps(500, quick.logPoints), [0, 100, 200, 300, 400, 500]);
  t.deepEqual(gradientSteps(500, quick.logPoints, quick.gradients.points), [0, 500]);
});

test("log points rise from 0 to the last step, and gradients are measured at some of them", (t) => {
  const count = fc.integer({ min: 1, max: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20_000 }), count, count, (steps, points, measured) => {
      const all = logSteps(steps, points);
      const some = gradientSteps(steps, points, measured);
      return (
        all[0] === 0 &&
        all.at(-1) === steps &&
        all.every((step, i) => Number.isInteger(step) && (i === 0 || step > all[i - 1]!)) &&
        some[0] === 0 &&
        some.every((step) => all.includes(step)) &&
        some.length <= measured &&
        (measured < 2 || some.at(-1) === steps)
      );
    }),
  );
  t.pass();
});

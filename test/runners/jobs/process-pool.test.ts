import test from "ava";
import { startProcess } from "../../../runners/jobs/process-pool.ts";
import { measureIn } from "../../../runners/jobs/variance-measurements.ts";
import {
  groupReference,
  measureInGroup,
  openVariance,
  type VarianceRequest,
} from "../../../runners/variance/variance-plan.ts";
import type { VarianceRow } from "../../../reports/format/variance-row.ts";

const request: VarianceRequest = {
  request: {
    ...{ estimators: ["gs", "rebar", "exact"], tasks: ["coupled-bits"] },
    ...{ grids: [], plugins: [], quick: false },
  },
  draws: 100,
  seed: 3,
};
const untimed = (row: VarianceRow) => ({ ...row, secondsPerDraw: 0, varianceTimesSeconds: 0 });

test("a child process measures what its parent measures, to the last bit, until it dies", async (t) => {
  const { groups, close } = await openVariance(request);
  const [group] = groups;
  const reference = await groupReference(group!);
  const child = startProcess({ kind: "variance", request });
  t.teardown(() => child.close());
  const measure = (estimator: number) =>
    measureIn(child, { kind: "measurement", group: 0, estimator, reference });
  for (const [index, one] of group!.estimators.entries()) {
    const there = await measure(index);
    t.is(there.estimator, one.label);
    t.deepEqual(untimed(there), untimed(await measureInGroup(group!, one, reference)));
  }
  await close();
  const last = measure(0);
  process.kill(child.pid, "SIGKILL");
  const message = /^A child process of bench variance died: its process ended with signal SIGKILL/;
  await t.throwsAsync(last, { message });
  await t.throwsAsync(measure(1), { message }, "a dead child answers at once");
});

import test from "ava";
import { openHelper } from "../../../runners/jobs/variance-jobs.ts";
import {
  groupReference,
  measureInGroup,
  openVariance,
  type VarianceRequest,
} from "../../../runners/variance/variance-plan.ts";
import type { VarianceRow } from "../../../reports/format/variance-row.ts";

const wanted: VarianceRequest = {
  request: {
    estimators: ["gs", "rebar", "exact"],
    tasks: ["coupled-bits"],
    grids: [],
    plugins: [],
    quick: false,
  },
  draws: 100,
  seed: 3,
};
const untimed = (row: VarianceRow) => ({ ...row, secondsPerDraw: 0, varianceTimesSeconds: 0 });

test("a helper of bench variance measures what its parent measures, to the last bit", async (t) => {
  const { groups, close } = await openVariance(wanted);
  const [group] = groups;
  const reference = await groupReference(group!);
  const helper = openHelper(wanted);
  t.teardown(() => helper.close());
  for (const [subject, one] of group!.estimators.entries()) {
    const there = await helper.measure({ group: 0, subject, reference });
    t.is(there.estimator, one.label);
    t.deepEqual(untimed(there), untimed(await measureInGroup(group!, one, reference)));
  }
  await close();
});

test("a helper of bench variance that dies is said to have died, at once and afterwards", async (t) => {
  const { groups, close } = await openVariance(wanted);
  const reference = await groupReference(groups[0]!);
  await close();
  const helper = openHelper(wanted);
  const asked = helper.measure({ group: 0, subject: 0, reference });
  helper.process.kill("SIGKILL");
  const says = /^variance: a child process must live until it is done, got SIGKILL$/;
  t.regex((await t.throwsAsync(asked)).message, says);
  t.regex((await t.throwsAsync(helper.measure({ group: 0, subject: 1, reference }))).message, says);
});

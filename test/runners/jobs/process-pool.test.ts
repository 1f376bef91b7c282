import { join } from "node:path";
import test from "ava";
import { chooseChecked, openCheckEngine } from "../../../runners/check/choose-checked.ts";
import type { CheckReport } from "../../../runners/check/run-checks.ts";
import { startProcess } from "../../../runners/jobs/process-pool.ts";
import { runIn, runTogether } from "../../../runners/jobs/run-together.ts";
import {
  groupReference,
  measureInGroup,
  openVariance,
  type VarianceRequest,
} from "../../../runners/variance/variance-plan.ts";
import { readBank, readStage } from "../../../runners/variance/bank-files.ts";
import { measureStages } from "../../../runners/variance/bank-stages.ts";
import { bench, temporaryFolder } from "../cli/call.ts";
import type { BlockSums } from "../../../runners/train/block-sums.ts";
import { referenceOf } from "../../../runners/variance/reference.ts";
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
    runIn<VarianceRow>(child, { kind: "measurement", group: 0, estimator, reference });
  for (const [index, one] of group!.estimators.entries()) {
    const there = await measure(index);
    t.is(there.estimator, one.label);
    t.deepEqual(untimed(there), untimed(await measureInGroup(group!, one, reference)));
  }
  await close();
  const last = measure(0);
  process.kill(child.pid, "SIGKILL");
  const message = /^A child process died: its process ended with signal SIGKILL/;
  await t.throwsAsync(last, { message });
  await t.throwsAsync(measure(1), { message }, "a dead child answers at once");
});

test("a child process measures at the stages of a bank, and their references, as its parent does", async (t) => {
  const cwd = temporaryFolder();
  const made = await bench(["bank", "coupled-bits", "--steps", "4", "--out", "bank", "-q"], { cwd });
  t.is(made.status, 0, made.err);
  const folder = join(cwd, "bank");
  const stages = { folder, bank: readBank(folder), draws: 20 };
  const { groups, close } = await openVariance(request);
  const { conditions, estimators } = groups[0]!;
  const child = startProcess({ kind: "variance", request });
  t.teardown(() => child.close());
  const there = await runIn<VarianceRow[]>(child, { kind: "stages", estimator: 1, stages });
  const here = await measureStages(stages, conditions, estimators[1]!);
  t.deepEqual(there.map(untimed), here.map(untimed));
  const { reference, ...at } = readStage(folder, stages.bank.stages[1]!);
  const sameSeed = { ...request, seed: stages.bank.seed };
  const other = startProcess({ kind: "variance", request: sameSeed });
  t.teardown(() => other.close());
  t.deepEqual(await runIn(other, { kind: "reference", at }), reference);
  await close();
});

test("a sampled reference is the same to the last bit when processes share its draws", async (t) => {
  const tasks = ["cat10:variables=30,hidden=8,side=14,batch=2"];
  const sampled = { ...request, request: { ...request.request, estimators: ["rloo"], tasks } };
  const { groups, close } = await openVariance(sampled);
  const { conditions, references } = groups[0]!;
  const most = 250;
  const alone = await referenceOf(conditions, references, { most });
  const indices: number[] = [];
  const shared = await referenceOf(conditions, references, {
    most,
    async loop(here, count, add) {
      t.is(count, 3);
      const child = startProcess({ kind: "variance", request: sampled });
      t.teardown(() => child.close());
      const middle = await runIn<BlockSums>(child, { kind: "reference part", group: 0, part: 1 });
      for (const index of [0, 1, 2]) {
        indices.push(index);
        if (add(index === 1 ? middle : await here(index))) return;
      }
    },
  });
  t.true(indices.length > 1);
  t.deepEqual(shared, alone);
  await close();
});

test("jobs end once what has ended is enough", async (t) => {
  const ended: number[] = [];
  const results = await runTogether<number>({
    ...{ count: 9, jobs: 1, preparation: { kind: "variance", request } },
    here: (index) => Promise.resolve(10 * index),
    job: () => t.fail(),
    ended: (index) => ended.push(index),
    enough: () => ended.length === 3,
  });
  t.deepEqual([results, ended], [[0, 10, 20], [0, 1, 2]]); // prettier-ignore
});

// Serial, since no other test can use tfjs while its WebAssembly starts.
test.serial(
  "checks that a child process shares in have the outcomes of one process, in their order",
  async (t) => {
    const request = { names: ["arms", "exact", "gs"], plugins: [], folder: "." };
    const [chosen, engine] = [await chooseChecked(request), await openCheckEngine()];
    const here = (index: number) => chosen[index]!.check(engine, { only: ["runs"] });
    let shared = 0;
    const reports = await runTogether<CheckReport>({
      ...{ count: 3, jobs: 2, startDelay: 0, preparation: { kind: "checks", request } },
      // The first waits for a child to take the others.
      here: async (index) => {
        while (shared < 2) await new Promise((resolve) => setTimeout(resolve, 20));
        return here(index);
      },
      job: (index) => ({ kind: "check", index }),
      ended: () => (shared += 1),
    });
    t.deepEqual(
      reports.map(({ estimator }) => estimator),
      ["arms", "exact", "gs"],
    );
    for (const [index, { checks }] of reports.entries()) {
      const { detail, state } = (await here(index)).checks[0]!;
      t.like(checks[0], { name: "runs", state, detail });
    }
    await engine.close();
  },
);

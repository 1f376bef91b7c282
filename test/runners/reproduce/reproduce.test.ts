import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import type { Manifest } from "../../../reports/format/records.ts";
import { runCell } from "../../../runners/train/training-loop.ts";
import { BenchError } from "../../../runners/errors.ts";
import { budgets } from "../../../runners/reproduce/budgets.ts";
import type { PaperData } from "../../../runners/reproduce/paper.ts";
import { reproduce } from "../../../runners/reproduce/run-paper.ts";
import {
  testFolder,
  validationFolder,
  type ReproduceSettings,
} from "../../../runners/reproduce/progress-state.ts";
import type { RunCell } from "../../../runners/train/cell-job.ts";
import { openRegistry } from "../../../runners/plan/registry.ts";

const root = mkdtempSync(join(tmpdir(), "bench-reproduce-"));
process.on("exit", () => rmSync(root, { recursive: true, force: true }));

const registry = await openRegistry();

/** A paper of one bit: its optimum is .04, and only the larger rate comes near it in so few steps. */
const paper: PaperData = {
  key: "tucker2017",
  experiments: [
    {
      ...{ kind: "training", id: "bit", title: "One bit", source: "here", task: "bits:t=0.2,rows=4" },
      steps: 60,
      rates: { all: [0.001, 0.3], fewer: [[0.3]] },
      quantities: [
        {
          ...{ name: "cost", title: "loss", unit: "", metric: "cost", split: "train" },
          ...{ factor: 1, better: "lower", decimals: 2 },
        },
      ],
      columns: [
        { title: "RLOO", estimator: "rloo", published: { cost: 0.04 } },
        { title: "exact", estimator: "exact", published: { cost: 0.04 } },
      ],
    },
  ],
  stated: ["a bit"],
  chosen: ["its rate"],
};

const whole = { ...budgets.find(({ name }) => name === "paper")! };

function settings(change: Partial<ReproduceSettings> = {}): ReproduceSettings & { readonly said: string[] } {
  const silent = () => undefined;
  const said: string[] = [];
  return {
    asked: { paper, experiments: paper.experiments, budget: whole, engine: "cpu", seeds: "1", jobs: 1 },
    registry,
    folder: mkdtempSync(join(root, "run-")),
    name: "A",
    command: "bench reproduce",
    citation: "Somebody 2017",
    link: "https://example.org",
    force: false,
    retryFailed: false,
    reporter: {
      started: silent,
      progress: silent,
      ended: silent,
      skipped: silent,
      note: (text) => said.push(text),
    },
    interrupted: () => false,
    runCell,
    writeReport: () => Promise.resolve(),
    announce: (_schedule, { spared }) => said.push(...spared),
    now: () => performance.now() / 1000,
    said,
    ...change,
  };
}

/** What of a record must not depend on when and how often it was made. */
const numbers = (result: Awaited<ReturnType<typeof reproduce>>) => result!.record.rows;

test.serial(
  "the rate is chosen on validation runs, the test is of that rate alone, and all of it is written",
  async (t) => {
    const given = settings();
    const result = await reproduce(given);
    t.false(result!.interrupted);
    t.true(result!.record.complete);
    for (const row of result!.record.rows) {
      t.is(row.learningRate, 0.3);
      t.is(row.steps, 60);
      t.is(row.verdict, "agrees", JSON.stringify(row));
      t.deepEqual(row.unequal, []);
      t.deepEqual(
        row.tried.map(({ rate }) => rate),
        [0.001, 0.3],
      );
      t.true(row.tried[1]!.value! > row.tried[0]!.value!);
    }
    for (const name of ["reproduction.json", "reproduction.csv", "reproduction.md", "schedule.json"])
      t.true(existsSync(join(given.folder, name)), name);
    const markdown = readFileSync(join(given.folder, "reproduction.md"), "utf8");
    t.regex(markdown, /\| RLOO \| 0\.04 \|/);
    t.regex(markdown, /Learning rates by validation/);
    const matrix = (folder: string) =>
      (JSON.parse(readFileSync(join(folder, "manifest.json"), "utf8")) as Manifest).matrix;
    t.is(matrix(validationFolder(given.folder, "bit")).length, 4);
    t.deepEqual(
      matrix(testFolder(given.folder, "bit")).map(({ taskLabel, label }) => [taskLabel, label]),
      [
        ["bits:t=0.2,rows=4", "rloo"],
        ["bits:t=0.2,rows=4", "exact"],
      ],
    );
  },
);

test.serial("each estimator is tested at its own rate alone, in one plan", async (t) => {
  const tested: [string, number, number][] = [];
  const favouring: RunCell = async (job, observer) => {
    const { label, taskSettings, budget } = job.cell;
    const rate = Number(taskSettings["learning-rate"]);
    const outcome = await runCell(job, observer);
    if (job.plan.gradients.points > 0) tested.push([label, rate, job.task.learningRate(0)]);
    else if (label === "exact" && rate === 0.001)
      job.folder.appendCurve([
        {
          ...{ step: budget.steps, forward: 60, backward: 60, seconds: 0 },
          ...{ split: "train", metric: "cost", value: 0 },
        },
      ]);
    return outcome;
  };
  const result = await reproduce(settings({ runCell: favouring }));
  t.deepEqual(tested, [
    ["rloo", 0.3, 0.3],
    ["exact", 0.001, 0.001],
  ]);
  t.deepEqual(
    numbers(result).map(({ column, learningRate, cells, states }) => [
      column,
      learningRate,
      cells.length,
      states,
    ]),
    [
      ["RLOO", 0.3, 1, "done"],
      ["exact", 0.001, 1, "done"],
    ],
  );
});

test.serial("interrupted at any cell, it goes on to the same table", async (t) => {
  const expected = numbers(await reproduce(settings()));
  const { folder } = settings();
  let calls = 0;
  let finished = false;
  for (let attempt = 0; attempt < 10 && !finished; attempt++) {
    let stop = false;
    const once: RunCell = (job, observer) => {
      calls += 1;
      // The second cell of each call is interrupted in its midst.
      stop = calls % 2 === 0;
      return runCell(job, observer);
    };
    const result = await reproduce(settings({ folder, runCell: once, interrupted: () => stop }));
    finished = !result!.interrupted;
    if (!finished) t.true(result!.record.rows.some(({ states }) => /pending|interrupted/.test(states)));
  }
  t.true(finished);
  const rows = JSON.parse(readFileSync(join(folder, "reproduction.json"), "utf8")) as { rows: unknown };
  t.deepEqual(rows.rows, JSON.parse(JSON.stringify(expected)));
});

test.serial(
  "when a limited time is used up it stops in order and says so; a later call goes on",
  async (t) => {
    const asked = { ...settings().asked, budget: { ...whole, seconds: 3600 } };
    const { folder } = settings();
    let hours = 0;
    const late: RunCell = (job, observer) => {
      hours = 1;
      return runCell(job, observer);
    };
    const first = await reproduce(settings({ asked, folder, runCell: late, now: () => 3600 * hours }));
    t.true(first!.late && first!.interrupted);
    t.false(first!.record.complete);
    const second = await reproduce(settings({ asked, folder }));
    t.false(second!.interrupted);
    t.true(second!.record.complete);
  },
);

test.serial("what is done is not done again, and the first call's schedule stands", async (t) => {
  const given = settings();
  await reproduce(given);
  const schedule = readFileSync(join(given.folder, "schedule.json"), "utf8");
  const never: RunCell = () => Promise.reject(new Error("nothing is left to do"));
  const again = await reproduce(settings({ folder: given.folder, runCell: never }));
  t.true(again!.record.complete);
  t.is(readFileSync(join(given.folder, "schedule.json"), "utf8"), schedule);
});

test.serial(
  "a later call that is interrupted at once leaves in the table what was measured before",
  async (t) => {
    const bits = {
      kind: "variance",
      id: "v",
      title: "A bit",
      source: "here",
      task: "bits",
      draws: 40,
    } as const;
    const columns = [{ title: "RLOO", estimator: "rloo", published: { variance: 1 } }];
    const asked = { ...settings().asked, experiments: [{ ...bits, columns }, ...paper.experiments] };
    const { folder } = settings();
    const first = await reproduce(settings({ folder, asked }));
    const again = await reproduce(settings({ folder, asked, interrupted: () => true }));
    t.deepEqual(numbers(again), numbers(first));
    t.true(again!.record.complete);
    const none = await reproduce(settings({ asked, interrupted: () => true }));
    t.true(none!.interrupted && numbers(none).every(({ measured }) => measured === null));
  },
);

test.serial("another budget does not join a folder", async (t) => {
  const { folder } = settings();
  await reproduce(settings({ folder }));
  const asked = { ...settings().asked, budget: budgets[0]! };
  await t.throwsAsync(reproduce(settings({ folder, asked, dryRun: true })), {
    instanceOf: BenchError,
    message: /a folder must hold one reproduction .*"budget":"paper".*"budget":"quick".*--name, or --force/,
  });
});

test.serial("a dry run writes nothing, so that the real one plans anew", async (t) => {
  const folder = join(settings().folder, "new");
  await reproduce(settings({ folder, dryRun: true }));
  t.false(existsSync(folder));
});

test.serial("a folder of something else is refused before anything is written", async (t) => {
  const { folder } = settings();
  writeFileSync(join(folder, "report.html"), "mine");
  for (const force of [false, true])
    await t.throwsAsync(reproduce(settings({ folder, force })), {
      instanceOf: BenchError,
      message: /the folder must be empty or hold a reproduction .*got report\.html; choose another --out/,
    });
  t.deepEqual(readdirSync(folder), ["report.html"]);
});

test.serial(
  "a folder of which a crash left no more than a half-written schedule is begun anew",
  async (t) => {
    const given = settings();
    writeFileSync(join(given.folder, "schedule.json.new"), '{"asked": {');
    const result = await reproduce(given);
    t.true(result!.record.complete);
    t.false(existsSync(join(given.folder, "schedule.json.new")));
  },
);

test.serial("two that begin at once at one folder are of one schedule, and of one table", async (t) => {
  const { folder } = settings();
  // As where their first steps took unlike times.
  const asked = (steps: number) => ({ ...settings().asked, budget: { ...whole, steps } });
  const [first, second] = await Promise.all(
    [40, 50].map((steps) => reproduce(settings({ folder, asked: asked(steps) }))),
  );
  t.true(first!.record.complete && second!.record.complete);
  t.deepEqual(numbers(first), numbers(second));
  for (const row of numbers(first)) t.is(row.states, "done");
  t.is(readdirSync(join(testFolder(folder, "bit"), "cells")).length, 2);
});

test.serial("a short budget says what it gives up and marks every comparison", async (t) => {
  const budget = { ...budgets[0]!, steps: 5 };
  const given = settings({ asked: { ...settings().asked, budget } });
  const result = await reproduce(given);
  t.deepEqual(given.said, [
    "steps: 5 where there may be 60",
    "learning rates: 0.3 alone, untuned, of 1e−3, 0.3",
  ]);
  for (const row of result!.record.rows) {
    t.deepEqual(row.tried, []);
    t.is(row.unequal.length, 2);
  }
});

test.serial("an estimator that fails is in the table, without a number", async (t) => {
  const failing: RunCell = (job, observer) =>
    job.cell.estimator === "exact" ? Promise.reject(new Error("no luck")) : runCell(job, observer);
  const result = await reproduce(settings({ runCell: failing }));
  t.true(result!.record.complete);
  const [rloo, exact] = result!.record.rows;
  t.is(rloo!.verdict, "agrees");
  t.is(exact!.verdict, "not measured");
  t.is(exact!.states, "diverged or failed at every learning rate");
});

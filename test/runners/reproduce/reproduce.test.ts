import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serial as test } from "../../require.ts";
import type { Manifest } from "../../../reports/format/records.ts";
import type { Reproduction } from "../../../reports/format/reproduction-record.ts";
import { runCell } from "../../../runners/train/cell.ts";
import { BenchError } from "../../../runners/errors.ts";
import { budgets } from "../../../runners/reproduce/budgets.ts";
import type { Experiment, PaperData } from "../../../runners/reproduce/paper.ts";
import {
  testFolder,
  validationFolder,
  type ReproduceOptions,
  type ReproduceSettings,
} from "../../../runners/reproduce/reproduce-options.ts";
import { reproduce, type ReproduceResult } from "../../../runners/reproduce/run-paper.ts";
import { compareWithSeeds, openStore } from "../../../runners/reproduce/stored-values.ts";
import { verification } from "../../../reports/format/reproduction-tables.ts";
import type { RunCell } from "../../../runners/train/cell-job.ts";
import { openRegistry } from "../../../runners/plan/registry.ts";
import { silent } from "../cli/cells.ts";

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
      rates: [0.001, 0.3],
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

const variance: Experiment = {
  ...{ kind: "variance", id: "v", title: "A bit", source: "here", task: "bits", draws: 40 },
  columns: [{ title: "RLOO", estimator: "rloo", published: { variance: 1 } }],
};

const preset = (name: string) => budgets.find((budget) => budget.name === name)!;
const newFolder = () => mkdtempSync(join(root, "run-"));

/** Starts or goes on with a reproduction of the paper, by default the whole of it in a new folder. */
function run(
  change: Partial<ReproduceSettings> = {},
  options: Partial<ReproduceOptions> = {},
): Promise<ReproduceResult | undefined> {
  return reproduce({
    options: {
      ...{ paper, experiments: paper.experiments, budget: preset("paper"), engine: "cpu" },
      ...{ seeds: "1", jobs: 1, verify: false, ...options },
    },
    ...{ registry, folder: newFolder(), command: "bench reproduce", store: openStore(undefined, paper.key) },
    ...{ citation: "Somebody 2017", link: "https://example.org" },
    ...{ force: false, retryFailed: false, dryRun: false, runCell },
    reporter: silent,
    interrupted: () => false,
    writeReport: () => Promise.resolve(),
    announce: () => undefined,
    ...change,
  });
}

/** One whole reproduction, which tests only read. */
const wholeFolder = newFolder();
let made: ReturnType<typeof run> | undefined;
const whole = async () => (await (made ??= run({ folder: wholeFolder })))!;

test("the rate is chosen on validation, the test is of that rate alone, and all is written", async (t) => {
  const folder = wholeFolder;
  const { record, interrupted } = await whole();
  t.false(interrupted);
  t.true(record.complete);
  for (const row of record.rows) {
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
  for (const name of ["reproduction.json", "reproduction.csv", "reproduction.md"])
    t.true(existsSync(join(folder, name)), name);
  const markdown = readFileSync(join(folder, "reproduction.md"), "utf8");
  t.regex(markdown, /\| RLOO \| 0\.04 \|/);
  t.regex(markdown, /Learning rates by validation/);
  const matrix = (of: string) =>
    (JSON.parse(readFileSync(join(of, "manifest.json"), "utf8")) as Manifest).matrix;
  t.is(matrix(validationFolder(folder, "bit")).length, 4);
  t.deepEqual(
    matrix(testFolder(folder, "bit")).map(({ taskLabel, label }) => [taskLabel, label]),
    [
      ["bits:t=0.2,rows=4", "rloo"],
      ["bits:t=0.2,rows=4", "exact"],
    ],
  );
});

test("each estimator is tested at its own rate alone, in one plan", async (t) => {
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
  const result = await run({ runCell: favouring });
  t.deepEqual(tested, [
    ["rloo", 0.3, 0.3],
    ["exact", 0.001, 0.001],
  ]);
  t.deepEqual(
    result!.record.rows.map((row) => [row.column, row.learningRate, row.cells.length, row.states]),
    [
      ["RLOO", 0.3, 1, "done"],
      ["exact", 0.001, 1, "done"],
    ],
  );
});

test("interrupted at any cell, it goes on to the same table", async (t) => {
  const expected = (await whole()).record.rows;
  const folder = newFolder();
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
    const { record, interrupted } = (await run({ folder, runCell: once, interrupted: () => stop }))!;
    finished = !interrupted;
    if (!finished) t.true(record.rows.some(({ states }) => /pending|interrupted/.test(states)));
  }
  t.true(finished);
  const { rows } = JSON.parse(readFileSync(join(folder, "reproduction.json"), "utf8")) as { rows: unknown };
  t.deepEqual(rows, JSON.parse(JSON.stringify(expected)));
});

test("what is done is not done again, also when a later call is interrupted at once", async (t) => {
  const options = { experiments: [variance, ...paper.experiments] };
  const folder = newFolder();
  const first = (await run({ folder }, options))!.record;
  t.true(first.complete);
  const never: RunCell = () => Promise.reject(new Error("nothing is left to do"));
  const note = (text: string) => t.notRegex(text, /draws/);
  const reporter = { ...silent, note };
  for (const interrupted of [false, true]) {
    const again = await run({ folder, runCell: never, reporter, interrupted: () => interrupted }, options);
    t.deepEqual(again!.record.rows, JSON.parse(JSON.stringify(first.rows)));
    t.true(again!.record.complete && !again!.interrupted);
  }
  const none = await run({ interrupted: () => true }, options);
  t.true(none!.interrupted && none!.record.rows.every(({ measured }) => measured === null));
});

test("other settings do not join a folder", async (t) => {
  const folder = newFolder();
  await run({ folder, interrupted: () => true });
  for (const [options, message] of [
    [
      { budget: preset("quick") },
      /with budget "paper", not budget "quick"\. Choose another --name, or .* --force/,
    ],
    [{ steps: 7 }, /with steps null, not steps 7\./],
  ] as const)
    await t.throwsAsync(run({ folder, dryRun: true }, options), { instanceOf: BenchError, message });
  t.is(await run({ folder, dryRun: true, force: true }, { steps: 7 }), undefined);
});

test("a dry run estimates the time and writes nothing; the time is not measured twice", async (t) => {
  const folder = join(newFolder(), "new");
  let estimated = 0;
  const announce = (seconds: { estimated: number }) => void (estimated = seconds.estimated);
  t.is(await run({ folder, dryRun: true, announce }), undefined);
  t.true(estimated > 0 && estimated < 600);
  t.false(existsSync(folder));
  const { record } = (await run({ folder, announce, interrupted: () => true }))!;
  await run({ folder, dryRun: true, announce });
  t.is(estimated, record.seconds.estimated);
});

test("a folder of something else is refused before anything is written", async (t) => {
  const folder = newFolder();
  writeFileSync(join(folder, "report.html"), "mine");
  for (const force of [false, true])
    await t.throwsAsync(run({ folder, force }), {
      instanceOf: BenchError,
      message: /holds other files \(report\.html\)\. Choose another --out\./,
    });
  t.deepEqual(readdirSync(folder), ["report.html"]);
});

test("a folder of which a crash left no more than a half-written record is begun anew", async (t) => {
  const folder = newFolder();
  writeFileSync(join(folder, "reproduction.json.host.1.part"), '{"version": ');
  t.true((await run({ folder }, { experiments: [variance] }))!.record.complete);
});

test("a short budget chooses no rate and marks every comparison", async (t) => {
  const options = { budget: { ...preset("quick"), steps: 5 } };
  const { record } = (await run({}, options))!;
  const said = ["steps: 5 where the full protocol has 60", "learning rates: 0.3 untuned, of 1e−3, 0.3"];
  t.deepEqual(record.gaveUp, said);
  for (const row of record.rows) {
    t.deepEqual(row.tried, []);
    t.deepEqual(row.unequal, said);
  }
});

test("an estimator that fails is in the table, without a number", async (t) => {
  const failing: RunCell = (job, observer) =>
    job.cell.estimator === "exact" ? Promise.reject(new Error("no luck")) : runCell(job, observer);
  const { record } = (await run({ runCell: failing }))!;
  t.true(record.complete);
  const [rloo, exact] = record.rows;
  t.is(rloo!.verdict, "agrees");
  t.is(exact!.verdict, "not measured");
  t.is(exact!.states, "diverged or failed at every learning rate");
});

test("cells that are stored are not trained again, in another folder too; others are added", async (t) => {
  const path = join(newFolder(), "stored.json");
  const first = (await run({ store: openStore(path, paper.key) }))!.record;
  const lines = readFileSync(path, "utf8").trim().split("\n");
  // Two estimators at two rates on validation, and at the chosen rate on the test; and two lines around them.
  t.is(lines.length, 6 + 2);
  const never: RunCell = () => Promise.reject(new Error("trained again"));
  const again = (await run({ store: openStore(path, paper.key), runCell: never }))!.record;
  const numbers = (record: Reproduction) =>
    record.rows.map(({ measured, tried, learningRate, steps }) => ({ measured, tried, learningRate, steps }));
  t.true(again.complete);
  t.deepEqual(numbers(again), numbers(first));
  await run({ store: openStore(path, paper.key) }, { seeds: "2" });
  t.is(readFileSync(path, "utf8").trim().split("\n").length, 8 + 2);
  t.throws(() => openStore(path, "other"), { message: /holds cells of tucker2017, version 1, not of other/ });
});

test("interrupted with a file of stored cells, the same command goes on in its folder", async (t) => {
  const [folder, path] = [newFolder(), join(newFolder(), "stored.json")];
  let done = 0;
  const some: RunCell = (...given) => ((done += 1), runCell(...given));
  const options = { rates: [0.3] };
  const first = await run({ folder, store: openStore(path, paper.key), runCell: some, interrupted: () => done > 0 }, options); // prettier-ignore
  t.true(first!.interrupted);
  const { record } = (await run({ folder, store: openStore(path, paper.key) }, options))!;
  t.true(record.complete);
  const { matrix } = JSON.parse(readFileSync(join(testFolder(folder, "bit"), "manifest.json"), "utf8")) as Manifest; // prettier-ignore
  t.is(matrix.length, 2);
});

test("--verify trains, and finds agreement with stored seeds and a planted difference", async (t) => {
  const path = join(newFolder(), "stored.json");
  await run({ store: openStore(path, paper.key) }, { seeds: "3", rates: [0.3] });
  const before = readFileSync(path, "utf8");
  const verified = async () =>
    (await run({ store: openStore(path, paper.key) }, { seeds: "1", rates: [0.3], verify: true }))!.record;
  const same = await verified();
  t.is(readFileSync(path, "utf8"), before);
  t.true(same.rows.every((row) => row.verified?.seeds === 3));
  t.deepEqual(verification(same), { agrees: true, sentence: "Verified: 2 of 2 values agree with ours." });
  writeFileSync(path, before.replaceAll(/"metric":"cost","value":([\d.e-]+)/g, (_, x) => `"metric":"cost","value":${Number(x) + 1}`)); // prettier-ignore
  const other = verification(await verified());
  t.false(other.agrees);
  t.regex(other.sentence, /^Differs: 2 of 2 values are not ours: bit RLOO \(loss\), bit exact \(loss\)\./);
  t.regex(
    verification((await run({}, { rates: [0.3], verify: true }))!.record).sentence,
    /^Not verified: no values are stored/,
  );
});

test("compareWithSeeds: a further seed leaves its interval in one of a hundred, and a shift of seven deviations in all but few", (t) => {
  // 20,000 trials of five normal seeds and one more; the share of alarms has a standard error of .0007.
  let state = 1;
  const uniform = () => ((state = (state * 48271) % 2147483647), state / 2147483647);
  const normal = () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  const alarms = (shift: number) => {
    let n = 0;
    for (let i = 0; i < 20_000; i++)
      if (!compareWithSeeds(normal() + shift, Array.from({ length: 5 }, normal))!.agrees) n++;
    return n / 20_000;
  };
  t.true(Math.abs(alarms(0) - 0.01) < 0.003, `${alarms(0)}`);
  t.true(alarms(7) > 0.8, `${alarms(7)}`);
  t.is(compareWithSeeds(1, [1, 2]), undefined);
});

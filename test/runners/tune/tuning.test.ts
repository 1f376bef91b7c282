import test from "ava";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Manifest, TunedRecord } from "../../../reports/format/records.ts";
import { BenchError } from "../../../runners/errors.ts";
import { parseRanges } from "../../../runners/options/ranges.ts";
import { prepare } from "../../../runners/plan/prepare.ts";
import { openRegistry } from "../../../runners/plan/registry.ts";
import type { Request } from "../../../runners/plan/request.ts";
import { haltonPoint, settingsToTry, tunedOptions } from "../../../runners/tune/tuned-options.ts";
import { planTuning, tuningSeed } from "../../../runners/tune/tuning.ts";
import { bestTrial, validationValue } from "../../../runners/tune/validation.ts";
import { bench, temporaryFolder } from "../cli/call.ts";
import { numbersOf, statesOf } from "../cli/cells.ts";

const registry = await openRegistry();
const request: Request = {
  ...{ estimators: ["gs,rloo"], tasks: ["bits,kool"], grids: [], plugins: [] },
  ...{ seeds: "3", steps: "60", engine: "cpu", quick: false },
};

async function planned(ranges: string, change: Partial<Request> = {}, trials = 5, steps?: string) {
  const asked = { ...request, ...change };
  const usual = await prepare(asked, registry);
  const given = { ranges: parseRanges([ranges]), trials, ...(steps === undefined ? {} : { steps }) };
  return planTuning(asked, registry, given, usual);
}

test("haltonPoint: van der Corput's sequence, shifted; n points leave no gap of 2/n and more", (t) => {
  for (const dimension of [0, 1, 2]) {
    const first = haltonPoint(1, dimension, 0);
    const base = [2, 3, 5][dimension]!;
    // In base b, point b is 1/b² and point 1 is 1/b: their distance does not depend on the shift.
    const step = (first - haltonPoint(base, dimension, 0) + 1) % 1;
    t.true(Math.abs(step - (1 / base - 1 / base ** 2)) < 1e-12, String(step));
  }
  const points = Array.from({ length: 64 }, (_, i) => haltonPoint(i + 1, 0, 3)).sort((a, b) => a - b);
  const gaps = points.map((x, i) => (i === 0 ? x - points.at(-1)! + 1 : x - points[i - 1]!));
  t.true(Math.max(...gaps) < 2 / 64 + 1e-12);
  t.not(haltonPoint(1, 0, 0), haltonPoint(1, 0, 1), "a seed has its own shift");
});

test("settings lie in their ranges, whole numbers include both ends, and a seed repeats them", async (t) => {
  const { matrix } = await prepare({ ...request, tasks: ["bits"] }, registry);
  const options = tunedOptions(parseRanges(["learning-rate=log:1e-3:1,rloo.samples=2:4"]), matrix)(
    "bits",
    "rloo",
  );
  const tried = settingsToTry(options, 40, 1);
  t.is(tried.length, 40);
  for (const [rate, samples] of tried) {
    t.true(rate! >= 1e-3 && rate! <= 1);
    t.true([2, 3, 4].includes(samples!));
  }
  t.is(new Set(tried.map(([, samples]) => samples)).size, 3);
  const small = tried.filter(([rate]) => rate! < Math.sqrt(1e-3)).length;
  t.true(Math.abs(small - 20) <= 2, `evenly in the logarithm: ${small} of 40 in the lower half`);
  t.deepEqual(settingsToTry(options, 40, 1), tried);
  const whole = tunedOptions(parseRanges(["rloo.samples=2:4"]), matrix)("bits", "rloo");
  t.is(settingsToTry(whole, 12, 1).length, 3, "there are only three");
});

test("every estimator on every task has the same trials of an option of the task, and of its own options none shares", async (t) => {
  const { pairs, notes, trials } = await planned("learning-rate=log:1e-3:1,gs.temperature=0.1:1");
  t.deepEqual(notes, []);
  t.deepEqual(
    pairs.map(({ trials }) => trials.length),
    [5, 5, 5, 5],
  );
  const rates = pairs.map(({ trials }) => trials.map(({ options }) => options["learning-rate"]));
  for (const other of rates) t.deepEqual(other, rates[0]);
  for (const { cell, trials } of pairs)
    for (const { options } of trials)
      t.is("gs.temperature" in options, cell.label === "gs", "an option of gs is of gs alone");
  const { cells, evaluation } = trials.prepared.plan;
  t.is(cells.length, 20);
  t.true(cells.every(({ seed, budget }) => seed === tuningSeed && budget.steps === 10));
  t.deepEqual([evaluation.testRows, evaluation.boundRows], [0, 0]);
  const longer = await planned("learning-rate=log:1e-3:1", {}, 3, "25");
  t.true(longer.trials.prepared.plan.cells.every(({ budget }) => budget.steps === 25));
  t.is((await planned("gs.temperature=0.1:1", {}, 3)).notes.length, 2, "rloo has nothing to tune");
});

for (const [ranges, says, change = {}] of [
  ["learning-rat=1:2", /^Unknown option of --tune: "learning-rat"\. Did you mean "learning-rate"\?$/],
  ["temperature=.1:1", /^Unknown option of --tune: "temperature"\. Did you mean "gs\.temperature"\?$/],
  ["gz.temperature=.1:1", /^Unknown estimator or task of --tune: "gz"\. Did you mean "gs"\?$/],
  ["gs.temp=.1:1", /^Unknown option of gs: "temp"\. Did you mean "temperature"\?$/],
  ["logit=-1:1", /^--tune: bits has no option "logit"; name the task that has it, as in kool\.logit\.$/],
  ["*.nothing=1:2", /^--tune: "\*\.nothing" is no option of bits, kool, gs, rloo\.$/],
  ["gs.temperature=0:1", /^--tune: temperature of gs must be positive, got 0\. At 0 /],
  ["rloo.samples=2.5:4", /^--tune: samples of rloo must be a whole number, got 2\.5\.$/],
  ["gs.tau=.1:1,gs.temperature=.1:1", /^--tune: "temperature" of gs is given twice\.$/],
  [
    "rloo.credit=1:2",
    /^--tune: "credit" of rloo is not a number; try its values with --grid 'rloo\.credit=A\|B'\.$/,
  ],
  [
    "gs.temperature=.1:1",
    /^--tune: "temperature" of gs:temperature=1 is already given/,
    { estimators: ["gs:tau=1"] },
  ],
  [
    "lr=1:2",
    /^--tune uses seed 1000000 for its trials; choose other --seeds\.$/,
    { seeds: "1000000-1000000" },
  ],
] as const)
  test(`planTuning refuses ${ranges}`, async (t) => {
    const error = await t.throwsAsync(planned(ranges, change as Partial<Request>), {
      instanceOf: BenchError,
    });
    t.regex(error.message, says);
  });

test("bestTrial takes the highest value, and none where all failed", (t) => {
  t.deepEqual(bestTrial([{ value: null }, { value: -2 }, { value: -1 }, { value: -1, later: true }]), {
    value: -1,
  });
  t.is(bestTrial([{ value: null }]), undefined);
});

test("validationValue reads no row of the test split", (t) => {
  const at = { step: 1, forward: 1, backward: 0, seconds: 0 };
  const row = (split: "test" | "valid", value: number) => ({ ...at, split, metric: "elbo", value });
  const done = { state: "done" };
  t.is(validationValue({ record: done, curve: [row("valid", -3), row("test", 7)] }), -3);
  t.is(validationValue({ record: done, curve: [row("test", 7)] }), null);
  t.is(validationValue({ record: { state: "diverged" }, curve: [row("valid", -3)] }), null);
});

const argv = (extra: readonly string[] = []) => [
  ...["run", "-e", "rloo,gs", "-t", "bits:t=0.2,rows=4", "--steps", "60", "--seeds", "2", "--engine", "cpu"],
  ...[
    "--tune",
    "learning-rate=log:1e-4:1",
    "--trials",
    "3",
    "--tune-steps",
    "20",
    "--quick",
    "--name",
    "A",
    ...extra,
  ],
];
const readManifestOf = (run: string) =>
  JSON.parse(readFileSync(join(run, "manifest.json"), "utf8")) as Manifest & { tuned: TunedRecord[] };

test("bench run --tune runs the best trial on fresh seeds beside the default, and goes on where it was stopped", async (t) => {
  const cwd = temporaryFolder();
  const run = join(cwd, "runs/A");
  const stop: { interrupt?: () => void } = {};
  const stopped = await bench(argv(), {
    cwd,
    interruptible: (interrupt) => (stop.interrupt = interrupt),
    hear: (text) => /^2\/6 /m.test(text) && stop.interrupt?.(),
  });
  t.is(stopped.status, 130);
  t.regex(stopped.err, /note 6 trials of 20 steps on validation, then the runs: about .* here\n/);
  t.regex(stopped.err, /To continue: bench run/);
  t.false(existsSync(join(run, "report.html")));
  const ended = () => readdirSync(join(run, "tuning/cells")).filter((name) => !name.includes("."));
  const before = ended().length;
  t.true(before >= 2 && before < 6, String(before));

  const went = await bench(argv(), { cwd });
  t.is(went.status, 0, went.err);
  t.deepEqual(
    statesOf(run),
    ["rloo", "rloo (tuned)", "gs", "gs (tuned)"].flatMap((label) =>
      [0, 1].map((seed) => `${label} ${seed} done`),
    ),
  );
  const { tuned, matrix } = readManifestOf(run);
  t.is(tuned.length, 2);
  for (const { trials, chosen, higherIsBetter, label, seed } of tuned) {
    t.is(trials.length, 3);
    t.false(higherIsBetter, "a cost");
    const best = trials.toSorted((a, b) => a.value! - b.value!)[0]!;
    t.deepEqual(chosen, best.options);
    const cells = matrix.filter((cell) => cell.label === label);
    t.true(cells.every(({ taskOptions }) => taskOptions["learning-rate"] === chosen!["learning-rate"]));
    t.false(cells.some((cell) => cell.seed === seed));
  }
  const html = readFileSync(join(run, "report.html"), "utf8");
  t.regex(html, /tuned with 3 trials[^]*rloo \(tuned\)/);
  const csv = readFileSync(join(run, "tuning.csv"), "utf8").trim().split("\n");
  t.is(csv.length, 1 + 6);
  t.is(csv.filter((line) => line.endsWith(",1")).length, 2);

  const numbers = numbersOf(run);
  const again = await bench(argv(["-q"]), { cwd });
  t.is(again.err, "", "nothing is left to do");
  t.deepEqual(numbersOf(run), numbers);
  rmSync(run, { recursive: true });
  await bench(argv(["-q", "-j", "2"]), { cwd });
  t.deepEqual(numbersOf(run), numbers, "in two processes, without a stop, the numbers are the same");
});

test("trials store no value of the test split, which the runs do", async (t) => {
  const cwd = temporaryFolder();
  const words = [
    "run",
    "-e",
    "gs",
    "-t",
    "cat10:dataset=digits",
    "--steps",
    "4",
    "--quick",
    "-q",
    "--name",
    "B",
  ];
  const { status, err } = await bench([...words, "--tune", "lr=log:1e-4:1", "--trials", "2"], { cwd });
  t.is(status, 0, err);
  const run = join(cwd, "runs/B");
  const splitsIn = (folder: string) =>
    readdirSync(join(folder, "cells"), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith("curve.ndjson"))
      .map((name) => readFileSync(join(folder, "cells", name), "utf8"))
      .map((text) => /"split":"valid"/.test(text) && /"split":"test"/.test(text));
  t.deepEqual(splitsIn(join(run, "tuning")), [false, false]);
  t.deepEqual(splitsIn(run), [true, true]);
  const [{ metric, split, trials }] = readManifestOf(run).tuned as [TunedRecord];
  t.deepEqual([metric, split], ["elbo", "valid"]);
  t.true(trials.every(({ value }) => value! < 0));
});

test("--tune refuses --shard and --slurm, and --trials requires it", async (t) => {
  for (const [words, says] of [
    [argv(["--shard", "1/2"]), /--tune cannot be combined with --shard/],
    [argv(["--slurm"]), /--tune cannot be combined with --slurm/],
    [["run", "-e", "gs", "-t", "bits", "--trials", "3"], /--trials requires --tune\./],
    [
      argv().map((word) => (word === "3" ? "1" : word)),
      /--trials must be a whole number, at least 2, got 1\./,
    ],
  ] as const) {
    const { status, err } = await bench(words);
    t.is(status, 2);
    t.regex(err, says);
  }
});

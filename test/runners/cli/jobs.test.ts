import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { chooseEngine } from "../../../runners/engine/index.ts";
import { openCellWorkers, type CellWorker } from "../../../runners/jobs/cell-workers.ts";
import { defaultJobs } from "../../../runners/jobs/default-jobs.ts";
import { runPlan, type RunSettings } from "../../../runners/jobs/run-cells.ts";
import { prepare } from "../../../runners/plan/prepare.ts";
import { openRegistry } from "../../../runners/plan/registry.ts";
import type { Request } from "../../../runners/plan/request.ts";
import { runCell } from "../../../runners/train/cell.ts";
import { everything, serial as test, slow } from "../../require.ts";
import { bench, temporaryFolder } from "./call.ts";
import { faulty, numbersOf, recordsOf, silent, start, statesOf, until } from "./cells.ts";

const steps = (count: string) => [
  ...["--engine", "cpu", "-t", "bits:rows=4", "--steps", count, "--quick", "--name", "A"],
];
const brief = steps("20");
const long = steps("1000000");

test("--jobs 3 gives the numbers that one process gives", async (t) => {
  const [one, three] = [temporaryFolder(), temporaryFolder()];
  const argv = ["run", "-e", "reinforce,gs", ...brief, "--seeds", "2", "-q"];
  t.is((await bench(argv, { cwd: one })).status, 0);
  const { status, err } = await bench([...argv, "--jobs", "3"], { cwd: three });
  t.is(status, 0, err);
  t.deepEqual(numbersOf(join(three, "runs/A")), numbersOf(join(one, "runs/A")));
});

/** Never ends, at no cost to those who share the machine. */
const hang = "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);";

const faults: readonly [name: string, body: string, state: string, says: RegExp][] = [
  ["throws", "if (n > 5) throw new Error('no luck');", "failed", /^no luck$/],
  ["hangs", `if (n > 5) ${hang}`, "timeout", /longer than the 6 s of --cell-time-limit/],
  ["exits", "if (n > 5) process.exit(0);", "failed", /process\.exit\(0\) was called inside the cell/],
  [
    "is-killed",
    "if (n > 5) process.kill(process.pid, 'SIGKILL');",
    "failed",
    /signal SIGKILL \(perhaps for lack of/,
  ],
  [
    "fills-the-heap",
    "for (const all = []; n > 5;) all.push(new Array(1e6).fill(n));",
    "failed",
    /ran out of memory/,
  ],
  [
    "rejects",
    "if (n === 6) Promise.reject(new Error('later'));",
    "failed",
    /its process ended with exit status 1: Error: later/,
  ],
  [
    "is-nan",
    "if (n > 45) return { surrogate: tf.mul(tf.mean(logp), NaN) };",
    "diverged",
    /no longer finite at step/,
  ],
  ["prints", "if (n < 20) console.log('x'.repeat(1e6));", "done", /^$/],
  [
    "leaves-a-process",
    "if (n === 6) { process.getBuiltinModule('node:child_process')" +
      ".spawn('sleep', ['30'], { stdio: 'inherit', detached: true }); process.abort(); }",
    "failed",
    /its process ended with signal SIGABRT/,
  ],
];

test("in child processes every kind of fault costs its own cell only", async (t) => {
  const cwd = temporaryFolder();
  for (const [name, body] of faults) writeFileSync(join(cwd, `${name}.mjs`), faulty(name, body));
  const names = faults.map(([name]) => name);
  const argv = [
    ...["run", "-e", ["reinforce", ...names, "gs"].join(","), ...brief, "--seeds", "1"],
    ...names.flatMap((name) => ["--plugin", `./${name}.mjs`]),
    ...["--jobs", "2", "--cell-time-limit", "6s", "--checkpoint-every", "0.001s", "--json"],
  ];
  const started = start(argv, cwd, { NODE_OPTIONS: "--max-old-space-size=300" });
  const { status, err, out } = await started.ended;
  t.is(status, 1, err);
  const run = join(cwd, "runs/A");
  t.deepEqual(statesOf(run), [
    "reinforce 0 done",
    ...faults.map(([name, , state]) => `${name} 0 ${state}`),
    "gs 0 done",
  ]);
  const records = recordsOf(run);
  for (const [i, [name, , , says]] of faults.entries()) t.regex(records[i + 1]!.error ?? "", says, name);
  t.notThrows(() => void JSON.parse(out), "what a plug-in prints is not on stdout");
  t.regex(err, /prints seed 0: \d+ MB of printed text were left out/);
  t.true(existsSync(join(run, "cells", records[7]!.hash, "checkpoint")), "the last good checkpoint is kept");
});

/** Runs a plan with no report; `open` makes its child processes. */
async function runQuietly(
  request: Request,
  folder: string,
  settings: Partial<RunSettings> & Pick<RunSettings, "openWorkers">,
) {
  const prepared = await prepare(request, await openRegistry(request.plugins));
  return runPlan(prepared, {
    ...{ folder, name: "A", command: "bench", force: false, retryFailed: false, runCell },
    reporter: silent,
    interrupted: () => false,
    writeReport: () => Promise.resolve(),
    ...settings,
  });
}

slow("a cell that holds more memory than its share is ended, the others complete", async (t) => {
  const cwd = temporaryFolder();
  writeFileSync(
    join(cwd, "leaks.mjs"),
    faulty("leaks", "if (n > 5) (globalThis.all ??= []).push(new Float32Array(1e7).fill(1));"),
  );
  const request = {
    ...{ estimators: ["leaks,reinforce"], tasks: ["bits:rows=4"], grids: [], seeds: "1", steps: "200" },
    ...{ plugins: [{ spec: "./leaks.mjs", folder: cwd }], engine: "cpu", quick: true },
  };
  const folder = join(cwd, "runs/A");
  const result = await runQuietly(request, folder, {
    openWorkers: (count) => openCellWorkers({ request, folder, engine: "cpu", jobs: 1, memory: 8e8 }, count),
  });
  t.deepEqual([...result.states.values()], ["failed", "done"]);
  t.regex(recordsOf(folder)[0]!.error!, /held \d\.\d GiB of memory, more than its 0\.7 GiB/);
});

test("a cell in which nothing happens says so, once, and since when; others go on", async (t) => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "hangs.mjs"), faulty("hangs", "if (n > 5) for (;;);"));
  const request = {
    ...{ estimators: ["hangs,reinforce"], tasks: ["bits:rows=4"], grids: [], seeds: "1", steps: "200" },
    ...{ plugins: [{ spec: "./hangs.mjs", folder: cwd }], engine: "cpu", quick: true },
  };
  const folder = join(cwd, "runs/A");
  const limits = { engine: "cpu", jobs: 1, silence: 1, cellSeconds: 4 };
  const notes: string[] = [];
  const { states } = await runQuietly(request, folder, {
    openWorkers: (count) => openCellWorkers({ request, folder, ...limits }, count),
    reporter: { ...silent, note: (message) => void notes.push(message) },
  });
  t.deepEqual([...states.values()], ["timeout", "done"]);
  const since = notes.filter((note) => note.includes("nothing has happened for 1 s since"));
  // While its process starts, nothing may happen for a second either.
  t.is(
    since.filter((note) => /^bits:rows=4 hangs seed 0: .* since (it began to compile|step \d)/.test(note))
      .length,
    1,
  );
  t.regex(
    since.at(-1)!,
    /If it never returns, stop it with Ctrl-C, or give each cell a time with --cell-time-limit\.$/,
  );
});

test("by default the first cell runs in this process, and children take the rest if it is long", async (t) => {
  const request = {
    ...{ estimators: ["reinforce"], tasks: ["bits:rows=4"], grids: [], seeds: "3", steps: "20" },
    ...{ plugins: [], engine: "cpu", quick: true },
  };
  const inChildren = async (startDelay: number) => {
    const folder = join(temporaryFolder(), "runs/A");
    const counts = [0, 0];
    const openWorkers = (cells: number) =>
      openCellWorkers({ request, folder, engine: "cpu", jobs: 2 }, cells).map((worker, k): CellWorker => ({
        ...worker,
        run: (...given) => ((counts[k]! += 1), worker.run(...given)),
      }));
    const { states } = await runQuietly(request, folder, { openWorkers, startDelay, startHere: true });
    t.deepEqual([...states.values()], ["done", "done", "done"]);
    return counts;
  };
  t.deepEqual(await inChildren(600_000), [0, 0], "a short run starts none");
  const [first, second] = await inChildren(1);
  t.is(first! + second!, 2);
});

test("the default of --jobs follows the cores and the threads of the engine", (t) => {
  const jobs = defaultJobs(chooseEngine("onnx"));
  t.true(jobs >= 1 && jobs <= availableParallelism());
  t.is(defaultJobs(chooseEngine("onnx:threads=256")), 1);
  t.is(defaultJobs(chooseEngine("onnx:device=cuda")), 1);
});

for (const signal of everything ? (["SIGINT", "SIGTERM"] as const) : ["SIGTERM" as const]) {
  test(`${signal} under --jobs stops every cell after its step, with a checkpoint each`, async (t) => {
    const cwd = temporaryFolder();
    const run = join(cwd, "runs/A");
    const { child, ended } = start(
      ["run", "-e", "reinforce,gs", ...long, "--seeds", "2", "--jobs", "2"],
      cwd,
    );
    const curves = () =>
      existsSync(join(run, "cells"))
        ? readdirSync(join(run, "cells")).filter((name) =>
            existsSync(join(run, "cells", name, "curve.ndjson")),
          ).length
        : 0;
    await until(() => curves() === 2 || child.exitCode !== null);
    child.kill(signal);
    const { status, err } = await ended;
    t.is(status, 130, err);
    t.regex(err, /Interrupted. To continue: bench run/);
    const states = statesOf(run);
    t.deepEqual(states, [
      "reinforce 0 interrupted",
      "reinforce 1 interrupted",
      "gs 0 pending",
      "gs 1 pending",
    ]);
    for (const record of recordsOf(run).slice(0, 2))
      t.true(existsSync(join(run, "cells", record!.hash, "checkpoint")));
  });
}

/** Processes whose command line names the checkout's worker and whose parent was this one. */
function childrenOf(pid: number): number[] {
  const text = execFileSync("ps", ["-o", "pid=", "--ppid", String(pid)], { encoding: "utf8" });
  return text.trim().split(/\s+/).map(Number);
}

const lives = (pid: number) => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
};

test("the second signal stops at once, and no child stays behind", async (t) => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "hangs.mjs"), faulty("hangs", `if (n > 5) ${hang}`));
  const argv = ["run", "-e", "hangs", "--plugin", "./hangs.mjs", ...long, "--seeds", "2", "--jobs", "2"];
  const { child, ended, heard } = start(argv, cwd);
  const cells = join(cwd, "runs/A/cells");
  await until(
    () => existsSync(cells) && readdirSync(cells).filter((name) => !name.includes(".")).length === 2,
  );
  const children = childrenOf(child.pid!);
  child.kill("SIGINT");
  await until(() => heard().includes("second signal stops at once"));
  child.kill("SIGINT");
  t.is((await ended).status, 130);
  await until(() => !children.some(lives));
  t.pass();
});

slow(
  "children whose parent is killed save their cells and end; the run goes on to the same numbers",
  async (t) => {
    const [cwd, whole] = [temporaryFolder(), temporaryFolder()];
    const argv = ["run", "-e", "reinforce,gs", ...steps("1200"), "--seeds", "1"];
    const { child, ended } = start([...argv, "--jobs", "2", "--checkpoint-every", "0.05s"], cwd);
    const cells = join(cwd, "runs/A/cells");
    await until(
      () =>
        existsSync(cells) &&
        readdirSync(cells).filter((name) => existsSync(join(cells, name, "checkpoint"))).length === 2,
    );
    const children = childrenOf(child.pid!);
    child.kill("SIGKILL");
    await ended;
    await until(() => !children.some(lives));
    t.deepEqual(statesOf(join(cwd, "runs/A")), ["reinforce 0 interrupted", "gs 0 interrupted"]);
    t.is((await bench([...argv, "--jobs", "2"], { cwd })).status, 0);
    await bench(argv, { cwd: whole });
    t.deepEqual(numbersOf(join(cwd, "runs/A")), numbersOf(join(whole, "runs/A")));
  },
);

slow("two runs on one folder never do one cell twice: the second does others, or waits", async (t) => {
  const [cwd, whole] = [temporaryFolder(), temporaryFolder()];
  const argv = ["run", "-e", "reinforce,gs", ...steps("200"), "--seeds", "3"];
  const both = await Promise.all([start(argv, cwd).ended, start(argv, cwd).ended]);
  for (const { status, err } of both) t.is(status, 0, err);
  const done = both.flatMap(({ err }) => err.match(/\S+ seed \d done/g) ?? []);
  t.is(done.length, 6, both.map(({ err }) => err).join("\n"));
  t.is(new Set(done).size, 6);
  t.true(
    both.every(({ err }) => / done in /.test(err)),
    "each did some",
  );
  t.true(both.some(({ err }) => /runs it; others first/.test(err)));
  await bench(argv, { cwd: whole });
  t.deepEqual(numbersOf(join(cwd, "runs/A")), numbersOf(join(whole, "runs/A")));
});

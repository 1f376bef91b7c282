import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import type { CellRecord } from "../../../reports/format/records.ts";
import { writeChecksums } from "../../../reports/format/checksums.ts";
import { openCell } from "../../../runners/store/cell-folder.ts";
import { needing } from "../../require.ts";
import { bench, temporaryFolder } from "./call.ts";
import { faulty, numbersOf, recordsOf, statesOf, until } from "./cells.ts";

const brief = ["--engine", "cpu", "-t", "bits:rows=4", "--steps", "20", "--quick"];

const alone = ["run", "-e", "reinforce", ...brief, "--seeds", "1", "--name", "A"];

test("bench run leaves a manifest, cells, a table and a report, and a second run finds all done", async (t) => {
  const cwd = temporaryFolder();
  const argv = ["run", "-e", "reinforce,gs", ...brief, "--seeds", "2", "--name", "A"];
  const first = await bench(argv, { cwd });
  t.is(first.status, 0, first.err);
  t.is(first.err.trim().split("\n").length, 4, "a line per cell");
  t.regex(first.out, /report: runs\/A\/report\.html/);
  const run = join(cwd, "runs/A");
  for (const file of ["manifest.json", "results.csv", "summary.json", "report.html"])
    t.true(existsSync(join(run, file)), file);
  t.deepEqual(statesOf(run), ["reinforce 0 done", "reinforce 1 done", "gs 0 done", "gs 1 done"]);
  const before = numbersOf(run);
  const second = await bench(argv, { cwd });
  t.is(second.status, 0, second.err);
  t.is(second.err, "", "nothing ran");
  t.deepEqual(numbersOf(run), before);
});

test("the same command without a name goes on in the same folder, and more seeds join with a name", async (t) => {
  const cwd = temporaryFolder();
  const argv = ["run", "-e", "reinforce", ...brief, "--seeds", "1", "-q"];
  await bench(argv, { cwd });
  await bench(argv, { cwd });
  t.is(readdirSync(join(cwd, "runs")).length, 1);
  const named = (seeds: string) => [
    "run",
    "-e",
    "reinforce",
    ...brief,
    "--seeds",
    seeds,
    "-q",
    "--name",
    "A",
  ];
  await bench(named("0-0"), { cwd });
  await bench(named("1-1"), { cwd });
  t.deepEqual(
    recordsOf(join(cwd, "runs/A")).map((record) => record!.seed),
    [0, 1],
  );
});

test("cells of another budget do not join a run", async (t) => {
  const cwd = temporaryFolder();
  const argv = (name: string, steps: string, task = "bits") => [
    ...["run", "-e", name, "--engine", "cpu", "-t", task, "--steps", steps, "--quick"],
  ];
  const rest = ["--seeds", "1", "-q", "--name", "A"];
  await bench([...argv("reinforce", "10"), ...rest], { cwd });
  const other = await bench([...argv("gs", "20"), ...rest], { cwd });
  t.is(other.status, 2);
  t.is(
    (await bench([...argv("reinforce", "7", "kool"), ...rest], { cwd })).status,
    0,
    "another task may have another",
  );
  t.is((await bench([...argv("gs", "20"), ...rest], { cwd })).status, 2, "that of bits is not forgotten");
  t.regex(other.err, /the budget of bits is \{"steps":10\} there and \{"steps":20\} now/);
  t.is(recordsOf(join(cwd, "runs/A")).length, 2);
});

test("bench run --json prints the summary alone, and --dry-run --json the plan", async (t) => {
  const cwd = temporaryFolder();
  const argv = ["run", "-e", "reinforce", ...brief, "--seeds", "1", "--json"];
  const dry = await bench([...argv, "--dry-run"], { cwd });
  t.is((JSON.parse(dry.out) as { cells: unknown[] }).cells.length, 1);
  t.false(existsSync(join(cwd, "runs")));
  const { out, status } = await bench(argv, { cwd });
  t.is(status, 0);
  t.is((JSON.parse(out) as { version: number }).version, 1);
});

function withPlugin(body: string): { cwd: string; argv: string[] } {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "ticking.mjs"), faulty("ticking", body));
  return {
    cwd,
    argv: ["run", "--plugin", "./ticking.mjs", ...brief, "--seeds", "1", "--name", "A", "-e", "ticking"],
  };
}

test.serial("an interrupted run exits 130, says how to go on, and goes on to the same bits", async (t) => {
  const [whole, other] = [withPlugin(""), withPlugin("")];
  const argv = whole.argv.map((word) => (word === "20" ? "600" : word));
  t.is((await bench(argv, { cwd: whole.cwd })).status, 0);

  let interrupt = () => undefined as void;
  const begun = () => {
    const cells = join(other.cwd, "runs/A/cells");
    const rows = (name: string) => readFileSync(join(cells, name, "curve.ndjson"), "utf8");
    try {
      return readdirSync(cells).some((name) => !name.includes(".") && /"step":[1-9]/.test(rows(name)));
    } catch {
      return false;
    }
  };
  void until(begun).then(() => interrupt());
  const stopped = await bench(argv, { cwd: other.cwd, interruptible: (handler) => (interrupt = handler) });
  t.is(stopped.status, 130, stopped.err);
  t.regex(stopped.err, /To continue: bench run --plugin \.\/ticking\.mjs .*-e ticking/);
  const run = join(other.cwd, "runs/A");
  const { state, steps } = recordsOf(run)[0]!;
  t.is(state, "interrupted");
  t.true(steps.done > 0 && steps.done < 600, `after step ${steps.done}`);
  const resumed = await bench(argv, { cwd: other.cwd });
  t.is(resumed.status, 0, resumed.err);
  t.regex(resumed.err, /going on from step \d+/);
  t.deepEqual(numbersOf(run), numbersOf(join(whole.cwd, "runs/A")));
});

const faults: readonly (readonly [name: string, body: string, state: CellRecord["state"], says: RegExp])[] = [
  ["throwing", "if (n > 5) throw new Error('no luck today');", "failed", /no luck today/],
  ["empty", "return undefined;", "failed", /estimator empty|undefined/],
  ["misshapen", "return { surrogate: cost };", "failed", /estimator misshapen: surrogate must be a scalar/],
  ["aborting", "if (n > 5) process.abort();", "failed", /its process ended with signal SIGABRT/],
  ["diverging", "return { surrogate: tf.mul(tf.mean(logp), NaN) };", "diverged", /no longer finite/],
];

test.serial(
  "a plug-in that fails costs its own cell only, and bench show and report read what is left",
  async (t) => {
    const cwd = temporaryFolder();
    for (const [name, body] of faults) writeFileSync(join(cwd, `${name}.mjs`), faulty(name, body));
    const names = faults.map(([name]) => name);
    const argv = [
      ...["run", ...brief, "--seeds", "1", "--name", "A", "-e", `${names.join(",")},reinforce`],
      ...names.flatMap((name) => ["--plugin", `./${name}.mjs`]),
    ];
    const { status, err } = await bench(argv, { cwd });
    t.is(status, 1, err);
    const records = recordsOf(join(cwd, "runs/A"));
    for (const [i, [name, , state, says]] of faults.entries()) {
      t.is(records[i]?.state, state, name);
      t.regex(records[i]?.error ?? "", says, name);
    }
    t.is(records.at(-1)?.state, "done");
    const again = await bench(argv, { cwd });
    t.is(again.status, 1);
    t.is(again.err.match(/--retry-failed runs it again/g)?.length, faults.length);
    const show = await bench(["show", "runs/A"], { cwd });
    t.is(show.status, 0, show.err);
    t.regex(
      show.out,
      /bits:rows=4 +throwing +0 +failed .*no luck today[^]*reinforce +0 +done[^]*4 failed, 1 div/,
    );
    const { cells } = JSON.parse((await bench(["show", "runs/A", "--json"], { cwd })).out) as {
      cells: unknown[];
    };
    t.is(cells.length, 6);
    const report = await bench(["report", "runs/A", "--out", "both"], { cwd });
    t.is(report.status, 0, report.err);
    t.true(existsSync(join(cwd, "both/report.html")));
  },
);

test("a plug-in that throws only where it is evaluated costs its own cell only", async (t) => {
  const { cwd, argv } = withPlugin("");
  const path = join(cwd, "ticking.mjs");
  const picky = readFileSync(path, "utf8")
    .replace("claims: {", "claims: { relaxed: true,")
    .replace("estimate({", "estimate({ rows,")
    .replace("n += 1;", "if (rows !== 4) throw new Error('only 4 rows, got ' + rows);");
  writeFileSync(path, picky);
  // Compiled, so that what throws is the compilation.
  const words = [...argv, "-e", "reinforce"].map((word) => (word === "cpu" ? "onnx" : word));
  const { status, err, out } = await bench(words, { cwd });
  t.is(status, 1, err);
  const [own, other] = recordsOf(join(cwd, "runs/A"));
  t.is(own!.state, "failed");
  t.regex(own!.error ?? "", /only 4 rows, got/);
  t.is(other!.state, "done");
  t.regex(out, /report: runs\/A\/report\.html/);
});

test("--retry-failed runs a failed cell anew, --force a done one", async (t) => {
  const cwd = temporaryFolder();
  const argv = alone;
  const run = join(cwd, "runs/A");
  await bench(argv, { cwd });
  const folder = join(run, "cells", recordsOf(run)[0]!.hash);
  openCell(folder, t.fail).writeRecord({ state: "failed", error: "bad luck" });
  writeChecksums(folder);
  t.is((await bench(argv, { cwd })).status, 1);
  t.is((await bench([...argv, "--retry-failed"], { cwd })).status, 0);
  t.is(recordsOf(run)[0]!.state, "done");
  t.false("error" in recordsOf(run)[0]!);
  const { ended } = recordsOf(run)[0]!;
  t.is((await bench([...argv, "--force"], { cwd })).status, 0);
  t.not(recordsOf(run)[0]!.ended, ended);
});

/** The file that this process writes before it renames it to the path. */
const partOf = (path: string) => `${path}.${hostname()}.${process.pid}.part`;

const withFull = needing("/dev/full", existsSync("/dev/full"));

withFull("a full disk exits 3 with a sentence and leaves earlier results whole", async (t) => {
  const cwd = temporaryFolder();
  const argv = alone;
  const run = join(cwd, "runs/A");
  await bench(argv, { cwd });
  const before = numbersOf(run);
  const manifest = readFileSync(join(run, "manifest.json"), "utf8");
  symlinkSync("/dev/full", partOf(join(run, "manifest.json")));
  const full = await bench([...argv, "-e", "gs"], { cwd });
  t.is(full.status, 3, full.err);
  t.regex(full.err, /: the disk is full\./);
  t.deepEqual(numbersOf(run), before);
  t.is(readFileSync(join(run, "manifest.json"), "utf8"), manifest);
});

withFull(
  "a disk that fills up in a cell ends the run with 3, and the run goes on when there is room",
  async (t) => {
    const cwd = temporaryFolder();
    const argv = alone;
    const run = join(cwd, "runs/A");
    const { out } = await bench([...argv, "--dry-run", "--json"], { cwd });
    const [{ hash }] = (JSON.parse(out) as { cells: [{ hash: string }] }).cells;
    const folder = join(run, "cells", hash);
    mkdirSync(folder, { recursive: true });
    symlinkSync("/dev/full", partOf(join(folder, "checkpoint")));
    const full = await bench(argv, { cwd });
    t.is(full.status, 3, full.err);
    t.regex(full.err, /the disk is full/);
    rmSync(join(folder, "curve.ndjson"));
    const after = await bench(argv, { cwd });
    t.is(after.status, 0, after.err);
    t.is(recordsOf(run)[0]!.state, "done");
  },
);

const withSys = needing("/sys, where nobody may write", existsSync("/sys/kernel"));

withSys("a folder that may not be written exits 3 with a sentence", async (t) => {
  const { status, err } = await bench(["run", "-e", "reinforce", ...brief, "--out", "/sys/bench-run"]);
  t.is(status, 3, err);
  t.regex(err, /: permission is denied\./);
});

test("bench new estimator writes a plug-in that trains", async (t) => {
  const cwd = temporaryFolder();
  const made = await bench(["new", "estimator", "mine"], { cwd });
  t.is(made.status, 0, made.err);
  t.regex(made.out, /^\.\/mine\.ts\n/);
  await trains(t, cwd, "./mine.ts", "mine");
});

test("a plug-in may be a package called bench-plugin-NAME, and JavaScript of bench new", async (t) => {
  const cwd = temporaryFolder();
  await bench(["new", "estimator", "mine", "--js"], { cwd });
  const folder = join(cwd, "node_modules/bench-plugin-nice");
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(cwd, "mine.js"), join(folder, "index.js"));
  writeFileSync(
    join(folder, "package.json"),
    JSON.stringify({ name: "nice", type: "module", exports: "./index.js" }),
  );
  await trains(t, cwd, "nice", "mine");
});

async function trains(t: ExecutionContext, cwd: string, plugin: string, name: string): Promise<void> {
  const argv = ["run", "-e", `${name}:samples=4`, "--plugin", plugin, ...brief];
  const { status, err } = await bench([...argv, "--seeds", "1", "--name", "A"], { cwd });
  t.is(status, 0, err);
  t.is(recordsOf(join(cwd, "runs/A"))[0]!.label, `${name}:samples=4`);
}

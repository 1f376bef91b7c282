/** A task or the protocol gets another version: old results are read and shown as before, and not beside the new ones. */
import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { serial as test } from "../../require.ts";
import type { Manifest } from "../../../reports/format/records.ts";
import type { Summary } from "../../../reports/format/summary.ts";
import {
  refuseOtherConfiguration,
  refuseOtherVersions,
} from "../../../runners/store/shared-configuration.ts";
import { tasks } from "../../../tasks/index.ts";
import { bench, temporaryFolder } from "../cli/call.ts";
import { manifestOf } from "../cli/cells.ts";
import { contentOf as contentUnder } from "../cli/refused.ts";

const bits = tasks.find(({ name }) => name === "bits")!;
const old = bits.version;

/** As it will be in a later bench. */
async function inVersion<R>(version: number, action: () => Promise<R>): Promise<R> {
  Object.assign(bits, { version });
  try {
    return await action();
  } finally {
    Object.assign(bits, { version: old });
  }
}
const later = <R>(action: () => Promise<R>) => inVersion(old + 1, action);

const cwd = temporaryFolder();
const run = (estimators: string, name: string, ...more: string[]) => [
  ...["run", "-e", estimators, "-t", "bits:rows=4", "--engine", "cpu", "--quick", "--seeds", "3"],
  ...["--steps", "5", "-q", "--name", name, ...more],
];
const ok = async (argv: readonly string[]) => {
  const { status, out, err } = await bench(argv, { cwd });
  if (status !== 0) throw new Error(`${argv.join(" ")}: ${err}`);
  return out;
};
const summaryOf = async (...argv: string[]) => JSON.parse(await ok([...argv, "--json"])) as Summary;

test.before(async () => {
  await ok(run("gs,reinforce", "A"));
  await later(() => ok(run("gs,reinforce", "B")));
  await later(() => ok(run("st", "C")));
});

/** Whatever stands in a run's folder, byte by byte. */
const contentOf = (name: string) => contentUnder(join(cwd, "runs", name));

test("results of an older version are read, verified and shown as they were", async (t) => {
  const before = contentOf("A");
  await later(async () => {
    t.regex(await ok(["show", "runs/A"]), /6 done/);
    t.regex(await ok(["verify", "runs/A"]), /6 cells complete/);
    await ok(["report", "runs/A"]);
  });
  t.deepEqual(contentOf("A"), before);
});

test("a folder of an older version takes no cell of the new one", async (t) => {
  cpSync(join(cwd, "runs/A"), join(cwd, "runs/old"), { recursive: true });
  const before = contentOf("old");
  for (const estimators of ["gs,reinforce", "gs", "st"]) {
    const { status, err } = await later(() => bench(run(estimators, "old"), { cwd }));
    t.is(status, 2, err);
    t.regex(
      err,
      /runs\/old: the version of bits is \d there and \d now, .* Choose another --name to keep both/,
    );
  }
  const { status, err } = await bench(["merge", "runs/old", "runs/C", "-o", "runs/all"], { cwd });
  t.is(status, 2, err);
  t.regex(err, /runs\/C: the version of bits is/);
  t.false(existsSync(join(cwd, "runs/all")));
  t.deepEqual(contentOf("old"), before);
});

test("no report and no comparison holds results of two versions", async (t) => {
  for (const argv of [
    ["report", "runs/A", "runs/B", "-o", "both"],
    ["report", "runs/C", "runs/A", "-o", "both"],
    ["compare", "runs/A", "runs/B"],
  ]) {
    const { status, out, err } = await bench(argv, { cwd });
    t.is(status, 2, err);
    t.is(out, "");
    t.regex(err, /cannot be compared: they are of version \d and of version \d of bits\./);
  }
  t.false(existsSync(join(cwd, "both")));
});

test("neither parameters nor a bank of one version measure the other", async (t) => {
  const [{ hash }] = manifestOf(join(cwd, "runs/A")).matrix as [Manifest["matrix"][0]];
  const argv = ["variance", "-e", "gs", "-t", "bits:rows=4", "--draws", "40", "--engine", "cpu", "-q"];
  const at = await later(() => bench([...argv, "--parameters", `runs/A/cells/${hash}`], { cwd }));
  t.is(at.status, 2);
  t.regex(at.err, /the cell trained version 1 of bits, but version 2 is measured/);
  const bank = ["bank", "bits:rows=4", "--steps", "4", "--engine", "cpu", "-q", "-o", "bank"];
  await later(() => ok(bank));
  const before = contentOf("A");
  const stages = await later(() => bench(["report", "runs/A", "--bank", "bank"], { cwd }));
  t.is(stages.status, 2, stages.out);
  t.regex(stages.err, /--bank: the bank has version 2 of bits:rows=4; .* has version 1\./);
  t.deepEqual(contentOf("A"), before);
});

test("--force puts the new version in the place of the old, whose cells no report of the run reads", async (t) => {
  cpSync(join(cwd, "runs/A"), join(cwd, "runs/forced"), { recursive: true });
  await later(() => ok(run("gs,reinforce", "forced", "--force")));
  const { tasks: found } = await summaryOf("report", "runs/forced");
  t.is(found.length, 1);
  t.deepEqual(
    found[0]!.ranking.map(({ value }) => value),
    (await summaryOf("report", "runs/B")).tasks[0]!.ranking.map(({ value }) => value),
  );
});

const before = {
  ...{ engine: "wasm", quick: true, data: null, measurement: { logPoints: 5 }, protocol: 1 },
  ...{ budget: { bits: { steps: 5 } }, versions: { bits: 1 } },
};
for (const [what, change] of [
  ["version of the protocol", { protocol: 2 }],
  ["version of bits", { versions: { bits: 2, kool: 1 } }],
  ["engine", { engine: "onnx" }],
  ["quick", { quick: false }],
  ["data", { data: "images" }],
  ["measurement", { measurement: { logPoints: 6 } }],
  ["budget of bits", { budget: { bits: { steps: 6 }, kool: { steps: 1 } } }],
] as const)
  test(`cells that differ in the ${what} do not join a run`, (t) => {
    const now = { ...before, ...change };
    const message = new RegExp(
      `^runs/A: the ${what} is .* there and .* now, but all cells of a run must share it`,
    );
    t.throws(() => refuseOtherConfiguration("runs/A", before, now), { message });
    const version = what.startsWith("version");
    if (version) t.throws(() => refuseOtherVersions("runs/A", before, now), { message });
    else t.notThrows(() => refuseOtherVersions("runs/A", before, now));
  });

test("cells of other tasks join a run, whatever their budget and version", (t) => {
  const now = { ...before, budget: { kool: { steps: 9 } }, versions: { kool: 2 } };
  t.notThrows(() => refuseOtherConfiguration("runs/A", before, now));
});

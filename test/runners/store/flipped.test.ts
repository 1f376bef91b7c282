/** A bit that flips, or an end that is lost, in what a command goes on from: found, or nothing that it says has changed. */
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { readRun } from "../../../reports/format/read-run.ts";
import { recordsVersion, type GradientRow } from "../../../reports/format/records.ts";
import { readStages, stageFile } from "../../../reports/format/stage-records.ts";
import { readSummed, summedText } from "../../../reports/format/checked-json.ts";
import { readBank, readStage } from "../../../runners/variance/bank-files.ts";
import { makeFolder } from "../../../runners/store/disk.ts";
import { exitOf, messageOf } from "../../../runners/errors.ts";
import { readSnapshot } from "../../../runners/store/trained-parameters.ts";
import { readSubmitted } from "../../../runners/jobs/slurm/submit.ts";
import { openCell } from "../../../runners/store/cell-folder.ts";
import { bench, temporaryFolder } from "../cli/call.ts";
import { manifestOf } from "../cli/cells.ts";

fc.configureGlobal({ seed: 8 });

/** Bytes with one bit of them another, or without their end. */
const damage = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  bit: fc.nat(7),
  cut: fc.boolean(),
});

function damaged(bytes: Buffer, { at, bit, cut }: { at: number; bit: number; cut: boolean }): Buffer {
  const place = Math.floor(at * bytes.length);
  if (cut) return bytes.subarray(0, place);
  const broken = Buffer.from(bytes);
  broken[place]! ^= 1 << bit;
  return broken;
}

/** Whether the reader refuses in one sentence of exit 2 or 3, or reads what was written; how often it refused. */
async function fuzz(path: string, read: () => unknown, numRuns: number): Promise<number> {
  const bytes = readFileSync(path);
  const text = (value: unknown) =>
    JSON.stringify(value, (_, inner) =>
      ArrayBuffer.isView(inner)
        ? Buffer.from(inner.buffer, inner.byteOffset, inner.byteLength).toString("base64")
        : (inner as unknown),
    );
  const wanted = text(await read());
  let refusals = 0;
  try {
    await fc.assert(
      fc.asyncProperty(damage, async (how) => {
        writeFileSync(path, damaged(bytes, how));
        try {
          return text(await read()) === wanted;
        } catch (error) {
          refusals += 1;
          const status = exitOf(error);
          return (
            (status === 2 || status === 3) &&
            !messageOf(error).includes("\n") &&
            messageOf(error).includes(dirname(path))
          );
        }
      }),
      { numRuns },
    );
  } finally {
    writeFileSync(path, bytes);
  }
  return refusals;
}

const cwd = temporaryFolder();
const [bank, run] = [join(cwd, "bank"), join(cwd, "runs/A")];
test.before(async (t) => {
  const engine = ["--engine", "cpu", "-q"];
  const made = await bench(
    [
      "bank",
      "cat10:variables=2,hidden=2,side=14,batch=5",
      "--steps",
      "2",
      "--draws",
      "40",
      "-o",
      "bank",
      ...engine,
    ],
    { cwd },
  );
  t.is(made.status, 0, made.err);
  const trained = await bench(
    [
      "run",
      "-e",
      "nvil",
      "-t",
      "bits:rows=4",
      "--seeds",
      "1",
      "--steps",
      "3",
      "--quick",
      "--name",
      "A",
      ...engine,
    ],
    { cwd },
  );
  t.is(trained.status, 0, trained.err);
});

test("a bank: its file, and each snapshot", async (t) => {
  const all = () => readBank(bank).stages.map((stage) => readStage(bank, stage));
  t.true((await fuzz(join(bank, "bank.json"), all, 400)) > 300);
  for (const stage of ["start", "middle", "end"])
    t.is(await fuzz(join(bank, `${stage}.snapshot`), all, 60), 60, "no byte of a snapshot is idle");
});

test("the snapshot of a cell: its checkpoint, its record and its seal", async (t) => {
  const cell = join(run, "cells", manifestOf(run).matrix[0]!.hash);
  const whole = () => readSnapshot(cell);
  for (const name of ["checkpoint", "cell.json"]) t.is(await fuzz(join(cell, name), whole, 100), 100, name);
  t.true((await fuzz(join(cell, "SHA256SUMS"), whole, 100)) > 90);
});

test("the record and rows of a cell that has not ended, and what says which rows they are", async (t) => {
  const copy = temporaryFolder();
  cpSync(run, copy, { recursive: true });
  const cell = join(copy, "cells", manifestOf(copy).matrix[0]!.hash);
  rmSync(join(cell, "SHA256SUMS"));
  openCell(cell, t.fail).appendCurve([]);
  const whole = () => readRun(copy);
  for (const name of ["curve.ndjson", "gradients.ndjson"])
    t.is(await fuzz(join(cell, name), whole, 100), 100, name);
  for (const name of ["cell.json", "seen.json"])
    t.true((await fuzz(join(cell, name), whole, 200)) > 180, name);
  const curve = join(cell, "curve.ndjson");
  writeFileSync(curve, readFileSync(curve, "utf8").replace(/"value":-?\d/, '"value":7'));
  const { status, out } = await bench(["show", copy, "--verify"]);
  t.is(status, 1);
  t.regex(out, /curve\.ndjson: its first \d+ rows must be those that were written, got others/);
});

const row = {
  step: 7,
  forward: 7,
  backward: 0,
  seconds: 1.5,
  protocol: "shared",
  varianceEstimator: 0.25,
} as GradientRow;
for (const [name, write, read] of [
  [
    "slurm.json",
    (folder) =>
      writeFileSync(
        join(folder, "slurm.json"),
        summedText({ array: "17", gather: "18", shards: 4, submitted: "2026-01-02" }),
      ),
    readSubmitted,
  ],
  [
    "reproduction.json",
    (folder) =>
      writeFileSync(
        join(folder, "reproduction.json"),
        summedText({ version: 1, seconds: { estimated: 3000, spent: 2718.25 }, rows: [{ steps: 7 }] }),
      ),
    (folder) => readSummed(join(folder, "reproduction.json")),
  ],
  [
    "bank/bits-seed0.json",
    (folder) => {
      const kept = { version: recordsVersion, taskLabel: "bits", seed: 0, rows: [{ estimator: "gs", row }] };
      makeFolder(dirname(stageFile(folder, kept)));
      writeFileSync(stageFile(folder, kept), summedText(kept));
    },
    readStages,
  ],
] as readonly [name: string, write: (folder: string) => void, read: (folder: string) => unknown][])
  test(`${name}, from which a command goes on`, async (t) => {
    const folder = temporaryFolder();
    write(folder);
    t.true((await fuzz(join(folder, name), () => read(folder), 400)) > 300);
  });

import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import type { CellRecord, CurveRow } from "../../../reports/format/records.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../../runners/store/checkpoint.ts";
import { openCell, removeTemporaryFiles, type Checkpoint } from "../../../runners/store/cell-folder.ts";
import { madeUpRun } from "../../reports/fixture.ts";

const root = mkdtempSync(join(tmpdir(), "bench-store-"));
process.on("exit", () => rmSync(root, { recursive: true, force: true }));

function temporary(): string {
  return join(mkdtempSync(join(root, "folder-")), "cell");
}

const row = (step: number): CurveRow => ({
  step,
  forward: step,
  backward: 0,
  seconds: 0.1,
  split: "valid",
  metric: "elbo",
  value: -step,
});

function checkpoint(step: number): Checkpoint {
  const values = Float32Array.from([step, 0.1, -0, 1e-40, 3.4e38]);
  return {
    snapshot: {
      step,
      arrays: { "w/0": { shape: [5], values }, empty: { shape: [0], values: new Float32Array() } },
    },
    counters: {
      evaluations: { forward: step, backward: step },
      seconds: { train: 1.25, compile: 0, evaluate: 2 },
    },
  };
}

const steps = (path: string) =>
  readFileSync(join(path, "curve.ndjson"), "utf8")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as CurveRow).step);

test("a checkpoint comes back bit for bit, and rows after it are dropped", (t) => {
  const path = temporary();
  const cell = openCell(path, t.fail);
  t.is(cell.resume(), undefined);
  cell.appendCurve([row(0), row(10)]);
  cell.saveCheckpoint(checkpoint(10));
  cell.appendCurve([row(20)]);
  appendFileSync(join(path, "curve.ndjson"), '{"step":30,"val');
  const again = openCell(path, t.fail);
  t.deepEqual(again.resume(), checkpoint(10));
  again.appendCurve([row(20)]);
  t.deepEqual(steps(path), [0, 10, 20]);
});

test("rows written at a checkpoint's own step after it are dropped too", (t) => {
  const path = temporary();
  const cell = openCell(path, t.fail);
  cell.appendCurve([row(10)]);
  cell.saveCheckpoint(checkpoint(10));
  cell.appendCurve([{ ...row(10), split: "test" }]);
  openCell(path, t.fail).resume();
  t.is(steps(path).length, 1);
});

test("without a checkpoint a cell starts anew, its rows dropped", (t) => {
  const path = temporary();
  openCell(path, t.fail).appendCurve([row(0)]);
  t.is(openCell(path, t.fail).resume(), undefined);
  t.is(readFileSync(join(path, "curve.ndjson"), "utf8"), "");
});

for (const [what, damage, resumed, fault] of [
  [
    "a torn checkpoint",
    (path) => truncateSync(join(path, "checkpoint"), 200),
    10,
    /checkpoint: this checkpoint cannot be used: its SHA-256 does not match$/,
  ],
  [
    "a checkpoint whose rows are missing",
    (path) => truncateSync(join(path, "curve.ndjson"), statSync(join(path, "curve.ndjson")).size - 1),
    10,
    /checkpoint: this checkpoint cannot be used: rows that were written before it are missing$/,
  ],
  [
    "checkpoints without rows",
    (path) => rmSync(join(path, "curve.ndjson")),
    undefined,
    /checkpoint\.previous: this checkpoint cannot be used: rows that were written before it are missing$/,
  ],
  ["no newest checkpoint", (path) => rmSync(join(path, "checkpoint")), 10, undefined],
] as readonly (readonly [string, (path: string) => void, number | undefined, RegExp | undefined])[])
  test(`with ${what} a cell goes on from the one before, or starts again`, (t) => {
    const path = temporary();
    const cell = openCell(path, t.fail);
    cell.appendCurve([row(10)]);
    cell.saveCheckpoint(checkpoint(10));
    cell.appendCurve([row(20)]);
    cell.saveCheckpoint(checkpoint(20));
    damage(path);
    const notes: string[] = [];
    t.is(openCell(path, (note) => notes.push(note)).resume()?.snapshot.step, resumed);
    if (resumed !== undefined) t.deepEqual(steps(path), [10]);
    if (fault === undefined) t.deepEqual(notes, []);
    else t.regex(notes.at(-1)!, fault);
  });

test("at most two checkpoints are kept, and nothing half-written stays", (t) => {
  const path = temporary();
  const cell = openCell(path, t.fail);
  for (let step = 1; step <= 5; step++) cell.saveCheckpoint(checkpoint(step));
  t.deepEqual(readdirSync(path).sort(), ["checkpoint", "checkpoint.previous"]);
  for (const name of ["checkpoint.host.1.part", "cell.json.host.1.part"])
    writeFileSync(join(path, name), "half");
  removeTemporaryFiles(path);
  t.deepEqual(readdirSync(path), ["checkpoint"]);
});

test("a flipped bit anywhere in a checkpoint is detected", (t) => {
  const { snapshot, counters } = checkpoint(7);
  const bytes = Buffer.from(encodeCheckpoint(snapshot, counters));
  t.deepEqual(decodeCheckpoint(bytes), { snapshot, beside: counters });
  fc.assert(
    fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
      const broken = Buffer.from(bytes);
      broken[bit >> 3]! ^= 1 << (bit & 7);
      return "fault" in decodeCheckpoint(broken);
    }),
    { numRuns: 300 },
  );
});

test("any arrays survive a checkpoint", (t) => {
  const float = fc.float32Array({ noNaN: true });
  fc.assert(
    fc.property(fc.dictionary(fc.string(), float), fc.nat(), (arrays, step) => {
      const named = Object.fromEntries(
        Object.entries(arrays).map(([name, values]) => [name, { shape: [values.length], values }]),
      );
      const decoded = decodeCheckpoint(Buffer.from(encodeCheckpoint({ step, arrays: named }, null)));
      t.deepEqual(decoded, { snapshot: { step, arrays: named }, beside: null });
    }),
  );
});

test("a record is merged field by field", (t) => {
  const path = temporary();
  const cell = openCell(path, t.fail);
  t.is(cell.readRecord(), undefined);
  const { record } = madeUpRun().cells[0]!;
  cell.writeRecord({ ...record, state: "running", error: "none" });
  cell.writeRecord({ state: "done", error: undefined });
  const merged = { ...record, state: "done", error: undefined };
  t.deepEqual(cell.readRecord(), JSON.parse(JSON.stringify(merged)) as CellRecord);
});

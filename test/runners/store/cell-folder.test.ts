import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  appendFileSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import type { CurveRow } from "../../../reports/format/records.ts";
import { decodeCheckpoint, encodeCheckpoint } from "../../../runners/store/checkpoint.ts";
import { dropLeftovers, openCell, type Checkpoint } from "../../../runners/store/cell-folder.ts";

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

test("a torn checkpoint is found, said, and the one before it used", (t) => {
  const path = temporary();
  const cell = openCell(path, t.fail);
  cell.appendCurve([row(10)]);
  cell.saveCheckpoint(checkpoint(10));
  cell.appendCurve([row(20)]);
  cell.saveCheckpoint(checkpoint(20));
  const file = join(path, "checkpoint");
  const bytes = readFileSync(file);
  writeFileSync(file, bytes.subarray(0, bytes.length - 9));
  const notes: string[] = [];
  const found = openCell(path, (note) => notes.push(note)).resume();
  t.is(found?.snapshot.step, 10);
  t.deepEqual(steps(path), [10]);
  t.is(notes.length, 1);
  t.regex(notes[0]!, /checkpoint is torn \(its SHA-256 does not match\)/);
});

test("a checkpoint whose rows were lost is not used", (t) => {
  const path = temporary();
  const cell = openCell(path, t.fail);
  cell.appendCurve([row(10), row(20)]);
  cell.saveCheckpoint(checkpoint(20));
  writeFileSync(join(path, "curve.ndjson"), "");
  const notes: string[] = [];
  t.is(openCell(path, (note) => notes.push(note)).resume(), undefined);
  t.regex(notes[0]!, /rows that checkpoint has seen are missing or changed/);
});

test("a flipped bit in any row that a checkpoint has seen is found, and the one before it or the start used", (t) => {
  const path = temporary();
  const cell = openCell(path, t.fail);
  cell.appendCurve([row(10)]);
  cell.saveCheckpoint(checkpoint(10));
  const first = readFileSync(join(path, "curve.ndjson")).length;
  cell.appendCurve([row(20)]);
  cell.saveCheckpoint(checkpoint(20));
  const curve = join(path, "curve.ndjson");
  const bytes = readFileSync(curve);
  fc.assert(
    fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
      const broken = Buffer.from(bytes);
      broken[bit >> 3]! ^= 1 << (bit & 7);
      const copy = temporary();
      cpSync(path, copy, { recursive: true });
      writeFileSync(join(copy, "curve.ndjson"), broken);
      const notes: string[] = [];
      const found = openCell(copy, (note) => notes.push(note)).resume();
      const kept = readFileSync(join(copy, "curve.ndjson"));
      const wanted = bit >> 3 < first ? undefined : 10;
      t.is(found?.snapshot.step, wanted);
      t.deepEqual(kept, bytes.subarray(0, wanted === undefined ? 0 : first));
      t.is(notes.length, wanted === undefined ? 2 : 1);
      t.true(notes.every((note) => note.includes("rows that checkpoint")));
    }),
    { numRuns: 100 },
  );
});

test("a cell whose record has changed starts anew", (t) => {
  const path = temporary();
  const cell = openCell(path, t.fail);
  cell.writeRecord({ hash: "a", state: "running", seed: 3 });
  cell.appendCurve([row(10)]);
  cell.saveCheckpoint(checkpoint(10));
  const record = join(path, "cell.json");
  writeFileSync(record, readFileSync(record, "utf8").replace('"seed": 3', '"seed": 7'));
  const notes: string[] = [];
  const again = openCell(path, (note) => notes.push(note));
  t.is(again.readRecord(), undefined);
  again.writeRecord({ hash: "a", state: "running", seed: 3 });
  t.is(again.resume(), undefined);
  t.deepEqual(notes, [`${record}: it is torn or changed, so the cell starts anew`]);
  t.is(readFileSync(join(path, "curve.ndjson"), "utf8"), "");
});

test("at most two checkpoints are kept, and nothing half-written stays", (t) => {
  const path = temporary();
  const cell = openCell(path, t.fail);
  for (let step = 1; step <= 5; step++) cell.saveCheckpoint(checkpoint(step));
  t.deepEqual(readdirSync(path).sort(), ["checkpoint", "checkpoint.previous"]);
  for (const name of ["checkpoint.ready", "checkpoint.ready.new", "cell.json.new"])
    writeFileSync(join(path, name), "half");
  dropLeftovers(cell);
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
  cell.writeRecord({ hash: "a", state: "running" });
  cell.writeRecord({ state: "done" });
  t.like(cell.readRecord(), { hash: "a", state: "done" });
});

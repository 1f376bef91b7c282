import { appendFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import test from "ava";
import { BenchError } from "../../../reports/format/bench-error.ts";
import { writeChecksums } from "../../../reports/format/checksums.ts";
import { readRun } from "../../../reports/format/read-run.ts";
import { madeUpRun, writeRun } from "../fixture.ts";

const small = madeUpRun({ tasks: ["cat10"], estimators: ["gs"], seeds: 2, points: 3, pictures: false });

test("readRun gives back what was written", async (t) => {
  const folder = await writeRun(small);
  const run = readRun(folder);
  t.deepEqual(run.manifest, small.manifest);
  t.deepEqual(run.cells, JSON.parse(JSON.stringify(small.cells)));
});

test("readRun leaves out a cell that has not begun, and rows of files that are absent", async (t) => {
  const folder = await writeRun(small);
  const [first, second] = small.cells.map(({ record }) => join(folder, "cells", record.hash));
  await rm(first as string, { recursive: true });
  await rm(join(second as string, "gradients.ndjson"));
  writeChecksums(second as string);
  const { cells } = readRun(folder);
  t.is(cells.length, 1);
  t.deepEqual(cells[0]?.gradients, []);
});

test("readRun leaves out a last line that is still being written", async (t) => {
  const folder = await writeRun(small);
  const cell = join(folder, "cells", small.cells[0]?.record.hash ?? "");
  await appendFile(join(cell, "curve.ndjson"), '{"step": 99, "spl');
  writeChecksums(cell);
  const { cells } = readRun(folder);
  t.is(cells[0]?.curve.length, small.cells[0]?.curve.length);
});

const record = small.cells[0]!.record;
const cellName = `cells/${record.hash}`;

/** Puts a text, or a folder, in the place of a file or folder of a run. */
const replaced =
  (name: string, text: string | null) =>
  async ({ run }: { run: string }) => {
    const path = join(run, name);
    await rm(path, { recursive: true, force: true });
    await mkdir(text === null ? path : dirname(path), { recursive: true });
    if (text !== null) await writeFile(path, text);
  };
const changedRecord = (fields: object) =>
  replaced(`${cellName}/cell.json`, JSON.stringify({ ...record, ...fields }));
const badRow = `${JSON.stringify({ ...small.cells[0]!.curve[0], value: "high" })}\n`;

for (const [what, damage, message] of [
  ["no manifest", ({ run }) => rm(join(run, "manifest.json")), /manifest\.json is missing\.$/],
  [
    "a manifest that is a folder",
    replaced("manifest.json", null),
    /manifest\.json: it is a folder, not a file\.$/,
  ],
  ["a torn manifest", replaced("manifest.json", '{"version'), /manifest\.json: this is not JSON/],
  ["a torn record", replaced(`${cellName}/cell.json`, '{"ver'), /cell\.json: this is not JSON/],
  [
    "an unknown state",
    changedRecord({ state: "won" }),
    /cell\.json: state expects "pending" or .*, got "won"\.$/,
  ],
  [
    "the record of another cell",
    changedRecord({ seed: 7 }),
    /cell\.json: field seed is 7, but 0 in the manifest\.$/,
  ],
  [
    "a broken row",
    replaced(`${cellName}/curve.ndjson`, "{oops}\n"),
    /curve\.ndjson, line 1: this is not JSON/,
  ],
  [
    "a row of another kind",
    replaced(`${cellName}/gradients.ndjson`, "[1]\n"),
    /gradients\.ndjson, line 1: step is missing\.$/,
  ],
  [
    "a text for a value",
    replaced(`${cellName}/curve.ndjson`, badRow),
    /curve\.ndjson, line 1: value expects a number, got "high"\.$/,
  ],
  ["a file instead of the cells", replaced("cells", ""), /cells: a part of the path is a file/],
  [
    "torn measurements of a bank",
    replaced("bank/cat10-seed0.json", '{"version": 1, "rows": ['),
    /cat10-seed0\.json: this is not JSON/,
  ],
] as readonly (readonly [string, (at: { run: string }) => Promise<unknown>, RegExp])[])
  test(`readRun names the file in one sentence for ${what}`, async (t) => {
    const run = await writeRun(small);
    await rm(join(run, cellName, "SHA256SUMS"));
    await damage({ run });
    const error = t.throws(() => readRun(run), { instanceOf: BenchError, message });
    t.true(error.message.includes(run));
    t.false(error.message.includes("\n"));
  });

test("a cell has ended once it has checksums", async (t) => {
  const folder = await writeRun(small);
  await rm(join(folder, "cells", record.hash, "SHA256SUMS"));
  const { cells } = readRun(folder);
  t.like(cells[0]?.record, {
    state: "interrupted",
    error: "the end of the cell is not stored yet; bench run goes on",
  });
  t.is(cells[1]?.record.state, "done");
});

for (const [what, change, sentence] of [
  ["is empty", () => "", /SHA256SUMS: this is no list of checksums/],
  ["is torn", (text) => text.slice(0, -9), /this is no list of checksums/],
  ["does not name cell.json", (text) => text.replace(/^.*cell\.json\n/m, ""), /this is no list of checksums/],
  [
    "does not name a file",
    (text) => text.replace(/^.*curve.*\n/m, ""),
    /the checksum of curve\.ndjson is missing/,
  ],
  ["names another file", (text) => `${text}${"0".repeat(64)}  strange\n`, /strange is not a file of a cell/],
  [
    "has another checksum",
    (text) => text.replace(/^.{64}(?= {2}curve)/m, "0".repeat(64)),
    /curve\.ndjson: the file differs from its SHA-256 checksum\. To train the cell again: bench run with --retry-failed\.$/,
  ],
  [
    "names an absent checkpoint, which no report reads,",
    (text) => `${text}${"0".repeat(64)}  checkpoint\n`,
    undefined,
  ],
] as readonly (readonly [string, (text: string) => string, RegExp | undefined])[])
  test(`a list of checksums that ${what} is ${sentence === undefined ? "read" : "refused"}`, async (t) => {
    const folder = await writeRun(small);
    const list = join(folder, "cells", record.hash, "SHA256SUMS");
    await writeFile(list, change(await readFile(list, "utf8")));
    if (sentence === undefined) t.notThrows(() => readRun(folder));
    else t.throws(() => readRun(folder), { message: sentence });
  });

import { appendFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { isReportError } from "../../../reports/format/report-error.ts";
import { readRun } from "../../../reports/format/read-run.ts";
import { madeUpRun, sealCell, writeRun } from "../fixture.ts";

const small = madeUpRun({ tasks: ["cat10"], estimators: ["gs"], seeds: 2, points: 3, pictures: false });

test("readRun gives back what was written", async (t) => {
  const folder = await writeRun(small);
  const run = await readRun(folder);
  t.deepEqual(run.manifest, small.manifest);
  t.deepEqual(run.cells, JSON.parse(JSON.stringify(small.cells)));
});

test("readRun leaves out a cell that has not begun, and rows of files that are absent", async (t) => {
  const folder = await writeRun(small);
  const [first, second] = small.cells.map(({ record }) => join(folder, "cells", record.hash));
  await rm(first as string, { recursive: true });
  await rm(join(second as string, "gradients.ndjson"));
  await sealCell(second as string);
  const { cells } = await readRun(folder);
  t.is(cells.length, 1);
  t.deepEqual(cells[0]?.gradients, []);
});

test("readRun leaves out a last line that is still being written", async (t) => {
  const folder = await writeRun(small);
  const cell = join(folder, "cells", small.cells[0]?.record.hash ?? "");
  await appendFile(join(cell, "curve.ndjson"), '{"step": 99, "spl');
  await sealCell(cell);
  const { cells } = await readRun(folder);
  t.is(cells[0]?.curve.length, small.cells[0]?.curve.length);
});

const damages: readonly (readonly [string, (folder: string, cell: string) => Promise<void>, RegExp])[] = [
  [
    "an absent manifest",
    (folder) => rm(join(folder, "manifest.json")),
    /must be a run folder with a manifest\.json/,
  ],
  [
    "a manifest cut short",
    (folder) => writeFile(join(folder, "manifest.json"), '{"version": 1,'),
    /manifest\.json: must hold JSON/,
  ],
  [
    "a manifest that is a list",
    (folder) => writeFile(join(folder, "manifest.json"), "[]"),
    /manifest\.json: must hold a JSON object/,
  ],
  [
    "another version",
    (folder) => writeFile(join(folder, "manifest.json"), '{"version": 99}'),
    /version must be 1 .*got 99/,
  ],
  [
    "a manifest without a matrix",
    (folder) => writeFile(join(folder, "manifest.json"), JSON.stringify({ ...small.manifest, matrix: 3 })),
    /field matrix must be an array, got 3/,
  ],
  [
    "a cell of garbage",
    (_, cell) => writeFile(join(cell, "cell.json"), "\u0000\u0001"),
    /cell\.json: must hold JSON/,
  ],
  [
    "a cell of an unknown state",
    (_, cell) =>
      writeFile(join(cell, "cell.json"), JSON.stringify({ ...small.cells[0]?.record, state: "won" })),
    /state must be one of .*got "won"/,
  ],
  [
    "a curve with a broken line",
    (_, cell) => appendFile(join(cell, "curve.ndjson"), "{oops}\n"),
    /curve\.ndjson, line \d+: must hold JSON/,
  ],
  [
    "a curve with a text for a value",
    (_, cell) =>
      appendFile(join(cell, "curve.ndjson"), '{"step":1,"split":"test","metric":"elbo","value":"high"}\n'),
    /curve\.ndjson, line \d+: field value must be a number or null, got "high"/,
  ],
  [
    "a folder for a file",
    async (_, cell) => {
      await rm(join(cell, "gradients.ndjson"));
      await import("node:fs/promises").then(({ mkdir }) => mkdir(join(cell, "gradients.ndjson")));
    },
    /gradients\.ndjson: must be a readable file/,
  ],
];

for (const [what, damage, sentence] of damages)
  test(`readRun names the file in one sentence for ${what}`, async (t) => {
    const folder = await writeRun(small);
    const [hash] = await readdir(join(folder, "cells"));
    const cell = join(folder, "cells", hash as string);
    await damage(folder, cell);
    await rm(join(cell, "SHA256SUMS"));
    const error = await t.throwsAsync(readRun(folder));
    t.true(isReportError(error));
    t.regex(error?.message ?? "", sentence);
    t.true(error?.message.includes(folder));
    t.false(error?.message.trimEnd().includes("\n"));
  });

test("the end of a cell counts once it is sealed", async (t) => {
  const folder = await writeRun(small);
  const cell = join(folder, "cells", small.cells[0]?.record.hash ?? "");
  await rm(join(cell, "SHA256SUMS"));
  const { cells } = await readRun(folder);
  t.like(cells[0]?.record, {
    state: "interrupted",
    error: "its end is not sealed yet: bench run goes on with it",
  });
  t.is(cells[1]?.record.state, "done");
});

for (const [what, change, sentence] of [
  ["is empty", () => "", /it must list SHA-256 sums, that of cell\.json among them, but is torn/],
  ["is torn", (text) => text.slice(0, -9), /must list SHA-256 sums/],
  ["does not name cell.json", (text) => text.replace(/^.*cell\.json\n/m, ""), /must list SHA-256 sums/],
  ["does not name a file", (text) => text.replace(/^.*curve.*\n/m, ""), /but curve\.ndjson is missing/],
  [
    "names another file",
    (text) => `${text}${"0".repeat(64)}  strange\n`,
    /files of a cell only, got strange/,
  ],
  ["names an absent file", (text) => `${text}${"0".repeat(64)}  checkpoint\n`, undefined],
] as readonly (readonly [string, (text: string) => string, RegExp | undefined])[])
  test(`a seal that ${what} is refused, but for the checkpoint's, which no report reads`, async (t) => {
    const folder = await writeRun(small);
    const list = join(folder, "cells", small.cells[0]?.record.hash ?? "", "SHA256SUMS");
    await writeFile(list, change(await readFile(list, "utf8")));
    if (sentence === undefined) await t.notThrowsAsync(readRun(folder));
    else t.regex((await t.throwsAsync(readRun(folder)))?.message ?? "", sentence);
  });

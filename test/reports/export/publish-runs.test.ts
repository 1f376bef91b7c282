import { cpSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { prepareRuns, publishRuns } from "../../../reports/export/publish-runs.ts";
import { readPublishedRuns } from "../../../reports/format/published-run.ts";
import type { RunRecords } from "../../../reports/format/records.ts";
import { madeUpRun, writeRun } from "../fixture.ts";

const small = (name: string, more: Parameters<typeof madeUpRun>[0] = {}) =>
  madeUpRun({ name, tasks: ["cat10"], estimators: ["gs", "rloo:samples=4"], points: 3, states: {}, ...more });
const folder = () => mkdtemp(join(tmpdir(), "bench-publish-"));
const publish = (runs: readonly string[], to: string) => publishRuns(prepareRuns(runs, to), to);

/** All files of a folder with their texts. */
const filesIn = (path: string) =>
  readdirSync(path, { recursive: true, encoding: "utf8" })
    .filter((name) => statSync(join(path, name)).isFile())
    .sort()
    .map((name) => [name, readFileSync(join(path, name), "utf8")] as const);

test("publishRuns: a run is its report, numbers, manifest and checksums, and shares the drawing libraries", async (t) => {
  const to = join(await folder(), "site");
  const run = await writeRun(small("first", { states: { "cat10/gs/1": "diverged" } }));
  const { runs, total } = publish([run], to);
  const files = filesIn(runs[0]!.folder).map(([name]) => name);
  t.deepEqual(files, [
    ...["SHA256SUMS", "leaderboard.json", "manifest.json", "report.html", "results.csv", "summary.json"],
  ]);
  t.deepEqual(readdirSync(to).sort(), ["assets", "index.html", "runs"]);
  t.deepEqual(total, { runs: 1, rows: 2 });
  t.true(statSync(join(runs[0]!.folder, "report.html")).size < 150_000, "the libraries are elsewhere");
  const [gs, rloo] = readPublishedRuns(to)[0]!.rows.toSorted((a, b) =>
    a.estimator.localeCompare(b.estimator),
  );
  t.like(gs, { estimator: "gs", broken: "1 of 3 diverged", seeds: { done: 2, all: 3 }, steps: 1000 });
  t.like(rloo, { task: "cat10", seeds: { done: 3, all: 3 }, evaluations: { forward: 4, backward: 0 } });
  t.is(rloo!.measure?.title, "test ELBO");
});

test("publishRuns: a run that is there already stays, and an index that was lost is written again", async (t) => {
  const to = await folder();
  const run = await writeRun(small("first"));
  publish([run], to);
  const before = filesIn(to);
  const again = publish([run], to);
  t.deepEqual([again.runs[0]!.duplicate, again.total.runs], [true, 1]);
  t.deepEqual(filesIn(to), before);
  t.deepEqual(publish([await writeRun(small("second"))], to).total, { runs: 2, rows: 4 });
  rmSync(again.runs[0]!.folder, { recursive: true });
  t.deepEqual(publish([], to).total, { runs: 1, rows: 2 });
});

const refusals: Readonly<
  Record<
    string,
    { given: (to: string, run: string) => void | Promise<void>; says: RegExp; other?: RunRecords }
  >
> = {
  "a folder of other files": {
    given: (to) => writeFileSync(join(to, "thesis.tex"), ""),
    says: /this folder holds other files than published runs; choose a new or empty folder\.$/,
  },
  "an unfinished run": {
    given: () => undefined,
    other: small("open", { states: { "cat10/gs/1": "running" } }),
    says: /: this run is not finished: 5 of 6 cells ended\./,
  },
  "a run of another protocol": {
    given: async (to) => void publish([await writeRun(small("old"))], to),
    other: { ...small("new"), manifest: { ...small("new").manifest, protocol: 9 } },
    says: /^The results of old and new cannot be compared: .* version 1 and of version 9 of the protocol/,
  },
  "a damaged run": {
    given: (_to, run) => {
      const cell = join(run, "cells", readdirSync(join(run, "cells"))[0]!);
      writeFileSync(join(cell, "curve.ndjson"), "");
    },
    says: /curve\.ndjson: the file differs from its SHA-256 checksum/,
  },
  "a published run that was changed": {
    given: async (to) => {
      const { runs } = publish([await writeRun(small("old"))], to);
      writeFileSync(join(runs[0]!.folder, "results.csv"), "better");
    },
    says: /results\.csv: the file differs from its SHA-256 checksum\. Restore the published run, or remove its folder\.$/,
  },
  "a published run under another id": {
    given: async (to) => {
      const { runs } = publish([await writeRun(small("old"))], to);
      cpSync(runs[0]!.folder, join(to, "runs", "0123456789abcdef"), { recursive: true });
    },
    says: /0123456789abcdef: the id of its content is [0-9a-f]{16}\./,
  },
};

for (const [what, { given, says, other = small("first") }] of Object.entries(refusals))
  test(`prepareRuns: ${what} is refused in a sentence, and nothing is written`, async (t) => {
    const [to, run] = [await folder(), await writeRun(other)];
    await given(to, run);
    const before = filesIn(to);
    t.throws(() => publish([run], to), { message: says });
    t.deepEqual(filesIn(to), before);
  });

test("publishRuns: leftovers of a killed process are no run", async (t) => {
  const to = await folder();
  const { runs } = publish([await writeRun(small("first"))], to);
  cpSync(runs[0]!.folder, `${runs[0]!.folder}.elsewhere.1.part`, { recursive: true });
  t.is(publish([], to).total.runs, 1);
  t.true(existsSync(runs[0]!.folder));
});

test("docs/gallery holds published runs whose files have their checksums", (t) => {
  const runs = readPublishedRuns(new URL("../../../docs/gallery", import.meta.url).pathname);
  t.true(runs.length >= 3);
});

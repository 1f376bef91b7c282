/** `bench verify --rerun`: one cell is trained again, and its numbers compared with those of the run. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serial as test } from "../../require.ts";
import { writeChecksums } from "../../../reports/format/checksums.ts";
import { bench, temporaryFolder } from "./call.ts";
import { manifestOf } from "./cells.ts";

const cwd = temporaryFolder();
const run = join(cwd, "runs/A");
const again = ["verify", "runs/A", "--rerun", "1", "-q"];
test.before(async (t) => {
  const matrix = ["-e", "reinforce", "-t", "bits:rows=4", "--engine", "cpu", "--quick", "--seeds", "3"];
  t.is((await bench(["run", ...matrix, "--steps", "5", "--name", "A", "-q"], { cwd })).status, 0);
});

/** Runs `body` where a file of the run has another text. */
async function changed(path: string, change: (text: string) => string, body: () => Promise<void>) {
  const text = readFileSync(path, "utf8");
  writeFileSync(path, change(text));
  await body().finally(() => writeFileSync(path, text));
}

test("a run agrees bit for bit on the machine that made it, and so does the published run", async (t) => {
  const { status, out, err } = await bench([...again.slice(0, 3), "3", "-q"], { cwd });
  t.is(status, 0, out + err);
  t.is(
    out.match(/^bits:rows=4 reinforce seed [012] agrees: all \d+ numbers are the same, bit for bit$/gm)
      ?.length,
    3,
  );
  t.is((await bench(["publish", "runs/A", "--to", "site"], { cwd })).status, 0);
  const published = join("site/runs", readdirSync(join(cwd, "site/runs"))[0]!);
  const verified = await bench(["verify", published, "--rerun", "1", "-q"], { cwd });
  t.is(verified.status, 0, verified.out + verified.err);
  t.regex(
    verified.out,
    /^3 cells complete, 0 unfinished; 0 data files and 5 report files unchanged\n.* agrees: all/,
  );
  for (const command of [["report"], ["show"], ["publish", "--to", "other"]]) {
    const refused = await bench([...command, published], { cwd });
    t.is(refused.status, 2);
    t.regex(refused.err, /is a published run, without its cells; name the folder of the run/);
  }
  t.is((await bench(["verify", published], { cwd })).status, 0);
  writeFileSync(join(cwd, published, "report.html"), "other");
  const other = await bench(["verify", published], { cwd });
  t.is(other.status, 1);
  t.regex(other.out, /report\.html: the file differs from its SHA-256 checksum/);
  rmSync(join(cwd, published, "SHA256SUMS"));
  const without = await bench(["verify", published], { cwd });
  t.is(without.status, 1);
  t.regex(without.out, /SHA256SUMS is missing/);
});

test("a number that was changed together with its checksums is found", async (t) => {
  const cell = join(run, "cells", manifestOf(run).matrix[0]!.hash);
  const alter = (text: string) => text.replace(/"value":\d\.\d/, '"value":9.9');
  await changed(join(cell, "curve.ndjson"), alter, async () => {
    writeChecksums(cell);
    t.is((await bench(["report", "runs/A"], { cwd })).status, 0);
    const { status, out } = await bench(again, { cwd });
    t.is(status, 1);
    t.regex(
      out,
      /^bits:rows=4 reinforce seed 0 does not agree: train .* at step 0 is \S+ and was 9\.9\S*, on the same engine/m,
    );
  });
  writeChecksums(cell);
  t.is((await bench(["report", "runs/A"], { cwd })).status, 0);
});

test("on another machine or engine a value must be one that a further seed would have", async (t) => {
  const cells = manifestOf(run).matrix.map(({ hash }) => join(run, "cells", hash));
  const inRun = async (shift: number) => {
    const before = cells.map((cell) => readFileSync(join(cell, "curve.ndjson"), "utf8"));
    for (const [k, cell] of cells.entries()) {
      writeFileSync(
        join(cell, "curve.ndjson"),
        before[k]!.replaceAll(
          /"value":(\d+\.\d+)/g,
          (_, value: string) => `"value":${Number(value) + shift}`,
        ),
      );
      writeChecksums(cell);
    }
    await bench(["report", "runs/A"], { cwd });
    const called = await bench([...again, "--engine", "wasm"], { cwd });
    for (const [k, cell] of cells.entries()) {
      writeFileSync(join(cell, "curve.ndjson"), before[k]!);
      writeChecksums(cell);
    }
    await bench(["report", "runs/A"], { cwd });
    return called;
  };
  const near = await inRun(1e-6);
  t.is(near.status, 0, near.out + near.err);
  t.regex(
    near.out,
    /agrees: on another engine, machine or version: train cost is \S+, within \[\S+, \S+\] \(99% of/,
  );
  const far = await inRun(1);
  t.is(far.status, 1);
  t.regex(far.out, /does not agree: on another engine, machine or version: train cost is \S+, outside \[/);
});

test("a run of another protocol is refused in a sentence", async (t) => {
  const older = (text: string) => text.replaceAll(/"protocol": \d+/g, '"protocol": 1');
  await changed(join(run, "manifest.json"), older, async () => {
    await bench(["report", "runs/A"], { cwd });
    const { status, err } = await bench(again, { cwd });
    t.is(status, 2);
    t.regex(err, /^error The results of A and this bench \(A\) cannot be compared: .* of the protocol\.\n$/);
  });
});

test("an unfinished run has nothing to train again", async (t) => {
  const argv = ["run", "-e", "reinforce", "-t", "bits:rows=4", "--engine", "cpu", "--quick", "--steps", "5"];
  await bench([...argv, "--name", "B", "-q", "--shard", "2/2", "--seeds", "1"], { cwd });
  const { status, err } = await bench(["verify", "runs/B", "--rerun", "1"], { cwd });
  t.is(status, 2, err);
  t.regex(err, /^error B has no finished cell to train again\.\n$/);
  t.regex(
    (await bench(["verify", "runs/A", "--rerun", "0"], { cwd })).err,
    /--rerun must be a whole number, at least 1, got 0/,
  );
});

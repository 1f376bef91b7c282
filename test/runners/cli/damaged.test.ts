/** A run's folder with files that the run did not write: exit 3 and a sentence from every command, and nothing written. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serial as test } from "../../require.ts";
import { writeChecksums } from "../../../reports/format/checksums.ts";
import { openCell } from "../../../runners/store/cell-folder.ts";
import { bench, temporaryFolder } from "./call.ts";
import { manifestOf } from "./cells.ts";

const argv = [
  ...["run", "-e", "reinforce", "-t", "bits:rows=4", "--engine", "cpu", "--quick", "--seeds", "1"],
  ...["--steps", "5", "--name", "A", "-q"],
];
const cwd = temporaryFolder();
const run = join(cwd, "runs/A");
const path = join(run, "manifest.json");
let text = "";
test.before(async (t) => {
  t.is((await bench(argv, { cwd })).status, 0);
  text = readFileSync(path, "utf8");
});
test.afterEach.always(() => writeFileSync(path, text));

const commands = [argv, ["show", "runs/A"], ["verify", "runs/A"], ["report", "runs/A"]];

for (const [what, broken] of [
  ["half an object", "{"],
  ["another program", '{"name": "app", "icons": []}'],
] as const)
  test(`a manifest of ${what} is refused by every command, and stays`, async (t) => {
    for (const command of commands) {
      writeFileSync(path, broken);
      const { status, out, err } = await bench(command, { cwd });
      t.is(status, 3, `${command.join(" ")}: ${out}${err}`);
      t.regex(err, /manifest\.json: (this is not JSON|version is missing)/);
      t.is(err.trim().split("\n").length, 1);
      t.is(readFileSync(path, "utf8"), broken);
    }
  });

test("a manifest with the checksum of an earlier bench is read, and the next run leaves it out", async (t) => {
  writeFileSync(path, JSON.stringify({ ...(JSON.parse(text) as object), sum: "0123" }));
  t.is((await bench(["show", "runs/A"], { cwd })).status, 0);
  t.is((await bench(argv, { cwd })).status, 0);
  t.false("sum" in manifestOf(run));
});

test("a record of another cell than the matrix names is refused, whatever its checksum", async (t) => {
  const cell = join(run, "cells", manifestOf(run).matrix[0]!.hash);
  const rename = (label: string) => {
    openCell(cell, t.fail).writeRecord({ label });
    writeChecksums(cell);
  };
  rename("gs");
  const { status, err } = await bench(["report", "runs/A"], { cwd });
  rename("reinforce");
  t.is(status, 3);
  t.regex(err, /cell\.json: field label is "gs", but "reinforce" in the manifest/);
});

test("bench verify names folders that the matrix lacks, which is no fault", async (t) => {
  mkdirSync(join(run, "cells/0123456789abcdef"));
  const { status, out } = await bench(["verify", "runs/A"], { cwd });
  rmSync(join(run, "cells/0123456789abcdef"), { recursive: true });
  t.is(status, 0, out);
  t.regex(out, /^cells\/0123456789abcdef: no cell of this run's matrix/m);
});

test("a torn slurm.json is named by bench show", async (t) => {
  writeFileSync(join(run, "slurm.json"), '{"array": "1"');
  const torn = await bench(["show", "runs/A"], { cwd });
  rmSync(join(run, "slurm.json"));
  t.is(torn.status, 3);
  t.regex(torn.err, /slurm\.json: this is not JSON/);
});

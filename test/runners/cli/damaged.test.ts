/** What stands in a run's folder is not what a run wrote: exit 3 and a sentence, whatever the command, and nothing written. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { summedText } from "../../../reports/format/checked-json.ts";
import { seal } from "../../../runners/store/checksum.ts";
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

const commands = {
  run: argv,
  show: ["show", "runs/A"],
  verify: ["show", "runs/A", "--verify"],
  report: ["report", "runs/A"],
} as const;

for (const [what, damage] of [
  ["null", () => "null"],
  ["a list", () => "[]"],
  ["half an object", () => "{"],
  ["a version alone", () => '{"version":1}'],
  ["a matrix of a number", (whole) => summedText({ ...(JSON.parse(whole) as object), matrix: [5] })],
  ["another seed", (whole) => whole.replace('"seed": 0', '"seed": 1')],
  ["another title", (whole) => whole.replace('"title": "', '"title": "not ')],
] as readonly (readonly [string, (text: string) => string])[])
  test.serial(`a manifest of ${what} is refused by every command, and stays`, async (t) => {
    const broken = damage(text);
    t.not(broken, text);
    for (const [name, command] of Object.entries(commands)) {
      writeFileSync(path, broken);
      const { status, out, err } = await bench(command, { cwd });
      t.is(status, 3, `${name}: ${out}${err}`);
      t.regex(err, /manifest\.json.*: /, name);
      t.notRegex(err, /\n\s+at /, name);
      t.is(readFileSync(path, "utf8"), broken, name);
    }
  });

test.serial(
  "a manifest without a sum is read, named by --verify, and gets one from the next run",
  async (t) => {
    writeFileSync(path, JSON.stringify({ ...(JSON.parse(text) as object), sum: undefined }));
    t.is((await bench(["show", "runs/A"], { cwd })).status, 0);
    const verified = await bench(["show", "runs/A", "--verify"], { cwd });
    t.is(verified.status, 1);
    t.regex(verified.out, /manifest\.json: it has no sum of what it says, as an older bench wrote it/);
    t.is((await bench(argv, { cwd })).status, 0);
    t.is((await bench(["show", "runs/A", "--verify"], { cwd })).status, 0);
  },
);

test.serial("a record of another cell than the matrix names is refused, sealed or not", async (t) => {
  const cell = join(run, "cells", manifestOf(run).matrix[0]!.hash);
  openCell(cell, t.fail).writeRecord({ label: "gs" });
  seal(cell);
  const { status, err } = await bench(["report", "runs/A"], { cwd });
  openCell(cell, t.fail).writeRecord({ label: "reinforce" });
  seal(cell);
  t.is(status, 3);
  t.regex(err, /cell\.json: its label must be that of the manifest's matrix, "reinforce", got "gs"/);
});

test.serial("bench show --verify names folders that the matrix lacks, which is no fault", async (t) => {
  mkdirSync(join(run, "cells/0123456789abcdef"));
  const { status, out } = await bench(["show", "runs/A", "--verify"], { cwd });
  rmSync(join(run, "cells/0123456789abcdef"), { recursive: true });
  t.is(status, 0, out);
  t.regex(out, /^cells\/0123456789abcdef: no cell of this run's matrix/m);
});

test.serial("a torn slurm.json, and a file for the folder of cells, are named by bench show", async (t) => {
  writeFileSync(join(run, "slurm.json"), '{"array": "1"');
  const torn = await bench(["show", "runs/A"], { cwd });
  rmSync(join(run, "slurm.json"));
  t.is(torn.status, 3);
  t.regex(torn.err, /slurm\.json: must hold JSON/);
  const other = temporaryFolder();
  mkdirSync(join(other, "B"));
  writeFileSync(join(other, "B/manifest.json"), text);
  writeFileSync(join(other, "B/cells"), "");
  const file = await bench(["show", "B"], { cwd: other });
  t.is(file.status, 3);
  t.regex(file.err, /cells: must be a readable folder/);
});

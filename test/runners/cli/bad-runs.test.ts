/** Runs of which a file is not what it must be, met by every command that reads them. */
import { appendFileSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { madeUpRun, writeRun } from "../../reports/fixture.ts";
import { bench, temporaryFolder } from "./call.ts";
import { cut, refused, type Bad } from "./refused.ts";

const small = (name: string) =>
  madeUpRun({
    name,
    estimators: ["gs", "st"],
    tasks: ["cat10"],
    seeds: 2,
    states: {},
    points: 3,
    pictures: false,
  });
const cell = small("A").cells[0]!.record.hash;
const inCell = (cwd: string, name: string) => join(cwd, "B/cells", cell, name);

/** Two runs, A as it must be and B after some damage to it. */
const damaged = (
  argv: readonly string[],
  what: string,
  damage: (cwd: string) => void,
  says: RegExp,
  status = 3,
): Bad => ({
  ...{ argv, what: `after ${what}`, says, status },
  async given(cwd) {
    for (const name of ["A", "B"]) await writeRun(small(name), join(cwd, name));
    damage(cwd);
  },
});

/** The same damage met by whoever reads a whole run. */
const readers = [
  ["report", "B"],
  ["show", "B"],
  ["compare", "A", "B"],
  ["compare", "B", "A"],
  ["merge", "A", "B", "-o", "C"],
  ["report", "A", "B", "-o", "C"],
] as const;
const everywhere = (what: string, damage: (cwd: string) => void, says: RegExp, status = 3): Bad[] =>
  readers.map((argv) => damaged(argv, what, damage, says, status));

const unsealed = (change: (cwd: string) => void) => (cwd: string) => {
  rmSync(inCell(cwd, "SHA256SUMS"));
  change(cwd);
};

const badRuns: readonly Bad[] = [
  ...everywhere(
    "its manifest is torn",
    (cwd) => cut(join(cwd, "B/manifest.json")),
    /B\/manifest\.json: must hold JSON/,
  ),
  ...everywhere(
    "another program wrote its manifest",
    (cwd) => writeFileSync(join(cwd, "B/manifest.json"), '{"name": "app", "icons": []}'),
    /B\/manifest\.json: version must be 1/,
  ),
  ...everywhere(
    "its manifest became a folder",
    (cwd) => (rmSync(join(cwd, "B/manifest.json")), mkdirSync(join(cwd, "B/manifest.json"))),
    /B\/manifest\.json: must be a readable file/,
  ),
  ...everywhere(
    "a record is torn",
    (cwd) => cut(inCell(cwd, "cell.json")),
    /cell\.json: its SHA-256 must be .*, as it was sealed/,
  ),
  ...everywhere(
    "an unsealed record is torn",
    unsealed((cwd) => cut(inCell(cwd, "cell.json"))),
    /cell\.json: must hold JSON/,
  ),
  ...everywhere(
    "a curve lost its end",
    (cwd) => cut(inCell(cwd, "curve.ndjson")),
    /curve\.ndjson: its SHA-256 must be/,
  ),
  ...everywhere(
    "an unsealed curve has half a row inside",
    unsealed((cwd) => appendFileSync(inCell(cwd, "curve.ndjson"), '{"step":\n')),
    /curve\.ndjson, line \d+: must hold JSON/,
  ),
  ...everywhere(
    "unsealed gradients are of another kind",
    unsealed((cwd) => appendFileSync(inCell(cwd, "gradients.ndjson"), "[1]\n")),
    /gradients\.ndjson, line \d+: must hold a JSON object/,
  ),
  ...everywhere(
    "a file took the place of its cells",
    (cwd) => (rmSync(join(cwd, "B/cells"), { recursive: true }), writeFileSync(join(cwd, "B/cells"), "")),
    /B\/cells: must be a readable folder/,
  ),
  ...everywhere(
    "what a bank gave is torn",
    (cwd) => (
      mkdirSync(join(cwd, "B/bank")),
      writeFileSync(join(cwd, "B/bank/cat10-seed0.json"), '{"version": 1, "rows": [')
    ),
    /cat10-seed0\.json: must hold JSON/,
  ),
  ...everywhere(
    "it is empty",
    (cwd) => (rmSync(join(cwd, "B"), { recursive: true }), mkdirSync(join(cwd, "B"))),
    /B: the folder of a run must hold a manifest\.json, got none/,
    2,
  ),
  ...everywhere(
    "it became a file",
    (cwd) => (rmSync(join(cwd, "B"), { recursive: true }), writeFileSync(join(cwd, "B"), "")),
    /B: the folder of a run must hold a manifest\.json, got none/,
    2,
  ),
  damaged(
    ["show", "B", "--verify"],
    "its manifest became a folder",
    (cwd) => (rmSync(join(cwd, "B/manifest.json")), mkdirSync(join(cwd, "B/manifest.json"))),
    /B\/manifest\.json/,
  ),
];

refused(badRuns);

test("the table does what it says: runs that nobody damaged are read", async (t) => {
  const cwd = temporaryFolder();
  for (const name of ["A", "B"]) await writeRun(small(name), join(cwd, name));
  for (const argv of readers) {
    const { status, err } = await bench(argv, { cwd });
    t.is(status, 0, `${argv.join(" ")}: ${err}`);
  }
  t.true(readdirSync(join(cwd, "C")).includes("report.html"));
});

/** Damaged runs, met by every command that reads them; test/reports/format holds what the reader says of each damage. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { madeUpRun, writeRun } from "../../reports/fixture.ts";
import { bench, temporaryFolder } from "./call.ts";
import { cut, refused, type Bad } from "./refused.ts";

const small = (name: string) =>
  madeUpRun({
    ...{ name, estimators: ["gs", "st"], tasks: ["cat10"], seeds: 2 },
    ...{ states: {}, points: 3, pictures: false },
  });
const cell = small("A").cells[0]!.record.hash;
const inCell = (cwd: string, name: string) => join(cwd, "B/cells", cell, name);

const readers = [
  ["report", "B"],
  ["show", "B"],
  ["compare", "A", "B"],
  ["merge", "A", "B", "-o", "C"],
  ["report", "A", "B", "-o", "C"],
] as const;

/** Two runs, A as it should be and B damaged. */
const damaged = (what: string, damage: (cwd: string) => void, says: RegExp, status = 3): Bad[] =>
  readers.map((argv) => ({
    ...{ argv, what: `where B ${what}`, says, status },
    async given(cwd) {
      for (const name of ["A", "B"]) await writeRun(small(name), join(cwd, name));
      damage(cwd);
    },
  }));

refused([
  ...damaged(
    "has a torn manifest",
    (cwd) => cut(join(cwd, "B/manifest.json")),
    /B\/manifest\.json: this is not JSON/,
  ),
  ...damaged(
    "has a curve without its end",
    (cwd) => cut(inCell(cwd, "curve.ndjson")),
    /curve\.ndjson: the file differs from its SHA-256 checksum/,
  ),
  ...damaged(
    "has an unfinished cell with a torn record",
    (cwd) => (rmSync(inCell(cwd, "SHA256SUMS")), cut(inCell(cwd, "cell.json"))),
    /cell\.json: this is not JSON/,
  ),
  ...damaged(
    "is empty",
    (cwd) => (rmSync(join(cwd, "B"), { recursive: true }), mkdirSync(join(cwd, "B"))),
    /B is not the folder of a run/,
    2,
  ),
  ...damaged(
    "is a file",
    (cwd) => (rmSync(join(cwd, "B"), { recursive: true }), writeFileSync(join(cwd, "B"), "")),
    /B is not the folder of a run/,
    2,
  ).slice(0, 1),
]);

test("runs that nobody damaged are read by the same commands", async (t) => {
  const cwd = temporaryFolder();
  for (const name of ["A", "B"]) await writeRun(small(name), join(cwd, name));
  for (const argv of readers) {
    const { status, err } = await bench(argv, { cwd });
    t.is(status, 0, `${argv.join(" ")}: ${err}`);
  }
  t.true(readdirSync(join(cwd, "C")).includes("report.html"));
});

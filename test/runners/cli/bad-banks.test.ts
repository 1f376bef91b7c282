/** Damaged banks, met by both commands that read them; test/runners/variance/bank-files.test.ts has every damage. */
import { cpSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { madeUpRun, writeRun } from "../../reports/fixture.ts";
import { bench, temporaryFolder } from "./call.ts";
import { cut, refused, type Bad } from "./refused.ts";

const bankOf = temporaryFolder();
test.before(async (t) => {
  const { status, err } = await bench(
    ["bank", "bits", "--steps", "4", "--engine", "cpu", "-q", "-o", "bank"],
    { cwd: bankOf },
  );
  t.is(status, 0, err);
});

/** A bank after some damage to it, met by both who read it. */
const bank = (what: string, damage: (folder: string) => void, says: RegExp, status = 2): Bad[] =>
  [
    ["variance", "-e", "gs", "--bank", "bank", "--draws", "40"],
    ["report", "A", "--bank", "bank", "--draws", "40"],
  ].map((argv) => ({
    ...{ argv: [...argv, "--engine", "cpu", "-q"], what: `where the bank ${what}`, says, status },
    async given(cwd) {
      const run = madeUpRun({
        name: "A",
        estimators: ["gs"],
        tasks: ["bits"],
        seeds: 1,
        states: {},
        points: 2,
        pictures: false,
      });
      await writeRun(run, join(cwd, "A"));
      cpSync(join(bankOf, "bank"), join(cwd, "bank"), { recursive: true });
      damage(join(cwd, "bank"));
    },
  }));

const badBanks: readonly Bad[] = [
  ...bank("is torn", (folder) => cut(join(folder, "bank.json")), /bank\.json: this is not JSON/, 3),
  ...bank(
    "is a folder",
    (folder) => (rmSync(join(folder, "bank.json")), mkdirSync(join(folder, "bank.json"))),
    /bank\.json/,
    3,
  ),
  ...bank(
    "has the snapshot of another stage",
    (folder) => cpSync(join(folder, "start.snapshot"), join(folder, "end.snapshot")),
    /end\.snapshot: the snapshot belongs to another bank or stage/,
  ),
  {
    argv: ["bank", "bits", "-o", "full"],
    files: { "full/letter.txt": "x" },
    says: /is not empty: it holds letter\.txt/,
  },
  { argv: ["bank", "bits", "-o", "file"], files: { file: "x" }, says: /file/ },
];

refused(badBanks);

test("the table does what it says: a bank that nobody damaged is read", async (t) => {
  const argv = ["variance", "-e", "gs", "--bank", "bank", "--draws", "40", "--engine", "cpu", "-q"];
  const { status, err } = await bench(argv, { cwd: bankOf });
  t.is(status, 0, err);
});

/** Banks that are not what they must be, met by both commands that read them. */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { summedText } from "../../../reports/format/checked-json.ts";
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
const said = (folder: string) =>
  JSON.parse(readFileSync(join(folder, "bank.json"), "utf8")) as Record<string, unknown>;
const write = (change: (bank: Record<string, unknown>) => unknown) => (folder: string) =>
  writeFileSync(join(folder, "bank.json"), summedText(change(said(folder)) as object));

const badBanks: readonly Bad[] = [
  ...bank(
    "is torn",
    (folder) => cut(join(folder, "bank.json")),
    /bank\.json: the bank must be JSON, but it is broken/,
  ),
  ...bank(
    "is null",
    (folder) => writeFileSync(join(folder, "bank.json"), "null"),
    /must be of version 3, got undefined/,
  ),
  ...bank(
    "is a list",
    (folder) => writeFileSync(join(folder, "bank.json"), "[]"),
    /must be of version 3, got undefined/,
  ),
  ...bank(
    "is a folder",
    (folder) => (rmSync(join(folder, "bank.json")), mkdirSync(join(folder, "bank.json"))),
    /bank\.json/,
    3,
  ),
  ...bank("is gone", (folder) => rmSync(join(folder, "bank.json")), /the folder must hold a bank\.json/),
  ...bank(
    "has no stages",
    write((all) => ({ ...all, stages: 3 })),
    /bank\.json: field stages must be an array, got 3/,
    3,
  ),
  ...bank(
    "lost a snapshot",
    (folder) => rmSync(join(folder, "end.snapshot")),
    /end\.snapshot: the bank must hold this snapshot, got none/,
  ),
  ...bank(
    "has a torn snapshot",
    (folder) => cut(join(folder, "end.snapshot")),
    /end\.snapshot: the snapshot must be whole, but its SHA-256/,
  ),
  ...bank(
    "has an empty snapshot",
    (folder) => writeFileSync(join(folder, "end.snapshot"), ""),
    /end\.snapshot: the snapshot must be whole, but it has only 0 bytes/,
  ),
  ...bank(
    "has the snapshot of another stage",
    (folder) => cpSync(join(folder, "start.snapshot"), join(folder, "end.snapshot")),
    /end\.snapshot: the snapshot must be the one that the bank was made with, of step 4, got another, of step 0/,
  ),
  ...bank(
    "is of another version of the task",
    write((all) => ({ ...all, taskVersion: 9 })),
    /must be of (the same task and data, got version 9|the version of bits)/,
  ),
  {
    argv: ["bank", "bits", "-o", "full"],
    files: { "full/letter.txt": "x" },
    says: /a bank must go to a new or empty folder, got one with letter\.txt/,
  },
  { argv: ["bank", "bits", "-o", "file"], files: { file: "x" }, says: /file/ },
];

refused(badBanks);

test("the table does what it says: a bank that nobody damaged is read", async (t) => {
  const argv = ["variance", "-e", "gs", "--bank", "bank", "--draws", "40", "--engine", "cpu", "-q"];
  const { status, err } = await bench(argv, { cwd: bankOf });
  t.is(status, 0, err);
});

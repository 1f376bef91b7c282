import { copyFileSync, cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { estimators } from "../../../estimators/index.ts";
import { chooseEngine, openEngine } from "../../../runners/engine/index.ts";
import { exitOf, messageOf } from "../../../runners/errors.ts";
import { readBank, readStage, refuseOtherBank, type Bank } from "../../../runners/variance/bank-files.ts";
import { makeBank } from "../../../runners/variance/make-bank.ts";
import { referenceEstimators, referenceOf } from "../../../runners/variance/reference.ts";
import bits from "../../../tasks/bits.ts";
import { temporaryFolder } from "../cli/call.ts";
import { cut } from "../cli/refused.ts";

const task = await bits.create({ t: 0.45, p: 0.5, rows: 4, "learning-rate": 0.1 }, {});
const original = temporaryFolder();

test.before(async () => {
  const engine = await openEngine(chooseEngine("cpu"));
  const entries = estimators.map((estimator) => ({ name: estimator.name, estimator }));
  const references = referenceEstimators({ estimators: entries as never }, task.sites);
  const conditions = { engine, task, taskLabel: "bits", seed: 0 };
  await makeBank(original, {
    ...{ conditions, taskVersion: 1, trained: references.sampled, steps: 4 },
    referencesAt: (stages) =>
      Promise.all(stages.map(({ at }) => referenceOf({ ...conditions, at }, references, { most: 40 }))),
    ...{ engineText: "cpu", progress: () => undefined },
  });
});

/** Reads all of a bank, as `bench variance --bank` does. */
function readAll(folder: string, version = 1): Bank {
  const bank = readBank(folder);
  refuseOtherBank(bank, task, version);
  for (const stage of bank.stages) readStage(folder, stage);
  return bank;
}

/** Changes a field of bank.json. */
const change = (fields: object) => (folder: string) => {
  const path = join(folder, "bank.json");
  const bank = JSON.parse(readFileSync(path, "utf8")) as object;
  writeFileSync(path, JSON.stringify({ ...bank, ...fields }));
};
const write = (file: string, text: string) => (folder: string) => writeFileSync(join(folder, file), text);

const damages: readonly [what: string, damage: (folder: string) => void, says: RegExp, exit?: 2 | 3][] = [
  ["has no bank.json", (folder) => rmSync(join(folder, "bank.json")), /--bank: .* has no bank\.json\. Make/],
  ["is torn", (folder) => cut(join(folder, "bank.json")), /bank\.json: this is not JSON/, 3],
  ["is a list", write("bank.json", "[]"), /bank\.json: version is missing\.$/, 3],
  ["is of another version", change({ version: 9 }), /bank\.json: version expects 3, got 9\.$/, 3],
  ["has no stages", change({ stages: 3 }), /bank\.json: stages expects a list, got 3\.$/, 3],
  [
    "is of another seed",
    change({ seed: 1 }),
    /--bank: the bank does not fit bits: its fixed batch has other/,
  ],
  ["is of other data", change({ data: { x: "y" } }), /does not fit bits: the data have other checksums/],
  [
    "is of another version of the task",
    change({ taskVersion: 9 }),
    /made with version 9 .* this is version 1/,
  ],
  [
    "lost a snapshot",
    (folder) => rmSync(join(folder, "end.snapshot")),
    /end\.snapshot: the snapshot is missing\. Make/,
  ],
  [
    "has a torn snapshot",
    (folder) => cut(join(folder, "end.snapshot")),
    /end\.snapshot: the snapshot is damaged: its SHA-256/,
  ],
  ["has an empty snapshot", write("end.snapshot", ""), /snapshot is damaged: it has only 0 bytes/],
  [
    "has the snapshot of another stage",
    (folder) => copyFileSync(join(folder, "start.snapshot"), join(folder, "end.snapshot")),
    /end\.snapshot: the snapshot belongs to another bank or stage: it is of step 0, not 4/,
  ],
];

for (const [what, damage, says, exit = 2] of damages)
  test(`a bank that ${what} is refused in a sentence`, (t) => {
    const folder = temporaryFolder();
    cpSync(original, folder, { recursive: true });
    damage(folder);
    const error = t.throws(() => readAll(folder), { any: true });
    t.regex(messageOf(error), says);
    t.is(exitOf(error), exit);
  });

test("a bank that nobody damaged is read, its references exact", (t) => {
  const { stages } = readAll(original);
  t.deepEqual(
    stages.map(({ stage, step, draws }) => [stage, step, draws]),
    [
      ["start", 0, null],
      ["middle", 2, null],
      ["end", 4, null],
    ],
  );
  const { reference, parameters } = readStage(original, stages[0]!);
  t.is(reference.mean.length, parameters["logits"]!.values.length);
});

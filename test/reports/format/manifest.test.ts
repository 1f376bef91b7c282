import test from "ava";
import { BenchError } from "../../../reports/format/bench-error.ts";
import { parseJson } from "../../../reports/format/json-file.ts";
import { manifestSchema } from "../../../reports/format/records.ts";
import { madeUpRun } from "../fixture.ts";

const { manifest } = madeUpRun({ tasks: ["cat10"], estimators: ["gs"], seeds: 2, pictures: false });
const parse = (text: string) => parseJson(text, manifestSchema, "runs/A/manifest.json");

test("a manifest comes back as it was written; a field of another version of bench stays", (t) => {
  t.deepEqual(parse(JSON.stringify(manifest)), JSON.parse(JSON.stringify(manifest)));
  t.like(parse(JSON.stringify({ ...manifest, sum: "0123" })), { sum: "0123" });
});

const [cell] = manifest.matrix;
const changed = (fields: object) => JSON.stringify({ ...manifest, ...fields });

for (const [what, text, message] of [
  ["a word", "\u0000", /^: this is not JSON \(Unexpected token.*\)\.$/],
  ["null", "null", " expects an object, got null."],
  ["a list", "[]", ": version is missing."],
  ["another version", '{"version":99}', ": version expects 1, got 99."],
  ["a version alone", '{"version":1}', ": protocol is missing."],
  ["a matrix of numbers", changed({ matrix: [5] }), ": matrix.0 expects an object, got 5."],
  [
    "a cell without a seed",
    changed({ matrix: [{ ...cell, seed: null }] }),
    ": matrix.0.seed expects a number, got null.",
  ],
  [
    "a way out of the folder",
    changed({ matrix: [{ ...cell, hash: "../x" }] }),
    ': matrix.0.hash must be the name of a folder, got "../x".',
  ],
  ["no definitions", changed({ definitions: {} }), ": definitions.tasks is missing."],
] as const)
  test(`a manifest of ${what} is refused in a sentence that names the file and the field`, (t) => {
    const { message: said, exit } = t.throws(() => parse(text), { instanceOf: BenchError });
    t.is(exit, 3);
    t.true(said.startsWith("runs/A/manifest.json"));
    const sentence = said.slice("runs/A/manifest.json".length);
    if (typeof message === "string") t.is(sentence, message);
    else t.regex(sentence, message);
  });

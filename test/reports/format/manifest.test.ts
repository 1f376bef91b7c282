import test from "ava";
import fc from "fast-check";
import { isReportError } from "../../../reports/format/report-error.ts";
import { parseManifest } from "../../../reports/format/manifest.ts";
import { parseSummed, summedText } from "../../../reports/format/checked-json.ts";
import { madeUpRun } from "../fixture.ts";

const { manifest } = madeUpRun({ tasks: ["cat10"], estimators: ["gs"], seeds: 2, pictures: false });
const text = summedText(manifest);

/** Either the reader refuses in a sentence, or what it reads is what was written. */
function flips(written: string, read: (text: string) => unknown, numRuns: number): void {
  const wanted = JSON.stringify(read(written));
  const bytes = Buffer.from(written, "utf8");
  fc.assert(
    fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
      const broken = Buffer.from(bytes);
      broken[bit >> 3]! ^= 1 << (bit & 7);
      try {
        return JSON.stringify(read(broken.toString("utf8"))) === wanted;
      } catch (error) {
        return isReportError(error) && !error.message.includes("\n");
      }
    }),
    { numRuns, seed: 1 },
  );
}

test("a manifest comes back as it was written, with its sum and, as at first, without", (t) => {
  t.deepEqual(parseManifest(text, "m"), JSON.parse(JSON.stringify(manifest)));
  t.deepEqual(parseManifest(JSON.stringify(manifest), "m"), JSON.parse(JSON.stringify(manifest)));
});

test("a flipped bit anywhere in a manifest is refused, or changes nothing that it says", (t) => {
  t.notThrows(() => flips(text, (given) => parseManifest(given, "m"), 3000));
});

test("a flipped bit anywhere in a file with a sum is refused, or changes nothing that it says", (t) => {
  const written = summedText({ array: "7", shards: 4, rows: [{ step: 5000, value: -97.25 }], none: null });
  t.notThrows(() => flips(written, (given) => parseSummed(given, "f"), 1500));
});

test("any object comes back from a file with a sum", (t) => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      const said = Object.fromEntries(Object.entries(value).filter(([key]) => key !== "sum"));
      t.deepEqual(parseSummed(summedText(value), "f"), JSON.parse(JSON.stringify(said)));
    }),
  );
});

const [entry] = manifest.matrix;
const changed = (fields: object) => JSON.stringify({ ...manifest, ...fields });

for (const [what, given, says] of [
  ["nothing", "", /must hold JSON/],
  ["half an object", "{", /must hold JSON/],
  ["null", "null", /must hold a JSON object, got null/],
  ["a list", "[]", /must hold a JSON object, got \[\]/],
  ["an empty object", "{}", /version must be 1/],
  ["a version alone", '{"version":1}', /field protocol must be a number, got nothing/],
  ["a matrix of a number", changed({ matrix: [5] }), /cell 1: a cell of the matrix must be an object, got 5/],
  [
    "a matrix without a seed",
    changed({ matrix: [{ ...entry, seed: null }] }),
    /cell 1: field seed must be a number/,
  ],
  ["a way out of the folder", changed({ matrix: [{ ...entry, hash: "../x" }] }), /hash must name a folder/],
  ["no definitions", changed({ definitions: {} }), /field definitions must have an object of tasks/],
  ["a field of a later version, without a sum", changed({ later: 1 }), /it has a field "later"/],
  ["another label", text.replace('"label": "gs"', '"label": "st"'), /its sum is not that of what it says/],
] as const)
  test(`a manifest of ${what} is refused in a sentence`, (t) => {
    const error = t.throws(() => parseManifest(given, "runs/A/manifest.json"));
    t.true(isReportError(error));
    t.regex(error?.message ?? "", says);
    t.regex(error?.message ?? "", /^runs\/A\/manifest\.json/);
  });

import test from "ava";
import fc from "fast-check";
import {
  matching,
  parseGrid,
  parseSeeds,
  parseSelections,
  writeSelection,
} from "../../../runners/options/selection.ts";
import { refusesEach, soundOrRefused } from "./parsed.ts";

const parse = (...texts: string[]) => parseSelections(texts, "--estimator");

test("a list splits on commas, and an option belongs to the name before it", (t) => {
  t.deepEqual(parse("gs,rloo:samples=4,st"), [
    { name: "gs", options: {} },
    { name: "rloo", options: { samples: "4" } },
    { name: "st", options: {} },
  ]);
  t.deepEqual(parse("gs:temperature=exp:1:3e-5:0.5:1000,samples=2"), [
    { name: "gs", options: { temperature: "exp:1:3e-5:0.5:1000", samples: "2" } },
  ]);
  t.deepEqual(parse("topk:of=reinforce,samples=1,of.samples=2", "st"), [
    { name: "topk", options: { of: "reinforce", samples: "1", "of.samples": "2" } },
    { name: "st", options: {} },
  ]);
  t.deepEqual(parse("gs,samples=2,st"), [
    { name: "gs", options: { samples: "2" } },
    { name: "st", options: {} },
  ]);
});

const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/);
const value = fc.stringMatching(/^[a-z0-9.:+-]{1,10}$/);
const selection = fc.record({ name, options: fc.dictionary(name, value, { maxKeys: 3 }) });

test("parsing what writeSelection wrote gives it back", (t) => {
  fc.assert(
    fc.property(fc.array(selection, { minLength: 1, maxLength: 4 }), (selections) => {
      const text = selections.map(({ name, options }) => writeSelection(name, options)).join(",");
      t.deepEqual(
        parse(text),
        selections.map(({ name, options }) => ({ name, options: { ...options } })),
      );
    }),
  );
});

refusesEach("a wrong selection is an error that quotes it", (text: string) => parse(text), [
  ["", /^--estimator: a name is missing between commas in ""\.$/],
  ["gs,,st", /a name is missing between commas in "gs,,st"/],
  ["samples=2", /no name precedes option "samples=2"/],
  [":samples=2", /no name precedes the colon of ":samples=2"/],
  ["gs:", /expected key=value after "gs", got ""/],
  ["gs:samples", /expected key=value after "gs", got "samples"/],
  ["gs:samples=", /expected key=value/],
  ["gs:samples=1,samples=2", /option "samples" of "gs" is given twice/],
]);

test("a grid names an option and its values", (t) => {
  t.deepEqual(parseGrid("gs.temperature=0.1|0.5|1"), {
    name: "gs",
    key: "temperature",
    values: ["0.1", "0.5", "1"],
  });
  t.deepEqual(parseGrid("topk.of.samples=1|2"), { name: "topk", key: "of.samples", values: ["1", "2"] });
});

const form = /^--grid expects NAME\.OPTION=VALUE\|VALUE, such as gs\.temperature=0\.1\|0\.5\|1, got "/;
refusesEach("a wrong grid is an error that quotes it", parseGrid, [
  ...["", "gs", "gs=1|2", "gs.=1", ".temperature=1", "gs.temperature=", "gs.temperature=1||2"].map(
    (text) => [text, form] as const,
  ),
  ["gs.temperature=1|1", /^--grid: the value "1" is listed twice in "gs\.temperature=1\|1"\.$/],
]);

test("seeds are a number, a range or a list", (t) => {
  t.deepEqual(parseSeeds("5"), [0, 1, 2, 3, 4]);
  t.deepEqual(parseSeeds("0-4"), [0, 1, 2, 3, 4]);
  t.deepEqual(parseSeeds("7-7"), [7]);
  t.deepEqual(parseSeeds("1,7,9"), [1, 7, 9]);
  t.deepEqual(parseSeeds("1,4-6"), [1, 4, 5, 6]);
});

refusesEach("wrong seeds are an error that quotes them", parseSeeds, [
  ...["", "-1", "1.5", "a", "1,,2", "1e3"].map(
    (text) => [text, /^--seeds expects a number of seeds/] as const,
  ),
  ["0", /^--seeds must be at least 1, got 0\.$/],
  ["4-0", /the range "4-0" ends before it begins/],
  ["1,1", /seed 1 is listed twice in "1,1"/],
  ["0-4,2", /seed 2 is listed twice/],
  ["99999999", /at most 10000 seeds/],
  ["0-99999", /at most 10000 seeds/],
]);

test("any text of seeds gives distinct whole numbers or a sentence", (t) => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9,a-]{0,8}$/), (text) =>
      soundOrRefused(
        () => parseSeeds(text),
        (seeds) => seeds.length > 0 && new Set(seeds).size === seeds.length && seeds.every(Number.isInteger),
      ),
    ),
  );
  t.pass();
});

const known = [
  { name: "gs", title: "Gumbel-Softmax", aliases: ["concrete"] },
  { name: "st-gs" },
  { name: "st" },
  { name: "rloo" },
];

test("matching takes names, aliases and patterns, and suggests", (t) => {
  const found = (written: string) => matching(written, "estimator", known).map(({ name }) => name);
  t.deepEqual(found("gs"), ["gs"]);
  t.deepEqual(found("concrete"), ["gs"]);
  t.deepEqual(found("st*"), ["st-gs", "st"]);
  t.deepEqual(found("??"), ["gs", "st"]);
  t.is(found("*").length, 4);
  t.throws(() => found("gumbel-softmax"), {
    message: 'Unknown estimator "gumbel-softmax". Did you mean "gs"?',
  });
  t.throws(() => found("x*"), { message: 'No estimator matches "x*".' });
});

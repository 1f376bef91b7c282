import test from "ava";
import fc from "fast-check";
import { BenchError } from "../../../runners/errors.ts";
import {
  matching,
  parseGrid,
  parseSeeds,
  parseSelections,
  writeSelection,
} from "../../../runners/options/selection.ts";

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

for (const [text, says] of [
  ["", /a name between its commas/],
  ["gs,,st", /a name between its commas, got "gs,,st"/],
  ["samples=2", /an option must follow a name, got "samples=2" first/],
  [":samples=2", /a name must stand before the colon/],
  ["gs:", /must look like key=value, got ""/],
  ["gs:samples", /must look like key=value, got "samples"/],
  ["gs:samples=", /must look like key=value/],
  ["gs:samples=1,samples=2", /"samples" of "gs" must be given once/],
] as const) {
  test(`the selection "${text}" is refused in a sentence`, (t) => {
    t.is(t.throws(() => parse(text), { instanceOf: BenchError, message: says }).exit, 2);
  });
}

test("a grid names an option and its values", (t) => {
  t.deepEqual(parseGrid("gs.temperature=0.1|0.5|1"), {
    name: "gs",
    key: "temperature",
    values: ["0.1", "0.5", "1"],
  });
  t.deepEqual(parseGrid("topk.of.samples=1|2"), { name: "topk", key: "of.samples", values: ["1", "2"] });
});

for (const text of [
  "",
  "gs",
  "gs=1|2",
  "gs.=1",
  ".temperature=1",
  "gs.temperature=",
  "gs.temperature=1||2",
  "gs.temperature=1|1",
]) {
  test(`the grid "${text}" is refused in a sentence`, (t) => {
    t.is(t.throws(() => parseGrid(text), { instanceOf: BenchError, message: /^--grid: / }).exit, 2);
  });
}

test("seeds are a number, a range or a list", (t) => {
  t.deepEqual(parseSeeds("5"), [0, 1, 2, 3, 4]);
  t.deepEqual(parseSeeds("0-4"), [0, 1, 2, 3, 4]);
  t.deepEqual(parseSeeds("7-7"), [7]);
  t.deepEqual(parseSeeds("1,7,9"), [1, 7, 9]);
  t.deepEqual(parseSeeds("1,4-6"), [1, 4, 5, 6]);
});

for (const text of ["", "0", "-1", "1.5", "a", "4-0", "1,1", "0-4,2", "1,,2", "1e3", "99999999", "0-99999"]) {
  test(`the seeds "${text}" are refused in a sentence`, (t) => {
    t.is(t.throws(() => parseSeeds(text), { instanceOf: BenchError, message: /^--seeds: / }).exit, 2);
  });
}

test("any text of seeds gives distinct whole numbers or a sentence", (t) => {
  fc.assert(
    fc.property(fc.stringMatching(/^[0-9,a-]{0,8}$/), (text) => {
      try {
        const seeds = parseSeeds(text);
        return seeds.length > 0 && new Set(seeds).size === seeds.length && seeds.every(Number.isInteger);
      } catch (error) {
        return error instanceof BenchError && error.exit === 2;
      }
    }),
  );
  t.pass();
});

const known = [{ name: "gs", title: "Gumbel-Softmax" }, { name: "st-gs" }, { name: "st" }, { name: "rloo" }];

test("matching takes names and patterns, and suggests", (t) => {
  t.deepEqual(
    matching("gs", "estimator", known).map(({ name }) => name),
    ["gs"],
  );
  t.deepEqual(
    matching("st*", "estimator", known).map(({ name }) => name),
    ["st-gs", "st"],
  );
  t.deepEqual(
    matching("??", "estimator", known).map(({ name }) => name),
    ["gs", "st"],
  );
  t.is(matching("*", "estimator", known).length, 4);
  t.throws(() => matching("gumbel-softmax", "estimator", known), {
    message: /got "gumbel-softmax". Did you mean "gs"\?/,
  });
  t.throws(() => matching("x*", "estimator", known), {
    message: /pattern must match a name there is, got "x\*"/,
  });
});

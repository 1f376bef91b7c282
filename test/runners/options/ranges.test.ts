import test from "ava";
import { BenchError } from "../../../runners/errors.ts";
import { parseRanges } from "../../../runners/options/ranges.ts";

test("parseRanges: a list of options, with a name before the first dot and a scale before the range", (t) => {
  t.deepEqual(parseRanges(["learning-rate=log:1e-4:1e-2, gs.temperature=0.1:1", "average.of.samples=2:8"]), [
    { key: "learning-rate", low: 1e-4, high: 1e-2, log: true, text: "learning-rate=log:1e-4:1e-2" },
    { name: "gs", key: "temperature", low: 0.1, high: 1, log: false, text: "gs.temperature=0.1:1" },
    { name: "average", key: "of.samples", low: 2, high: 8, log: false, text: "average.of.samples=2:8" },
  ]);
});

for (const [text, says] of [
  ["gs", /^--tune expects OPTION=LOW:HIGH or OPTION=log:LOW:HIGH, .*, got "gs"\.$/],
  ["=1:2", /expects OPTION=LOW:HIGH/],
  ["gs.=1:2", /expects OPTION=LOW:HIGH/],
  ["lr=1", /expects OPTION=LOW:HIGH/],
  ["lr=log:1:2:3", /expects OPTION=LOW:HIGH/],
  ["lr=lgo:1:2", /^Unknown scale of --tune lr: "lgo"\. Did you mean "log"\?$/],
  ["lr=0x1:2", /^--tune lr expects a number, got "0x1"\.$/],
  ["lr=2:1", /^--tune lr: LOW must be below HIGH, got 2 and 1\.$/],
  ["lr=1:1", /LOW must be below HIGH/],
  ["lr=log:0:1", /^--tune lr: a logarithmic range must begin above 0, got 0\.$/],
  ["a.b=1:2,a.b=1:3", /^--tune: "a\.b" is given twice\.$/],
  [
    Array.from({ length: 11 }, (_, i) => `o${i}=1:2`).join(","),
    /^--tune allows at most 10 options, got 11\.$/,
  ],
] as const)
  test(`parseRanges refuses ${text.slice(0, 30)}`, (t) => {
    t.regex(t.throws(() => parseRanges([text]), { instanceOf: BenchError }).message, says);
  });

import test from "ava";
import type { OptionSpecs } from "../../../estimators/estimator.ts";
import { BenchError } from "../../../runners/errors.ts";
import { readOptions, resolveOptions } from "../../../runners/options/resolve.ts";

const specs = {
  samples: { default: 1, minimum: 1, maximum: 64, integer: true, doc: "samples" },
  temperature: {
    default: 1,
    minimum: 0,
    exclusive: true,
    schedule: true,
    fromTask: true,
    doc: "temperature",
  },
  baseline: { default: "average", choices: ["none", "average"], doc: "baseline" },
  learned: { default: false, doc: "a switch" },
  of: {
    default: "reinforce",
    form: { pattern: "[a-z]+|none", words: "a name in small letters" },
    doc: "a name",
  },
} as const satisfies OptionSpecs;
const origin = { who: "gs", specs };

test("options take their declared kind, and tau is the temperature", (t) => {
  t.deepEqual(
    readOptions({ samples: "4", tau: "0.5", baseline: "none", learned: "true", of: "gs" }, origin),
    {
      samples: 4,
      temperature: 0.5,
      baseline: "none",
      learned: true,
      of: "gs",
    },
  );
  t.deepEqual(readOptions({ temperature: "exp:1:3e-5:0.5:1000" }, origin), {
    temperature: "exp:1:3e-5:0.5:1000",
  });
});

test("what is not given comes from the preset, then from the default", (t) => {
  const given = readOptions({ samples: "2" }, origin);
  t.deepEqual(
    resolveOptions(given, { ...origin, preset: { temperature: "exp:1:1e-5:0.5:1000", samples: 3 } }),
    {
      samples: 2,
      temperature: "exp:1:1e-5:0.5:1000",
      baseline: "average",
      learned: false,
      of: "reinforce",
    },
  );
});

const wrong: readonly [given: Record<string, string>, says: RegExp][] = [
  [{ sample: "2" }, /^gs: .*got "sample"\. Did you mean "samples"\?$/],
  [{ zzzzzzz: "2" }, /There are samples, temperature, baseline, learned, of\.$/],
  [{ samples: "0" }, /^gs: samples must be at least 1, got 0$/],
  [{ samples: "65" }, /^gs: samples must be at most 64, got 65$/],
  [{ samples: "1.5" }, /^gs: samples must be a whole number, got 1.5$/],
  [{ samples: "many" }, /^gs: samples must be a number, got "many"$/],
  [{ temperature: "0" }, /^gs: temperature must be above 0, got 0$/],
  [{ temperature: "-1" }, /^gs: temperature must be above 0, got -1$/],
  [{ temperature: "exp:1:1:0:10" }, /^gs: temperature must be above 0, got values from 0 to 1$/],
  [{ temperature: "1", tau: "2" }, /^gs: option "temperature" must be given once/],
  [
    { baseline: "averag" },
    /^gs: baseline must be one of none, average, got "averag"\. Did you mean "average"\?$/,
  ],
  [{ of: "GS" }, /^gs: of must be a name in small letters, got "GS"$/],
  [{ of: "none1" }, /^gs: of must be a name in small letters, got "none1"$/],
  [{ learned: "yes" }, /^gs: learned must be true or false, got "yes"$/],
];
for (const [given, says] of wrong) {
  test(`the option ${JSON.stringify(given)} is refused in a sentence`, (t) => {
    t.is(t.throws(() => readOptions(given, origin), { instanceOf: BenchError, message: says }).exit, 2);
  });
}

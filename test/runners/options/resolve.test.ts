import test from "ava";
import type { OptionSpecs } from "../../../estimators/estimator.ts";
import { readOptions, resolveOptions } from "../../../runners/options/resolve.ts";
import { refusesEach } from "./parsed.ts";

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
const scope = { who: "gs", specs };

test("options take their declared kind, and tau is the temperature", (t) => {
  t.deepEqual(readOptions({ samples: "4", tau: "0.5", baseline: "none", learned: "true", of: "gs" }, scope), {
    samples: 4,
    temperature: 0.5,
    baseline: "none",
    learned: true,
    of: "gs",
  });
  t.deepEqual(readOptions({ temperature: "exp:1:3e-5:0.5:1000" }, scope), {
    temperature: "exp:1:3e-5:0.5:1000",
  });
});

test("what is not given comes from the preset, then from the default", (t) => {
  const given = readOptions({ samples: "2" }, scope);
  t.deepEqual(
    resolveOptions(given, { ...scope, preset: { temperature: "exp:1:1e-5:0.5:1000", samples: 3 } }),
    { samples: 2, temperature: "exp:1:1e-5:0.5:1000", baseline: "average", learned: false, of: "reinforce" },
  );
});

refusesEach("a wrong option is an error that quotes the value", (options) => readOptions(options, scope), [
  [{ sample: "2" }, /^Unknown option of gs: "sample"\. Did you mean "samples"\?$/],
  [{ zzzzzzz: "2" }, / Available: samples, temperature, baseline, learned, of\.$/],
  [{ samples: "0" }, /^gs: samples must be at least 1, got 0\.$/],
  [{ samples: "65" }, /^gs: samples must be at most 64, got 65\.$/],
  [{ samples: "1.5" }, /^gs: samples must be a whole number, got 1\.5\.$/],
  [{ samples: "many" }, /^gs: samples expects a number, got "many"\.$/],
  [{ temperature: "0" }, /^gs: temperature must be positive, got 0\.$/],
  [{ temperature: "-1" }, /^gs: temperature must be positive, got -1\.$/],
  [{ temperature: "exp:1:1:0:10" }, /^gs: temperature must be positive, got values from 0 to 1\.$/],
  [{ temperature: "1", tau: "2" }, /^gs: option "temperature" is given twice\.$/],
  [{ baseline: "averag" }, /^gs: baseline has no choice "averag"\. Did you mean "average"\?$/],
  [{ of: "GS" }, /^gs: of expects a name in small letters, got "GS"\.$/],
  [{ of: "none1" }, /^gs: of expects a name in small letters, got "none1"\.$/],
  [{ learned: "yes" }, /^gs: learned expects true or false, got "yes"\.$/],
] as readonly [Readonly<Record<string, string>>, RegExp][]);

refusesEach(
  "an option of something without options is an error",
  (options) => readOptions(options, { who: "cpu", specs: {} }),
  [[{ threads: "2" }, /^cpu has no options, got "threads"\.$/]],
);

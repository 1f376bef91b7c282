/** Any settings file and any variable give texts, lists and switches, or one sentence with exit status 2. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { readFlags } from "../../../runners/cli/flag-values.ts";
import { flag, settingNames, type FlagName } from "../../../runners/cli/flags.ts";
import { BenchError } from "../../../runners/errors.ts";
import { everything } from "../../require.ts";
import { isSentence } from "../options/parsed.ts";
import { temporaryFolder } from "./call.ts";

fc.configureGlobal({ seed: 8 });
const share = everything ? 1 : 0.4;

const cwd = temporaryFolder();
const names: readonly FlagName[] = [...settingNames, "config"];

/** The settings under the names of their flags, or the sentence that refuses them. */
async function read(env: Readonly<Record<string, string>>, folder = cwd) {
  try {
    const flags = await readFlags({}, names, { env, cwd: folder });
    const value = (name: FlagName) => {
      const { type } = flag(name);
      return type === "switch" ? flags.on(name) : type === "text" ? flags.text(name) : flags.list(name);
    };
    return { found: Object.fromEntries(settingNames.map((name) => [name, value(name)])) };
  } catch (error) {
    if (!(error instanceof BenchError) || error.exit !== 2) throw error;
    return { sentence: error.message };
  }
}

/** The settings of a file with this text. */
async function readFile(text: string) {
  const folder = join(cwd, "file");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "bench.config.json"), text);
  return read({}, folder);
}

const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<string>(...settingNames) },
  fc.constantFrom("step", "__proto__", "toString", ""),
  fc.string(),
);
const text = fc.oneof(fc.constantFrom("gs", "5", "true", "a,b"), fc.string());
const valid = fc.oneof(
  text,
  fc.boolean(),
  fc.array(text, { maxLength: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const file = fc.dictionary(name, fc.oneof({ weight: 9, arbitrary: valid }, fc.jsonValue()), { maxKeys: 2 });

test.serial("a settings file of any JSON gives its values, or is refused in a sentence", async (t) => {
  let read = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 3, arbitrary: file }, fc.jsonValue()), async (value) => {
      const { found, sentence } = await readFile(JSON.stringify(value, undefined, 2));
      if (sentence !== undefined) return isSentence(sentence);
      for (const [key, written] of Object.entries(value as Record<string, unknown>)) {
        read += 1;
        const { type, path } = flag(key as FlagName);
        if (type === "list") t.deepEqual(found[key], [written].flat().map(String));
        else if (path !== true) t.is(found[key], typeof written === "boolean" ? written : String(written));
      }
      return true;
    }),
    { numRuns: 600 },
  );
  t.true(read > 60, `only ${read} settings were valid`);
});

test.serial(
  "a settings file of any text is read, or refused in one sentence without lines of the file",
  async (t) => {
    const torn = fc.record({ value: file, cut: fc.nat(60) }).map(({ value, cut }) => {
      const whole = JSON.stringify(value, undefined, 2);
      return whole.slice(0, Math.min(cut, whole.length));
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(torn, fc.string({ unit: "binary", maxLength: 30 })), async (written) => {
        const { sentence } = await readFile(written);
        return sentence === undefined || isSentence(sentence);
      }),
      { numRuns: 300 * share },
    );
    t.regex(
      (await readFile('{\n  "quick": yes\n}')).sentence ?? "",
      /bench\.config\.json does not load: .*\.$/,
    );
  },
);

test("variables of any names and texts give their values, or are refused in a sentence", async (t) => {
  const variables = settingNames.map((one) => `BENCH_${one.toUpperCase().replaceAll("-", "_")}`);
  const key = fc.oneof(fc.constantFrom(...variables), fc.stringMatching(/^BENCH_[A-Z_]{0,8}$/), fc.string());
  const value = fc.oneof(fc.constantFrom("1", "no", ""), fc.string());
  await fc.assert(
    fc.asyncProperty(fc.dictionary(key, value, { maxKeys: 3 }), async (env) => {
      const { found, sentence } = await read(env);
      if (sentence !== undefined) return isSentence(sentence);
      for (const [variable, written] of Object.entries(env)) {
        const one = settingNames[variables.indexOf(variable)];
        if (one === undefined || written === "") continue;
        const { type } = flag(one);
        if (type === "switch") t.is(found[one], ["1", "true", "yes"].includes(written.toLowerCase()));
        else if (type === "list") t.deepEqual(found[one], one === "plugin" ? written.split(",") : [written]);
      }
      return true;
    }),
    { numRuns: 400 * share },
  );
});

test("a flag wins over a variable, a variable over the file; paths are relative to where they are named", async (t) => {
  const folder = temporaryFolder();
  const file = { steps: 10, seeds: 3, jobs: 2, out: "here", plugin: "./mine.ts" };
  mkdirSync(join(folder, "deep"));
  writeFileSync(join(folder, "deep/settings.json"), JSON.stringify(file));
  const env = { BENCH_SEEDS: "2", BENCH_STEPS: "8", BENCH_CONFIG: "deep/settings.json" };
  const flags = await readFlags({ steps: "7" }, names, { env, cwd: folder });
  t.deepEqual([flags.text("steps"), flags.text("seeds"), flags.count("jobs")], ["7", "2", 2]);
  t.is(flags.text("out"), join(folder, "deep/here"));
  t.deepEqual(flags.plugins(), [{ spec: "./mine.ts", folder: join(folder, "deep") }]);
});

test("count takes the default of the command before that of the flag", async (t) => {
  const draws = async (defaults = {}) =>
    (await readFlags({}, ["draws"], { env: {}, cwd }, defaults)).count("draws");
  t.deepEqual([await draws(), await draws({ draws: "10000" })], [1000, 10_000]);
});

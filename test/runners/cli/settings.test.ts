/** What holds of every settings file and variable: settings that are texts and switches, or one sentence of exit 2. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { flags, layeredFlags, type FlagName } from "../../../runners/cli/flags.ts";
import { settingsOf } from "../../../runners/cli/settings.ts";
import { BenchError } from "../../../runners/errors.ts";
import { temporaryFolder } from "./call.ts";

fc.configureGlobal({ seed: 8 });

const cwd = temporaryFolder();
const silent = { stdout: { write: () => true }, stderr: { write: () => true } };
const ioOf = (env: Readonly<Record<string, string>>, folder = cwd) => ({
  ...{ ...silent, env, cwd: folder, onInterrupt: () => () => undefined, exit: () => undefined },
});
const taken: readonly FlagName[] = [...layeredFlags, "config"];

/** The settings under the names of their flags, or the sentence that refuses them. */
async function read(env: Readonly<Record<string, string>>, folder?: string) {
  try {
    const given = await settingsOf({}, taken, ioOf(env, folder));
    const value = (name: FlagName) =>
      flags[name].kind === "switch"
        ? given.on(name)
        : flags[name].kind === "text"
          ? given.text(name)
          : given.texts(name);
    return { settings: Object.fromEntries(layeredFlags.map((name) => [name, value(name)])) };
  } catch (error) {
    if (!(error instanceof BenchError) || error.exit !== 2) throw error;
    return { sentence: error.message };
  }
}

/** Of a text in a settings file of its own. */
async function readFile(text: string) {
  const folder = join(cwd, "file");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "bench.config.json"), text);
  return read({}, folder);
}

const oneSentence = (sentence: string) => /^\S.*: ./.test(sentence) && !sentence.includes("\n");
const name = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom<string>(...layeredFlags) },
  fc.constantFrom("step", "__proto__", "toString", ""),
  fc.string(),
);
const text = fc.oneof(fc.constantFrom("gs", "5", "true", "a,b"), fc.string());
const right = fc.oneof(
  text,
  fc.boolean(),
  fc.array(text, { maxLength: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const file = fc.dictionary(name, fc.oneof({ weight: 9, arbitrary: right }, fc.jsonValue()), { maxKeys: 2 });

test("a settings file of any JSON gives what it says, or is refused in a sentence", async (t) => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.oneof({ weight: 3, arbitrary: file }, fc.jsonValue()), async (value) => {
      const { settings, sentence } = await readFile(JSON.stringify(value, undefined, 2));
      if (sentence !== undefined) return oneSentence(sentence);
      for (const [key, said] of Object.entries(value as Record<string, unknown>)) {
        taken += 1;
        const got = settings[key];
        if (flags[key as FlagName].kind === "texts") t.deepEqual(got, [said].flat().map(String));
        else if ((flags[key as FlagName] as { path?: boolean }).path !== true)
          t.is(got, typeof said === "boolean" ? said : String(said));
      }
      return true;
    }),
    { numRuns: 600 },
  );
  t.true(taken > 60, `only ${taken} settings were right`);
});

test("a settings file of any text is read or refused in one sentence, without the file's own lines", async (t) => {
  const torn = fc.record({ value: file, cut: fc.nat(60) }).map(({ value, cut }) => {
    const whole = JSON.stringify(value, undefined, 2);
    return whole.slice(0, Math.min(cut, whole.length));
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(torn, fc.string({ unit: "binary", maxLength: 30 })), async (written) => {
      const { sentence } = await readFile(written);
      return sentence === undefined || oneSentence(sentence);
    }),
    { numRuns: 300 },
  );
  t.regex((await readFile('{\n  "quick": yes\n}')).sentence ?? "", /must load without an error, got ".*"$/);
});

test("variables of any names and texts give what they say, or are refused in a sentence", async (t) => {
  const variables = layeredFlags.map((flag) => `BENCH_${flag.toUpperCase().replaceAll("-", "_")}`);
  const key = fc.oneof(fc.constantFrom(...variables), fc.stringMatching(/^BENCH_[A-Z_]{0,8}$/), fc.string());
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(key, fc.oneof(fc.constantFrom("1", "no", ""), fc.string()), { maxKeys: 3 }),
      async (env) => {
        const { settings, sentence } = await read(env);
        if (sentence !== undefined) return oneSentence(sentence) || Object.keys(env).join("").includes("\n");
        for (const [variable, said] of Object.entries(env)) {
          const flag = layeredFlags[variables.indexOf(variable)];
          if (flag === undefined || said === "") continue;
          if (flags[flag].kind === "switch")
            t.is(settings[flag], ["1", "true", "yes"].includes(said.toLowerCase()));
          else if (flag === "plugin") t.deepEqual(settings[flag], said.split(","));
          else if (flags[flag].kind === "texts") t.deepEqual(settings[flag], [said]);
        }
        return true;
      },
    ),
    { numRuns: 400 },
  );
});

/** What holds of every parser and any text: a value that is sound, or one sentence of exit 2. */
import { spawnSync } from "node:child_process";
import test from "ava";
import fc from "fast-check";
import { quoted } from "../../../runners/options/shell-quote.ts";
import { countIn, secondsIn } from "../../../runners/options/quantities.ts";
import { parseSchedule } from "../../../runners/options/schedules.ts";
import { parseGrid, parseSelections, writeSelection } from "../../../runners/options/selection.ts";
import { inShard, parseShard } from "../../../runners/plan/shard.ts";
import { sbatchArguments } from "../../../runners/jobs/slurm/submit.ts";
import { filled, near, numbers, refusesEach, soundOrRefused, word } from "./parsed.ts";

fc.configureGlobal({ seed: 8 });
const numRuns = 400;
const short = fc.oneof(fc.constantFrom("", " ", "*", "é"), fc.stringMatching(/^[ a-z0-9|=.]{1,3}$/));

test("parseGrid gives back what a grid was made of", (t) => {
  const values = fc.uniqueArray(fc.stringMatching(/^[^|\s]{1,8}$/), { minLength: 1, maxLength: 4 });
  const key = fc.stringMatching(/^[a-z]{1,5}(\.[a-z]{1,5})?$/);
  fc.assert(
    fc.property(word, key, values, (name, option, tried) => {
      t.deepEqual(parseGrid(`${name}.${option}=${tried.join("|")}`), { name, key: option, values: tried });
    }),
  );
});

test("parseGrid of any text gives a name, an option and distinct values, and is the same again", (t) => {
  const write = ({ name, key, values }: ReturnType<typeof parseGrid>) => `${name}.${key}=${values.join("|")}`;
  fc.assert(
    fc.property(filled("%.%=%|%", short, "gs", ".", "=", "|", " ", "tau", "*"), (text) =>
      soundOrRefused(
        () => parseGrid(text),
        (grid) => {
          t.deepEqual(parseGrid(write(grid)), grid);
          const texts = [grid.name, grid.key, ...grid.values];
          return texts.every((one) => one !== "" && one === one.trim()) && grid.values.length > 0;
        },
      ),
    ),
    { numRuns: 2 * numRuns },
  );
});

test("parseShard of any text gives 1 ≤ i ≤ n, and the shards of n have every cell once", (t) => {
  fc.assert(
    fc.property(
      filled("%/%", fc.constantFrom("0", "1", "02", "3", "12", "99999", "1e5"), "/", ...numbers),
      (text) =>
        soundOrRefused(
          () => parseShard(text),
          ({ index, count }) => 1 <= index && index <= count && `${index}/${count}` === text,
        ),
    ),
    { numRuns },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 20 }), fc.nat(50), (count, length) => {
      const cells = Array.from({ length }, (_, k) => k);
      const shards = Array.from({ length: count }, (_, k) =>
        cells.filter(inShard(parseShard(`${k + 1}/${count}`))),
      );
      t.deepEqual(
        shards.flat().sort((a, b) => a - b),
        cells,
      );
    }),
  );
});

test("a time is seconds, or amounts with units", (t) => {
  const times = { "90": 90, "90s": 90, "10m": 600, "1h30m": 5400, "1.5h": 5400 };
  for (const [text, seconds] of Object.entries(times)) t.is(secondsIn(text, "x"), seconds);
});

refusesEach("a wrong time is an error", (text: string) => secondsIn(text, "--time-limit"), [
  ...["", "0", "-1", "m", "1x", "1m 2", "1h-2m", "soon"].map(
    (text) => [text, /^--time-limit expects a positive time such as 90s, 10m or 1h30m, got "/] as const,
  ),
]);

refusesEach("a wrong count is an error", (text: string) => countIn(text, "--gpus", 0), [
  ["ten", /^--gpus expects a number, got "ten"\.$/],
  ["-5", /^--gpus must be a whole number, at least 0, got -5\.$/],
  ["1.5", /got 1\.5\.$/],
]);

refusesEach("a wrong shard is an error", parseShard, [
  ["3/2", /^--shard expects I\/N with I from 1 to N, such as 2\/8, got "3\/2"\.$/],
  ...["0/2", "1", "1/0", "a/b", "1/2/3", "01/2"].map((text) => [text, /^--shard expects I\/N/] as const),
]);

test("secondsIn of any text gives seconds above 0, and amounts with units add up", (t) => {
  fc.assert(
    fc.property(near("s", "m", "h", "d", ...numbers), (text) =>
      soundOrRefused(
        () => secondsIn(text, "--time-limit"),
        (seconds) => Number.isFinite(seconds) && seconds > 0,
      ),
    ),
    { numRuns },
  );
  const amount = fc.integer({ min: 0, max: 10_000 });
  fc.assert(
    fc.property(fc.tuple(amount, amount, amount, amount), ([d, h, m, s]) => {
      const whole = 86_400 * d + 3600 * h + 60 * m + s;
      fc.pre(whole > 0);
      t.is(secondsIn(`${d}d${h}h${m}m${s}s`, "x"), whole);
      t.is(secondsIn(String(whole), "x"), whole);
      t.is(secondsIn(`${whole}s`, "x"), whole);
    }),
  );
});

test("countIn of any text gives a whole number within its limits, and gives back every one", (t) => {
  fc.assert(
    fc.property(near(...numbers), fc.integer({ min: 0, max: 3 }), (text, least) =>
      soundOrRefused(
        () => countIn(text, "--steps", least),
        (count) => Number.isInteger(count) && count >= least && !Object.is(count, -0),
      ),
    ),
    { numRuns },
  );
  fc.assert(fc.property(fc.maxSafeNat(), (count) => void t.is(countIn(String(count), "x", 0), count)));
});

test("a schedule of any numbers is finite at every step and within its range, or refused", (t) => {
  const number = fc.oneof(
    fc.constantFrom("0", "-1", "1", "1e308", "1e-308", "9007199254740991", "0.5", "1e10"),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  );
  fc.assert(
    fc.property(fc.tuple(number, number, number, number), fc.maxSafeNat(), (parts, step) =>
      soundOrRefused(
        () => parseSchedule(`exp:${parts.join(":")}`, "gs: temperature"),
        ({ at, range: [least, most] }) =>
          [0, 1, 10, step].map(at).every((value) => value >= least && value <= most),
      ),
    ),
    { numRuns: 5 * numRuns },
  );
  t.pass();
});

test("parseSelections of any text gives names that are not empty, and what they write is the same again", (t) => {
  fc.assert(
    fc.property(near("gs", ",", ":", "=", " ", "tau", "of.samples", "exp:1:2"), (text) =>
      soundOrRefused(
        () => parseSelections([text], "--estimator"),
        (found) => {
          const written = found.map(({ name, options }) => writeSelection(name, options)).join(",");
          t.deepEqual(parseSelections([written], "--estimator"), found);
          return found.length > 0 && found.every(({ name }) => name !== "");
        },
      ),
    ),
    { numRuns: 2 * numRuns },
  );
});

test("a shell gives back every quoted word, and sbatch gets each of --slurm-args as one word", (t) => {
  const words = fc
    .sample(fc.string({ unit: "grapheme", maxLength: 12 }), { numRuns: 300, seed: 8 })
    .map((text) => text.replaceAll("\0", ""));
  const { stdout } = spawnSync("bash", ["-c", `printf '%s\\0' ${words.map(quoted).join(" ")}`], {
    encoding: "utf8",
  });
  t.deepEqual(stdout.split("\0").slice(0, -1), words);
  const job = {
    folder: "/x",
    name: "A",
    cwd: "/",
    program: ["node"],
    argv: ["run"],
    shards: 3,
    cpus: 1,
    more: words,
  };
  for (const part of ["array", "gather"] as const) {
    const all = sbatchArguments(job, part);
    t.deepEqual(all.slice(all.length - words.length - 1, -1), words);
    t.is(all.at(-1), `/x/slurm/${part}.sh`);
  }
});

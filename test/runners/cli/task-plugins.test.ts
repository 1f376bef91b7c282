import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { serial as test, slow } from "../../require.ts";
import type { Summary } from "../../../reports/format/summary.ts";
import { bench, temporaryFolder } from "./call.ts";
import { faulty, manifestOf, recordsOf, statesOf } from "./cells.ts";

/** A task of bits with an option; `more` are fields beside it. */
const toyText = (name: string, more = "") => `toyTask({
  name: "${name}", title: "Two bits", version: 1, doc: "E (a + b − t)².",
  options: { t: { default: 0.3, doc: "the target" } },
  sites: () => [{ name: "b", family: families.bernoulli, shape: [2] }],
  toy: ({ t }) => ({
    init: () => ({ logits: tf.zeros([2]) }),
    cost: ({ logits }, sample) => tf.square(tf.sub(tf.sum(sample("b", logits), -1), Number(t))),
  }),
  steps: 20, ${more}
})`;
const header = "export default ({ tf, families, toyTask, estimator, hard, score }) => ";
const estimatorText = faulty("own", "")
  .replace(/^[^]*?=> /, "")
  .replace("n += 1;", "")
  .trim();

/** A folder with one plug-in, mine.mjs: a task "mine" and, unless told, an estimator "own". */
function folderWith(text = `${header}[${toyText("mine")}, ${estimatorText.replace(/;$/, "")}];`): string {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "mine.mjs"), text);
  return cwd;
}
const plugin = ["--plugin", "./mine.mjs"];
const brief = ["--engine", "cpu", "--quick", "-q"];
const run = ["run", "-t", "mine", ...brief, ...plugin];

test("a plug-in with a task and an estimator is listed and described like what is built in", async (t) => {
  const cwd = folderWith();
  const listed = JSON.parse((await bench(["list", "--json", ...plugin], { cwd })).out) as Record<
    "tasks" | "estimators",
    { name: string; plugin: boolean; source: string }[]
  >;
  for (const [kind, name] of [
    ["tasks", "mine"],
    ["estimators", "own"],
  ] as const) {
    // prettier-ignore
    const found = listed[kind].filter((item) => item.plugin);
    t.deepEqual(found.map((item) => [item.name, item.source]), [[name, join(cwd, "mine.mjs")]]); // prettier-ignore
  }
  t.regex((await bench(["list", "tasks", ...plugin], { cwd })).out, /^mine +Two bits +20 +\/.*mine\.mjs$/m);
  const info = await bench(["info", "mine", ...plugin], { cwd });
  t.regex(
    info.out,
    /^mine: Two bits\nE \(a \+ b − t\)²\.\n[^]*source +\/.*mine\.mjs\n[^]*^t +0\.3 +number +the target/m,
  );
});

slow(
  "its task trains under a grid, in several processes, in shards and from a configuration file",
  async (t) => {
    const cwd = folderWith();
    const grid = [...run, "-e", "own,rloo,gs", "--grid", "mine.t=0.1|0.4", "--seeds", "1"];
    const whole = await bench([...grid, "--name", "A", "--jobs", "2"], { cwd });
    t.is(whole.status, 0, whole.err);
    t.is(statesOf(join(cwd, "runs/A")).filter((state) => state.endsWith("done")).length, 6);
    const { definitions, configuration } = manifestOf(join(cwd, "runs/A"));
    t.is(definitions.tasks["mine"]!.plugin, join(cwd, "mine.mjs"));
    t.regex(JSON.stringify(configuration), /"versions":\{"mine":"1, source [0-9a-f]{12}"\}/);
    t.regex(
      readFileSync(join(cwd, "runs/A/report.html"), "utf8"),
      /Two bits\. E \(a \+ b − t\)²\. \(plug-in .*mine\.mjs\)/,
    );

    writeFileSync(join(cwd, "bench.config.json"), JSON.stringify({ plugin: ["./mine.mjs"], task: "mine" }));
    for (const shard of ["1/2", "2/2"]) {
      const part = ["run", ...brief, "-e", "own,rloo", "--seeds", "1", "--shard", shard, "-o", shard[0]!];
      const { status, err } = await bench(part, { cwd });
      t.is(status, 0, err);
    }
    const merged = await bench(["merge", "1", "2", "--out", "both", "--json"], { cwd });
    t.is(merged.status, 0, merged.err);
    t.deepEqual(statesOf(join(cwd, "both")), ["own 0 done", "rloo 0 done"]);
    const report = await bench(["report", "both", "--json"], { cwd });
    t.is((JSON.parse(report.out) as Summary).tasks[0]!.ranking.length, 2);
  },
);

test("bench variance and bank measure on it, and a bank of another source is refused", async (t) => {
  const cwd = folderWith();
  const bank = await bench(["bank", "mine", ...plugin, "-q", "--engine", "cpu"], { cwd });
  t.is(bank.status, 0, bank.err);
  const argv = ["variance", "-e", "own", "--bank", "banks/mine", "--draws", "100", ...plugin, "-q", "--json"];
  const measured = await bench(argv, { cwd });
  t.is(measured.status, 0, measured.err);
  const { rows } = JSON.parse(measured.out) as { rows: { stage: string; bias: { z: number } }[] };
  t.deepEqual(rows.map(({ stage }) => stage), ["start", "middle", "end"]); // prettier-ignore
  for (const { bias } of rows) t.true(Math.abs(bias.z) < 4.5, String(bias.z));

  const path = join(cwd, "banks/mine/bank.json");
  const stored = readFileSync(path, "utf8");
  t.regex(stored, /"taskVersion": ?"1, source [0-9a-f]{12}"/);
  writeFileSync(path, stored.replace(/source [0-9a-f]{12}/, "source 0123456789ab"));
  const refused = await bench(argv, { cwd });
  t.is(refused.status, 2);
  t.regex(refused.err, /made with version 1, source 0123456789ab of the task; this is version 1, source/);
});

test("bench check of a file checks the tasks and the estimators that it defines", async (t) => {
  const cwd = folderWith();
  const { status, out, err } = await bench(["check", "./mine.mjs", "--json"], { cwd });
  t.is(status, 0, err + out);
  const { reports } = JSON.parse(out) as {
    reports: { task?: string; estimator?: string; checks: unknown[] }[];
  };
  t.deepEqual(reports.map(({ task, estimator }) => [task, estimator]), [[undefined, "own"], ["mine", undefined]]); // prettier-ignore
  for (const { checks } of reports) t.true(checks.length > 5);
});

test("a changed source is another cell, and does not join results of the source before", async (t) => {
  const [before, after] = [folderWith(), folderWith()];
  writeFileSync(join(after, "mine.mjs"), `${readFileSync(join(after, "mine.mjs"), "utf8")}\n`);
  const argv = [...run, "-e", "gs", "--seeds", "1", "-o", join(before, "A")];
  t.is((await bench(argv, { cwd: before })).status, 0);
  t.is((await bench(argv, { cwd: before })).err, "", "found done");
  const other = await bench(argv, { cwd: after });
  t.is(other.status, 2);
  t.regex(
    other.err,
    /the version of mine is "1, source [0-9a-f]{12}" there and "1, source [0-9a-f]{12}" now/,
  );
  const apart = await bench([...run, "-e", "gs", "--seeds", "1", "-o", "A"], { cwd: after });
  t.is(apart.status, 0, apart.err);
  t.not(recordsOf(join(after, "A"))[0]!.hash, recordsOf(join(before, "A"))[0]!.hash);
});

const refusals: readonly (readonly [what: string, text: string, says: RegExp])[] = [
  ["of a task with the name of a built-in task", toyText("bits"), /plug-in \.\/mine\.mjs: the name "bits" is taken by a built-in task\.$/m], // prettier-ignore
  [
    "of a task with the name of a built-in estimator",
    toyText("gs"),
    /"gs" is taken by a built-in estimator\.$/m,
  ],
  ["of a task with the alias of a built-in one", toyText("toy"), /"toy" is taken by a built-in task\.$/m],
  [
    "of two tasks of one name",
    `[${toyText("a")}, ${toyText("a")}]`,
    /"a" is taken by the plug-in .*mine\.mjs\.$/m,
  ],
  ["of nothing", "[]", /must return an estimator or a task, got an empty list\.$/m],
  ["of a task with an unknown field", `[${toyText("a", "step: 5")}]`, /\[0\]: unknown field "step"\. Did you mean "steps"\?$/m], // prettier-ignore
];
for (const [what, text, says] of refusals)
  test(`a plug-in ${what} is refused`, async (t) => {
    const cwd = folderWith(`${header}${text};`);
    const { status, err, out } = await bench(["list", "tasks", ...plugin], { cwd });
    t.is(status, 2);
    t.regex(err, says);
    t.is(out, "");
  });

/** Tasks with a mistake each, by what their cost is of the sample b and the logits. */
const mistakes: Readonly<Record<string, readonly [cost: string, says: RegExp]>> = {
  reads: [
    "tf.mul(sum(b()), b().dataSync()[0])",
    /failed\. dataSync: a step must not read a tensor's value .*\(at \S*mine\.mjs:\d+\)$/,
  ],
  noisy: [
    "tf.mul(sum(b()), tf.randomUniform([1]))",
    /failed\. tf\.randomUniform: noise must come from outside .* random of a task, .*\(at \S*mine\.mjs:\d+\)$/,
  ],
  "not-finite": [
    "tf.log(tf.neg(tf.add(sum(b()), 1)))",
    /diverged\. the cost was no longer finite at step 0: try a lower learning rate;.*bench check/,
  ],
  twice: [
    "tf.add(sum(b()), sum(sample('b', logits)))",
    /failed\. task twice: its program samples the site b twice$/,
  ],
  unknown: [
    "sum(sample('c', logits))",
    /failed\. task unknown: its program samples the site c, which its sites do not/,
  ],
  kept: [
    "sum(tf.mul((kept ??= tf.keep(tf.ones([2]))), b()))",
    /failed\. (tensor|Multiply): .*mine\.mjs:\d+\)$/,
  ],
  starts: ["sum(b())", /failed\. task starts: init must return tensors by name, got 5$/],
  changes: [
    "sum(b())",
    /failed\. task changes: gather\("train", rows\): features is \[rows, 2\], but was \[rows, 1\] in the first batch/,
  ],
};

/** Fields of the task that `create` makes. */
const changes: Readonly<Record<string, string>> = {
  starts: "init: () => 5",
  changes: `gather(split, { length }) {
    const width = (calls += 1) > 5 ? 2 : 1;
    return { features: { shape: [length, width], values: new Float32Array(length * width) } };
  }`,
};

const withMistakes = `let kept;
let calls = 0;
export default ({ tf, families, toyTask }) => {
  const sum = (x) => tf.sum(x, -1);
  const make = (name, cost, more = () => ({})) => {
    const made = toyTask({
      name, title: name, version: 1, doc: name, options: {}, steps: 20,
      sites: () => [{ name: "b", family: families.bernoulli, shape: [2] }],
      toy: () => ({ init: () => ({ logits: tf.zeros([2]) }), cost: ({ logits }, sample) => {
        let x;
        return cost(logits, sample, () => (x ??= sample("b", logits)));
      } }),
    });
    return { ...made, create: async (...given) => ({ ...(await made.create(...given)), ...more() }) };
  };
  return [${Object.entries(mistakes)
    .map(
      ([name, [cost]]) =>
        `make("${name}", (logits, sample, b) => ${cost}, () => ({ ${changes[name] ?? ""} }))`,
    )
    .join(",\n")},
    make("sound", (logits, sample, b) => sum(b()))];
};`;

test("with --quiet too each mistake stands once in the summary and the report, and other cells go on", async (t) => {
  const cwd = folderWith(withMistakes);
  const names = [...Object.keys(mistakes), "sound"].join(",");
  const argv = ["run", "-t", names, "-e", "rloo", "--seeds", "2", "--quick", "-q", ...plugin, "-o", "A"];
  const { status, out, err } = await bench(argv, { cwd });
  t.is(status, 1, err);
  t.is(err, "");
  t.regex(out, /^16 cells did not finish:$/m);
  const page = readFileSync(join(cwd, "A/report.html"), "utf8")
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"');
  for (const [name, [, says]] of Object.entries(mistakes)) {
    const lines = out.split("\n").filter((line) => line.startsWith(`  ${name}, rloo, `));
    // What a tensor that is kept from an earlier step meets first depends on the cells before.
    if (name === "kept") t.true(lines.length > 0);
    else t.is(lines.length, 1, `${name} ${out}`);
    for (const line of lines) {
      t.regex(line, says);
      t.true(page.includes(`<li>${line.trim()}</li>`), line);
    }
  }
  t.deepEqual(
    recordsOf(join(cwd, "A")).flatMap((record) => (record!.state === "done" ? [record!.task] : [])),
    ["sound", "sound"],
  );
});

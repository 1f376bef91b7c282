import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { serial as test, slow } from "../../require.ts";
import { bench, temporaryFolder } from "./call.ts";
import { recordsOf } from "./cells.ts";
import { typeErrors } from "./type-errors.ts";

/** The most lines of code that a task of a kind may take, without comments and empty lines. */
const mostLines = { toy: 15, vae: 40, network: 42, reward: 22 } as const;
const linesOf = (text: string) =>
  text.split("\n").filter((line) => !/^\s*(\/\/.*|\/?\*.*)?$/.test(line)).length;

const made = (async () => {
  const cwd = temporaryFolder();
  for (const kind of Object.keys(mostLines))
    for (const more of [[], ["--js"]]) {
      const { status, out, err } = await bench(["new", "task", `my-${kind}`, "--kind", kind, ...more], {
        cwd,
      });
      if (status !== 0) throw new Error(err);
      if (!out.startsWith(`./my-${kind}.`)) throw new Error(out);
    }
  return cwd;
})();

test("what bench new task writes is short and has no error of type", async (t) => {
  const cwd = await made;
  for (const [kind, most] of Object.entries(mostLines)) {
    const lines = linesOf(readFileSync(join(cwd, `my-${kind}.ts`), "utf8"));
    t.true(lines <= most, `${kind} has ${lines} lines`);
  }
  const files = readdirSync(cwd).filter((name) => name.endsWith(".ts"));
  t.is(files.length, 4);
  t.deepEqual(typeErrors(files.map((name) => join(cwd, name))), []);
});

const kinds = Object.keys(mostLines);
const plugins = (language: string) => kinds.flatMap((kind) => ["--plugin", `./my-${kind}.${language}`]);

test("all kinds train as they are, and each has its place in the report", async (t) => {
  const cwd = await made;
  const tasks = kinds.map((kind) => `my-${kind}`);
  const argv = [
    "run",
    "-e",
    "rloo",
    "-t",
    tasks.join(","),
    ...plugins("ts"),
    "--quick",
    "--steps",
    "5",
    "-q",
  ];
  const { status, err } = await bench([...argv, "-o", "out"], { cwd });
  t.is(status, 0, err);
  for (const record of recordsOf(join(cwd, "out"))) t.is(record!.state, "done", record!.task);
  const page = readFileSync(join(cwd, "out/report.html"), "utf8");
  for (const task of tasks) t.regex(page, new RegExp(`\\(plug-in [^)]*${task}\\.ts\\)`));
});

slow("all kinds in JavaScript define the same tasks", async (t) => {
  const cwd = await made;
  const listed = async (language: string) => {
    const { out, err } = await bench(["list", "tasks", "--json", ...plugins(language)], { cwd });
    t.is(err, "");
    const tasks = JSON.parse(out) as { plugin: boolean; source: string }[];
    return tasks.filter(({ plugin }) => plugin).map((task) => ({ ...task, source: "" }));
  };
  const inTypes = await listed("ts");
  t.is(inTypes.length, kinds.length);
  t.deepEqual(await listed("js"), inTypes);
});

slow("bench new task learns what its kind is about in some hundred steps", async (t) => {
  const cwd = await made;
  const valueOf = async (kind: string, ...more: readonly string[]) => {
    const argv = [
      "run",
      "-e",
      "rloo",
      "-t",
      `my-${kind}`,
      "--plugin",
      `./my-${kind}.ts`,
      "--quick",
      "-q",
      "--json",
    ];
    const { status, out, err } = await bench([...argv, ...more], { cwd });
    t.is(status, 0, err);
    return (JSON.parse(out) as { tasks: { ranking: { value: { mean: number } }[] }[] }).tasks[0]!.ranking[0]!
      .value.mean;
  };
  // The least cost is (1 − 1.2)² = .04, and the largest reward within the limit 25 (b1, b2 and one of weight 2).
  t.true((await valueOf("toy")) < 0.1);
  t.true((await valueOf("reward")) < -20);
  // Without learning −16 log 2 = −11.1 and −log 2 = −.69; the 30 images alone are −log 30 = −3.4.
  t.true((await valueOf("vae", "--steps", "1000")) > -7);
  t.true((await valueOf("network", "--steps", "1000")) > -0.6);
});

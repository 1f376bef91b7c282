/** The tasks of examples/, checked and trained through the command line as a user would. */
import { cpSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { serial as test, slow } from "./require.ts";
import { bench, temporaryFolder } from "./runners/cli/call.ts";
import { recordsOf } from "./runners/cli/cells.ts";
import { typeErrors } from "./runners/cli/type-errors.ts";

const folder = fileURLToPath(new URL("../examples", import.meta.url));
const names = readdirSync(folder).flatMap((name) => (name.endsWith(".ts") ? [name.slice(0, -3)] : []));
const tutorial = readFileSync(new URL("../docs/tasks.md", import.meta.url), "utf8");

/** The examples in a folder outside any project. */
function outside(): string {
  const cwd = temporaryFolder();
  cpSync(folder, cwd, { recursive: true });
  return cwd;
}
const plugins = names.flatMap((name) => ["--plugin", `./${name}.ts`]);
/** Fewer pixels and bits, for a test in seconds. */
const small = names.map((name) => (name === "deep-belief-net" ? `${name}:side=7,units=6` : name)).join(",");

test("each example has its file's name, no error of type and a place in the tutorial", async (t) => {
  const cwd = outside();
  const { out, err } = await bench(["list", "tasks", "--json", ...plugins], { cwd });
  t.is(err, "");
  const listed = (JSON.parse(out) as { name: string; plugin: boolean }[]).filter(({ plugin }) => plugin);
  t.deepEqual(listed.map(({ name }) => name).sort(), names); // prettier-ignore
  t.deepEqual(typeErrors(names.map((name) => join(cwd, `${name}.ts`))), []);
  for (const name of names) t.true(tutorial.includes(`(../examples/${name}.ts)`), name);
});

test("all examples pass bench check", async (t) => {
  const { status, out, err } = await bench(["check", "-t", small, ...plugins], { cwd: outside() });
  t.is(status, 0, out + err);
  t.regex(out, new RegExp(`checks of ${names.length} tasks, all passed`));
});

slow(
  "all examples train with estimators of three kinds, and their report says where they are from",
  async (t) => {
    const cwd = outside();
    const argv = ["run", "-e", "rloo,gs,reinmax", "-t", small, ...plugins, "--quick", "--steps", "10", "-q"];
    const { status, err } = await bench([...argv, "-o", "out"], { cwd });
    t.is(status, 0, err);
    for (const record of recordsOf(join(cwd, "out"))) t.is(record!.state, "done", record!.label);
    const page = readFileSync(join(cwd, "out/report.html"), "utf8");
    for (const name of names) t.true(page.includes(`(plug-in ${join(cwd, name)}.ts)`), name);
  },
);

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { BenchError } from "../../../runners/errors.ts";
import { findPlugin } from "../../../runners/plugins/find-plugin.ts";
import { loadPlugin } from "../../../runners/plugins/load-plugin.ts";
import { toolkitIn } from "../../../runners/plugins/plugin-toolkit.ts";
import { temporaryFolder } from "../cli/call.ts";

/** The path of a plug-in with this text. */
function pathOf(text: string): string {
  const path = join(temporaryFolder(), "mine.mjs");
  writeFileSync(path, text);
  return path;
}

const exits = 'was called while the plug-in loads; a plug-in must not end the run"?\\.$';
for (const [text, message] of [
  ["export default 5", /: the default export must be a function \(toolkit\) => estimator or task, got 5\.$/],
  ["export const a = 5", /: the default export must be a function .*, got nothing\.$/],
  ["throw new Error('no luck')", /mine\.mjs does not load: no luck\.$/],
  ["import 'not-there'", /does not load: .* One of its imports is not installed\.$/],
  ["export default () => { throw new Error('no'); }", /does not load: no\.$/],
  ["process.exit(0)", new RegExp(`process\\.exit\\(0\\) ${exits}`)],
  ["export default () => process.exit()", new RegExp(`process\\.exit\\(\\) ${exits}`)],
  ["export default () => 5", /^plug-in \.\/mine\.mjs expects an object, got 5\.$/],
] as const)
  test(`a plug-in with the text "${text}" is refused`, async (t) => {
    const loading = loadPlugin("./mine.mjs", pathOf(text), toolkitIn(""));
    t.is((await t.throwsAsync(loading, { instanceOf: BenchError, message }))?.exit, 2);
  });

test("a plug-in that does not exist is refused", (t) => {
  const folder = temporaryFolder();
  const refused = (spec: string) =>
    t.throws(() => findPlugin({ spec, folder }), { instanceOf: BenchError }).message;
  t.is(refused("./none.ts"), `plug-in ./none.ts: ${join(folder, "none.ts")} does not exist.`);
  t.is(refused("./"), `plug-in ./: ${folder} is not a file.`);
  t.is(
    refused("none"),
    `plug-in none: no package bench-plugin-none or none is installed in ${folder}. For a file, write ./none.`,
  );
});

/** Loads a plug-in with a time limit of half a second, in another process that goes on afterwards. */
function loadBeside(text: string) {
  const path = pathOf(text);
  const program = join(path, "../load.mjs");
  const module = import.meta.resolve("../../../runners/plugins/load-plugin.ts");
  writeFileSync(
    program,
    `const { loadPlugin } = await import(${JSON.stringify(module)});
     await loadPlugin("./mine.mjs", ${JSON.stringify(path)}, {}, 0.5).catch((error) => console.log(error.message));
     await new Promise((resolve) => setTimeout(resolve, 50));
     console.log("and on it goes");`,
  );
  return spawnSync(process.execPath, [program], { encoding: "utf8", timeout: 60_000 });
}

for (const [what, text] of [
  ["loops for ever as it loads", "for (;;);"],
  ["loops for ever in its function", "export default () => { for (;;); };"],
  ["waits for ever as it loads", "await new Promise(() => undefined); export default () => 1;"],
  ["waits for ever in its function", "export default () => new Promise(() => undefined);"],
] as const)
  test(`a plug-in that ${what} is refused, and the command goes on`, (t) => {
    const { status, stdout, stderr } = loadBeside(text);
    t.is(status, 0, stderr);
    t.regex(
      stdout,
      /^plug-in \.\/mine\.mjs: \S+ does not load: it did not end within 0\.5 s\.\nand on it goes\n$/,
    );
  });

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { temporaryFolder } from "../cli/call.ts";

const plugins = import.meta.resolve("../../../runners/plugins/load.ts");

/** Loads a plug-in with a patience of half a second, in a process of its own that goes on afterwards. */
function load(text: string) {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "mine.mjs"), text);
  writeFileSync(
    join(folder, "load.mjs"),
    `const { loadPlugin } = await import(${JSON.stringify(plugins)});
     await loadPlugin("./mine.mjs", ${JSON.stringify(folder)}, {}, 0.5).catch((error) => console.log(error.message));
     await new Promise((resolve) => setTimeout(resolve, 50));
     console.log("and on it goes");`,
  );
  return spawnSync(process.execPath, [join(folder, "load.mjs")], { encoding: "utf8", timeout: 60_000 });
}

const endless: readonly [string, string][] = [
  ["loops for ever as it loads", "for (;;);"],
  ["loops for ever in its function", "export default () => { for (;;); };"],
  ["waits for ever as it loads", "await new Promise(() => undefined); export default () => 1;"],
  ["waits for ever in its function", "export default () => new Promise(() => undefined);"],
];

for (const [what, text] of endless)
  test(`a plug-in that ${what} is refused, and the command goes on`, (t) => {
    const { status, stdout, stderr } = load(text);
    t.is(status, 0, stderr);
    t.regex(
      stdout,
      /^plug-in \.\/mine\.mjs: \S+ must load without an error, got "it did not end within 0\.5 s"\nand on it goes\n$/,
    );
  });

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { temporaryFolder } from "../cli/call.ts";

/** What a process writes to stderr that does this under a watch of .3 seconds. */
function heardFrom(body: string): string {
  const program = join(temporaryFolder(), "watched.mjs");
  const module = import.meta.resolve("../../../runners/plugins/silence-watch.ts");
  writeFileSync(
    program,
    `const { endSilenceWatch, withSilenceWatch } = await import(${JSON.stringify(module)});
     const busy = (seconds) => { for (const end = performance.now() + 1000 * seconds; performance.now() < end;); };
     const idle = (seconds) => new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
     await withSilenceWatch(async (heard) => { ${body} }, 0.3);`,
  );
  const { status, stderr } = spawnSync(process.execPath, [program], { encoding: "utf8", timeout: 60_000 });
  return `${status} ${stderr}`;
}

const note =
  /^0 note nothing has happened for 0\.3 s\. Code of a plug-in that never returns looks like this, and so does a long measurement; Ctrl-C stops it\.\n$/;
for (const [what, body, says] of [
  ["blocks the process is noticed, once", "busy(2);", note],
  ["waits is noticed, once", "await idle(2);", note],
  ["shows a sign of life is not", "for (let i = 0; i < 40; i++) { heard(); await idle(0.05); }", /^0 $/],
  ["ends the watch is not", "endSilenceWatch(); await idle(2);", /^0 $/],
] as const)
  test(`an action that ${what}`, (t) => t.regex(heardFrom(body), says));

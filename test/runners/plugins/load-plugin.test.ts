import { writeFileSync } from "node:fs";
import { join } from "node:path";
import test from "ava";
import { toolkit } from "../../../estimators/core/toolkit.ts";
import { BenchError } from "../../../runners/errors.ts";
import { findPlugin } from "../../../runners/plugins/find-plugin.ts";
import { loadPlugin } from "../../../runners/plugins/load-plugin.ts";
import { temporaryFolder } from "../cli/call.ts";

/** The path of a plug-in with this text. */
function pathOf(text: string): string {
  const path = join(temporaryFolder(), "mine.mjs");
  writeFileSync(path, text);
  return path;
}

for (const [text, message] of [
  ["export default 5", /: the default export must be a function \(toolkit\) => estimator, got 5\.$/],
  ["export const a = 5", /: the default export must be a function .*, got nothing\.$/],
  ["throw new Error('no luck')", /mine\.mjs does not load: no luck\.$/],
  ["import 'not-there'", /does not load: .* One of its imports is not installed\.$/],
  ["export default () => { throw new Error('no'); }", /does not load: no\.$/],
  ["export default () => 5", /^plug-in \.\/mine\.mjs expects an object, got 5\.$/],
] as const)
  test(`a plug-in with the text "${text}" is refused`, async (t) => {
    const loading = loadPlugin("./mine.mjs", pathOf(text), toolkit);
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

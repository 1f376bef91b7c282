/** Kills at the moments that random ones seldom meet: between the last writes of a cell. */
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { serial as test } from "../../require.ts";
import { readRecord } from "../../../reports/format/read-run.ts";
import { bench, temporaryFolder } from "./call.ts";
import { manifestOf, numbersOf, preload, start, statesOf } from "./cells.ts";

const argv = [
  ...["run", "-e", "reinforce", "-t", "bits:rows=4", "--engine", "cpu", "--quick", "--seeds", "1"],
  ...["--steps", "20", "--name", "A"],
];
const whole = temporaryFolder();
test.before(async () => void (await bench(argv, { cwd: whole })));

/** Ends the process as a `kill -9` would, before or after the call that the condition meets. */
const killAt = (call: string, condition: string, when: "before" | "after") =>
  preload(
    temporaryFolder(),
    `import fs from "node:fs";
    import { syncBuiltinESMExports } from "node:module";
    const own = fs.${call};
    fs.${call} = (...given) => {
      const to = String(given[1] ?? given[0]);
      const now = ${condition};
      if (now && ${when === "before"}) process.kill(process.pid, "SIGKILL");
      const answer = own(...given);
      if (now && ${when === "after"}) process.kill(process.pid, "SIGKILL");
      return answer;
    };
    syncBuiltinESMExports();`,
  );

for (const [what, call, condition, when, state] of [
  ["before the checksums", "renameSync", 'to.endsWith("SHA256SUMS")', "before", "done"],
  [
    "after the checksums, before the lock is released",
    "renameSync",
    'to.endsWith("SHA256SUMS")',
    "after",
    "done",
  ],
  ["with a lock half made", "linkSync", 'to.includes("cells")', "before", "pending"],
] as const)
  test(`killed ${what}, the run ends like one that nobody disturbed, and nothing stays`, async (t) => {
    const cwd = temporaryFolder();
    const run = join(cwd, "runs/A");
    const { signal, err } = await start(argv, cwd, killAt(call, condition, when)).ended;
    t.is(signal, "SIGKILL", err);
    t.deepEqual(statesOf(run), [`reinforce 0 ${state}`]);
    const { hash } = manifestOf(run).matrix[0]!;
    const complete = existsSync(join(run, "cells", hash, "SHA256SUMS"));
    const left = readdirSync(join(run, "cells"));
    t.true(left.length > (left.includes(hash) ? 1 : 0), "a lock, or half of one, stays");
    if (state === "done" && !complete) {
      const shown = await bench(["show", "runs/A"], { cwd });
      t.regex(shown.out, /interrupted .* the end of the cell is not stored yet/);
      const report = await bench(["report", "runs/A"], { cwd });
      t.is(report.status, 0, report.err);
      const verified = await bench(["verify", "runs/A"], { cwd });
      t.regex(verified.out, /^0 cells complete, 1 unfinished/m);
    }
    const again = await bench(argv, { cwd });
    t.is(again.status, 0, again.err);
    t.deepEqual(numbersOf(run), numbersOf(join(whole, "runs/A")));
    t.deepEqual(readdirSync(join(run, "cells")), [hash]);
    t.deepEqual(
      readdirSync(join(run, "cells", hash)).sort(),
      readdirSync(join(whole, "runs/A/cells", hash)).sort(),
    );
    t.is((await bench(["verify", "runs/A"], { cwd })).status, 0);
  });

test("an end that is done again has the pictures of before, those over training among them", async (t) => {
  const cwd = temporaryFolder();
  const pictured = argv.map((word) => (word.startsWith("bits") ? "cat10:side=2,variables=1" : word));
  t.is((await bench(pictured, { cwd })).status, 0);
  const cell = join(cwd, "runs/A/cells", manifestOf(join(cwd, "runs/A")).matrix[0]!.hash);
  const before = readRecord(cell)!.pictures!;
  t.true(before.some(({ name }) => name === "codes-over-training"));
  rmSync(join(cell, "SHA256SUMS"));
  t.is((await bench(pictured, { cwd })).status, 0);
  t.deepEqual(readRecord(cell)!.pictures, before);
});

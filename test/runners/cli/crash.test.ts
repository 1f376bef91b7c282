import { readdirSync } from "node:fs";
import { join } from "node:path";
import { everything, serial as test } from "../../require.ts";
import { bench, temporaryFolder } from "./call.ts";
import { numbersOf } from "./cells.ts";
import { crash } from "./crash.ts";

/** A few always, a dozen with all tests, 200 in `npm run test:all`. */
const kills = Number(process.env["KILLS"] ?? (everything ? 12 : 5));

const argv = [
  ...["run", "-e", "reinforce,nvil", "-t", "bits:rows=4", "--engine", "cpu", "--steps", "800", "--quick"],
  ...["--seeds", "1", "--name", "A", "--checkpoint-every", "0.05s"],
];

test(`${kills} kills at random moments: what is left ends bit for bit like a run that nobody disturbed`, async (t) => {
  t.timeout(3_600_000);
  const whole = temporaryFolder();
  t.is((await bench(argv, { cwd: whole })).status, 0);
  const wanted = numbersOf(join(whole, "runs/A"));
  const longest = 1200;
  const tally = await crash(argv, { kills, folder: temporaryFolder, seed: 1, longest });
  const { folders, ...counts } = tally;
  t.log(JSON.stringify(counts));
  t.true(tally.kills >= kills);
  t.true(tally.resumed > 0, "some kills fell into training");
  for (const cwd of folders) {
    const run = join(cwd, "runs/A");
    t.deepEqual(numbersOf(run), wanted);
    const left = readdirSync(run, { recursive: true }).map(String);
    t.deepEqual(
      left.filter((name) => /\.(previous|part|copy|lock)|(^|\/)\./.test(name)),
      [],
    );
    const verified = await bench(["verify", "runs/A"], { cwd });
    t.is(verified.status, 0, verified.out);
  }
});

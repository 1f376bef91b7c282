import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { claim, patience, takenOver, type Claimed } from "../../../runners/store/lock.ts";
import { thisProcess } from "../../../runners/store/process-identity.ts";

const root = mkdtempSync(join(tmpdir(), "bench-claim-"));
process.on("exit", () => rmSync(root, { recursive: true, force: true }));
const temporary = () => join(mkdtempSync(join(root, "folder-")), "cell");

const own = (claimed: Claimed) => ("claim" in claimed ? claimed : undefined);

/** Leaves a claim as some process would have. */
function leave(path: string, by: Partial<ReturnType<typeof thisProcess>>): string {
  const file = `${path}.claim.1`;
  const holder = { ...thisProcess(), ...by, token: "theirs", since: "2026-01-01T00:00:00.000Z" };
  writeFileSync(file, JSON.stringify(holder));
  return file;
}

/** The pid of a process that has ended. */
const dead = () => spawnSync(process.execPath, ["-e", ""]).pid;

test("a thing is claimed once until it is released", (t) => {
  const path = temporary();
  const first = own(claim(path))!;
  t.like(claim(path), { holder: { pid: process.pid } });
  first.claim.release();
  const second = own(claim(path))!;
  t.is(second.from, undefined, "it was released, not taken over");
  t.true(second.claim.held());
  t.false(first.claim.held());
  second.claim.release(true);
  t.deepEqual(readdirSync(join(path, "..")), []);
});

test("the claim of a process that is gone is taken over, with a sentence", (t) => {
  const path = temporary();
  const pid = dead();
  leave(path, { pid, start: "1" });
  const { from, claim: taken } = own(claim(path))!;
  t.regex(
    takenOver("bits gs seed 0", from!),
    new RegExp(`^bits gs seed 0: process ${pid} on .* is gone; taking`),
  );
  t.true(taken.held());
});

test("a pid that was used again is not the process that had it", (t) => {
  const path = temporary();
  leave(path, { pid: process.ppid, start: "1" });
  t.truthy(own(claim(path)));
});

test("a torn claim is nobody's", (t) => {
  const path = temporary();
  writeFileSync(`${path}.claim.4`, '{"pid":');
  t.truthy(own(claim(path)));
  t.deepEqual(readdirSync(join(path, "..")), ["cell.claim.5"]);
});

test("a process elsewhere holds its claim while its heart beats, whatever the clocks say", (t) => {
  const path = temporary();
  const file = leave(path, { host: "elsewhere" });
  let now = 0;
  const look = () => own(claim(path, () => now)) !== undefined;
  utimesSync(file, 1e9, 1e9);
  t.false(look(), "seen for the first time, however old");
  now += patience * 900;
  utimesSync(file, 9e8, 9e8);
  t.false(look(), "a beat, by a clock that went back");
  now += patience * 900;
  t.false(look(), "not long enough without one");
  now += patience * 200;
  t.true(look());
});

test("who looked long ago and comes late with an old number does not get it", (t) => {
  const path = temporary();
  for (let round = 0; round < 5; round++) own(claim(path))!.claim.release();
  t.deepEqual(readdirSync(join(path, "..")), ["cell.claim.5"], "the highest number stays");
  const { claim: sixth } = own(claim(path))!;
  t.deepEqual(readdirSync(join(path, "..")), ["cell.claim.6"]);
  t.true(sixth.held());
  leave(path, {});
  t.true(sixth.held(), "a lower number that appears late counts for nothing");
});

test("of many processes that want one thing at once, one at a time has it", async (t) => {
  const path = temporary();
  const log = `${path}.log`;
  const program = `
    import { appendFileSync } from "node:fs";
    import { claim } from ${JSON.stringify(import.meta.resolve("../../../runners/store/lock.ts"))};
    for (let done = 0; done < 25;) {
      const claimed = claim(${JSON.stringify(path)});
      if ("holder" in claimed) { await new Promise((resolve) => setTimeout(resolve, 1)); continue; }
      appendFileSync(${JSON.stringify(log)}, "in " + process.pid + "\\n");
      appendFileSync(${JSON.stringify(log)}, "out " + process.pid + "\\n");
      done += 1;
      if (done === 25 && process.argv[1] === "die") process.kill(process.pid, "SIGKILL");
      claimed.claim.release();
    }
    process.exit();`;
  const start = (mode: string) =>
    new Promise((resolve) => {
      const argv = ["--input-type=module", "-e", program, mode];
      spawn(process.execPath, argv, { stdio: ["ignore", "ignore", "inherit"] }).on("close", resolve);
    });
  await Promise.all([start("live"), start("die"), start("live"), start("die")]);
  const lines = readFileSync(log, "utf8").trim().split("\n");
  t.is(lines.length, 4 * 25 * 2);
  for (let i = 0; i < lines.length; i += 2) t.is(lines[i + 1], lines[i]!.replace("in", "out"));
});

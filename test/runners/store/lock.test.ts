import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { heartbeatLimit, tryLock, type LockResult } from "../../../runners/store/lock.ts";
import { thisProcess } from "../../../runners/store/process-identity.ts";

const root = mkdtempSync(join(tmpdir(), "bench-lock-"));
process.on("exit", () => rmSync(root, { recursive: true, force: true }));
const temporary = () => join(mkdtempSync(join(root, "folder-")), "cell");

const taken = (result: LockResult) => ("lock" in result ? result : undefined);

/** Leaves a lock as another process would. */
function leave(path: string, by: Partial<ReturnType<typeof thisProcess>>): string {
  const file = `${path}.lock.1`;
  const holder = { ...thisProcess(), ...by, token: "theirs", since: "2026-01-01T00:00:00.000Z" };
  writeFileSync(file, JSON.stringify(holder));
  return file;
}

/** The pid of a process that has ended. */
const dead = () => spawnSync(process.execPath, ["-e", ""]).pid;

test("a path is locked once until it is released", (t) => {
  const path = temporary();
  const first = taken(tryLock(path))!;
  t.like(tryLock(path), { holder: { pid: process.pid } });
  first.lock.release();
  const second = taken(tryLock(path))!;
  t.is(second.from, undefined, "it was released, not taken over");
  t.true(second.lock.isHeld());
  t.false(first.lock.isHeld());
  second.lock.release(true);
  t.deepEqual(readdirSync(join(path, "..")), []);
});

for (const [what, pid] of [
  ["a process that has ended", dead()],
  ["an ended process whose pid is used again", process.ppid],
] as const)
  test(`the lock of ${what} is taken over`, (t) => {
    const path = temporary();
    leave(path, { pid, start: "1" });
    const { from, lock } = taken(tryLock(path))!;
    t.like(from, { pid, host: thisProcess().host });
    t.true(lock.isHeld());
  });

test("a torn lock is held by no process", (t) => {
  const path = temporary();
  writeFileSync(`${path}.lock.4`, '{"pid":');
  t.truthy(taken(tryLock(path)));
  t.deepEqual(readdirSync(join(path, "..")), ["cell.lock.5"]);
});

test("a process elsewhere holds its lock while its heartbeat comes, whatever the clocks say", (t) => {
  const path = temporary();
  const file = leave(path, { host: "elsewhere" });
  let now = 0;
  const look = () => taken(tryLock(path, () => now)) !== undefined;
  utimesSync(file, 1e9, 1e9);
  t.false(look(), "seen for the first time, however old");
  now += heartbeatLimit * 900;
  utimesSync(file, 9e8, 9e8);
  t.false(look(), "a heartbeat, by a clock that went back");
  now += heartbeatLimit * 900;
  t.false(look(), "not long enough without one");
  now += heartbeatLimit * 200;
  t.true(look());
});

test("a process that listed the locks long ago and comes late with an old number does not get it", (t) => {
  const path = temporary();
  for (let round = 0; round < 5; round++) taken(tryLock(path))!.lock.release();
  t.deepEqual(readdirSync(join(path, "..")), ["cell.lock.5"], "the highest number stays");
  const { lock: sixth } = taken(tryLock(path))!;
  t.deepEqual(readdirSync(join(path, "..")), ["cell.lock.6"]);
  t.true(sixth.isHeld());
  leave(path, {});
  t.true(sixth.isHeld(), "a lower number that appears late counts for nothing");
});

test("of many processes that lock one path at once, one at a time holds it", async (t) => {
  const path = temporary();
  const log = `${path}.log`;
  const program = `
    import { appendFileSync } from "node:fs";
    import { tryLock } from ${JSON.stringify(import.meta.resolve("../../../runners/store/lock.ts"))};
    for (let done = 0; done < 25;) {
      const result = tryLock(${JSON.stringify(path)});
      if ("holder" in result) { await new Promise((resolve) => setTimeout(resolve, 1)); continue; }
      appendFileSync(${JSON.stringify(log)}, "in " + process.pid + "\\n");
      appendFileSync(${JSON.stringify(log)}, "out " + process.pid + "\\n");
      done += 1;
      if (done === 25 && process.argv[1] === "die") process.kill(process.pid, "SIGKILL");
      result.lock.release();
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

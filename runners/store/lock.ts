/**
 * A lock on a path: files PATH.lock.1, PATH.lock.2, … of which the highest number counts. Each is made whole and
 * exclusively (written beside, then linked), so that of several processes that try number n exactly one gets it. A lock
 * ends when it is released, when its process has ended on this machine, or when its heartbeat has stopped; the next
 * number then takes it over. Clocks of different machines are not compared: a heartbeat is watched by the watcher's own
 * monotonic clock.
 */
import { randomUUID } from "node:crypto";
import { linkSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { onDisk } from "../../reports/format/disk.ts";
import { codeOf } from "../errors.ts";
import { startHeartbeat } from "./heartbeat.ts";
import { isRunning, thisProcess, type ProcessIdentity } from "./process-identity.ts";

/** Seconds without a heartbeat after which a process elsewhere counts as dead; a heartbeat comes every two. */
export const heartbeatLimit = 60;

export interface LockHolder extends ProcessIdentity {
  readonly token: string;
  /** When it was locked, by the clock of the holder: for people. */
  readonly since: string;
  readonly released?: boolean;
}

export interface Lock {
  /** False once another process took the lock over, as after a long sleep of this machine. */
  isHeld(): boolean;
  /** `forget` removes the file too, for a path that nobody will lock again. */
  release(forget?: boolean): void;
}

/** The lock, with the dead process that held it before, if any; or the process that holds it. */
export type LockResult =
  { readonly lock: Lock; readonly from?: LockHolder } | { readonly holder: LockHolder };

/** The last heartbeat that this process saw of others, and when it was first seen. */
const heartbeats = new Map<string, { readonly touched: number; readonly seen: number }>();

/** Locks a path once. `now` is a monotonic clock in milliseconds. */
export function tryLock(path: string, now: () => number = () => performance.now()): LockResult {
  return onDisk(path, () => {
    for (;;) {
      const number = numbers(path)[0] ?? 0;
      const holder = number === 0 ? undefined : readHolder(fileOf(path, number));
      if (number > 0 && holder === undefined) continue; // Replaced or removed meanwhile.
      const free = holder === undefined || holder.released === true;
      if (!free && !isDead(fileOf(path, number), holder, now)) return { holder };
      const lock = take(path, number + 1);
      if (lock !== undefined) return { lock, ...(free ? {} : { from: holder }) };
    }
  });
}

/** Locks a path, waiting as long as another process holds it. */
export async function waitForLock(path: string): Promise<Lock> {
  for (;;) {
    const result = tryLock(path);
    if ("lock" in result) return result.lock;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Removes what a killed process left of its lock on a path that nobody will lock again. */
export function removeStaleLock(path: string): void {
  onDisk(path, () => {
    if (numbers(path).length === 0) return removeCandidates(path);
    const result = tryLock(path);
    if ("lock" in result) result.lock.release(true);
  });
}

const fileOf = (path: string, number: number) => `${path}.lock.${number}`;

/** The numbers of the locks there are, the highest first. */
function numbers(path: string): number[] {
  const start = `${basename(path)}.lock.`;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(start))
    .map((name) => Number(name.slice(start.length)))
    .filter((number) => Number.isSafeInteger(number))
    .sort((a, b) => b - a);
}

function readHolder(file: string): LockHolder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as LockHolder;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    // Torn by a crash of the machine: no living process holds it.
    if (error instanceof SyntaxError)
      return { pid: 0, host: "?", boot: "?", start: "?", token: file, since: "?", released: true };
    throw error;
  }
}

/** Locks under this number, or returns undefined where another process was faster. */
function take(path: string, number: number): Lock | undefined {
  const holder: LockHolder = { ...thisProcess(), token: randomUUID(), since: new Date().toISOString() };
  const file = fileOf(path, number);
  if (!createWhole(candidateOf(path, holder.token), file, JSON.stringify(holder))) return undefined;
  const isHeld = () => numbers(path)[0] === number && readHolder(file)?.token === holder.token;
  // A process that listed the folder long ago may come late with a number that was used and removed.
  if (!isHeld()) {
    rmSync(file, { force: true });
    return undefined;
  }
  for (const older of numbers(path)) if (older < number) rmSync(fileOf(path, older), { force: true });
  removeCandidates(path);
  const stopHeartbeat = startHeartbeat(file);
  return {
    isHeld,
    release(forget = false) {
      stopHeartbeat();
      onDisk(path, () => {
        if (!isHeld()) return;
        if (forget) rmSync(file, { force: true });
        else writeFileSync(file, JSON.stringify({ ...holder, released: true }));
      });
    },
  };
}

const candidateOf = (path: string, token: string) => join(dirname(path), `.${basename(path)}.${token}`);
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Removes files that were to be linked as locks; a process that is about to do so finds that it was too slow. */
function removeCandidates(path: string): void {
  const start = `.${basename(path)}.`;
  for (const name of readdirSync(dirname(path)))
    if (name.startsWith(start) && uuid.test(name.slice(start.length)))
      rmSync(join(dirname(path), name), { force: true });
}

/** Whether this call made the file, with all of its text. */
function createWhole(candidate: string, file: string, text: string): boolean {
  const create = (path: string) => writeFileSync(path, text, { flag: "wx", flush: true });
  try {
    create(candidate);
    try {
      linkSync(candidate, file);
    } catch (error) {
      // Some file systems have no hard links.
      if (!["EPERM", "ENOTSUP", "ENOSYS", "EOPNOTSUPP"].includes(codeOf(error) ?? "")) throw error;
      create(file);
    }
    return true;
  } catch (error) {
    if (["EEXIST", "ENOENT"].includes(codeOf(error) ?? "")) return false;
    throw error;
  } finally {
    rmSync(candidate, { force: true });
  }
}

function isDead(file: string, holder: LockHolder, now: () => number): boolean {
  const running = isRunning(holder);
  if (running !== undefined) return !running;
  const touched = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const before = heartbeats.get(holder.token);
  if (before?.touched !== touched) {
    heartbeats.set(holder.token, { touched, seen: now() });
    return false;
  }
  return now() - before.seen > heartbeatLimit * 1000;
}

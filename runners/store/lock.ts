/**
 * A claim says that one process works on a thing, so that no other does: files PATH.claim.1, PATH.claim.2, … of
 * which the highest counts. Each is made whole and exclusively (written beside, then linked), so that of those who
 * want number n exactly one gets it. A claim ends when its file is released, when its process is gone on this
 * machine, or when its heart has not beaten for a while; the next number then takes it over. Clocks are not
 * compared between machines, nor trusted: a heart is watched by the watcher's own monotonic clock.
 */
import { randomUUID } from "node:crypto";
import { existsSync, linkSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { onDisk } from "./disk.ts";
import { codeOf } from "../errors.ts";
import { keepBeating } from "./heartbeat.ts";
import { isSame, lives, thisProcess, type ProcessName } from "./process-identity.ts";

/** Seconds without a beat after which a process elsewhere counts as gone; it beats every two. */
export const patience = 60;

export interface Holder extends ProcessName {
  readonly token: string;
  /** When it began, by its own clock: for people. */
  readonly since: string;
  readonly released?: boolean;
}

export interface Claim {
  /** False once another process took the claim over, as after a long sleep of this machine. */
  held(): boolean;
  /** `forget` removes its traces, for what nobody will claim again. */
  release(forget?: boolean): void;
}

export type Claimed = { readonly claim: Claim; readonly from?: Holder } | { readonly holder: Holder };

/** What this process saw of the hearts of others: the time of the last beat, and when it was first seen. */
const seen = new Map<string, { readonly beat: number; readonly at: number }>();

/** Claims PATH, or says who holds it. `from` is who held it before and is gone. */
export function claim(path: string, now: () => number = () => performance.now()): Claimed {
  return onDisk(path, () => {
    for (;;) {
      const number = latest(path);
      const holder = number === 0 ? undefined : readHolder(fileOf(path, number));
      if (number > 0 && holder === undefined) continue; // It was replaced or removed in between.
      if (holder !== undefined && holder.released !== true && !isGone(fileOf(path, number), holder, now))
        return { holder };
      const own = take(path, number + 1);
      if (own === undefined) continue;
      return { claim: own, ...(holder === undefined || holder.released === true ? {} : { from: holder }) };
    }
  });
}

/** The sentence for a claim that was taken over. */
export function takenOver(what: string, { pid, host, since }: Holder): string {
  return `${what}: process ${pid} on ${host}, which had it since ${since}, is gone; taking it over`;
}

const fileOf = (path: string, number: number) => `${path}.claim.${number}`;

/** The numbers of the claims there are, the highest first. */
function numbers(path: string): number[] {
  const start = `${basename(path)}.claim.`;
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(start))
    .map((name) => Number(name.slice(start.length)))
    .filter((number) => Number.isSafeInteger(number))
    .sort((a, b) => b - a);
}

const latest = (path: string): number => numbers(path)[0] ?? 0;

function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as Holder;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    // Torn by a crash of the machine: nobody alive has it.
    if (error instanceof SyntaxError) return { ...nobody, token: file };
    throw error;
  }
}

const nobody: Holder = { pid: 0, host: "?", boot: "?", start: "?", token: "", since: "?", released: true };

/** Removes what a killed process left of its claim on a thing that nobody will claim again. */
export function sweepClaims(path: string): void {
  onDisk(path, () => {
    if (latest(path) > 0) {
      const claimed = claim(path);
      if ("claim" in claimed) claimed.claim.release(true);
    } else sweepBeside(path);
  });
}

/** Files that were to be linked as claims: who is still about to do so finds that another was faster. */
function sweepBeside(path: string): void {
  const start = `.${basename(path)}.`;
  for (const name of readdirSync(dirname(path)))
    if (name.startsWith(start) && uuid.test(name.slice(start.length)))
      rmSync(join(dirname(path), name), { force: true });
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Makes claim `number`, or undefined where somebody was faster. */
function take(path: string, number: number): Claim | undefined {
  const holder: Holder = { ...thisProcess(), token: randomUUID(), since: new Date().toISOString() };
  const file = fileOf(path, number);
  const beside = join(dirname(path), `.${basename(path)}.${holder.token}`);
  if (!createWhole(beside, file, JSON.stringify(holder))) return undefined;
  const held = () => latest(path) === number && readHolder(file)?.token === holder.token;
  // Who looked at the folder long ago may come late with a number that was used and removed.
  if (!held()) {
    rmSync(file, { force: true });
    return undefined;
  }
  for (const older of numbers(path)) if (older < number) rmSync(fileOf(path, older), { force: true });
  sweepBeside(path);
  const stop = keepBeating(file);
  return {
    held,
    release(forget = false) {
      stop();
      onDisk(path, () => {
        if (!held()) return;
        if (forget) rmSync(file, { force: true });
        else writeFileSync(file, JSON.stringify({ ...holder, released: true }));
      });
    },
  };
}

/** Whether this call made the file, with all of its text. */
function createWhole(beside: string, file: string, text: string): boolean {
  try {
    writeFileSync(beside, text, { flag: "wx", flush: true });
    linkSync(beside, file);
    return true;
  } catch (error) {
    if (["EEXIST", "ENOENT"].includes(codeOf(error) ?? "")) return false;
    // File systems without hard links.
    if (!["EPERM", "ENOTSUP", "ENOSYS", "EOPNOTSUPP"].includes(codeOf(error) ?? "") || !existsSync(beside))
      throw error;
    return createExclusively(file, text);
  } finally {
    rmSync(beside, { force: true });
  }
}

function createExclusively(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: "wx", flush: true });
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

function isGone(file: string, holder: Holder, now: () => number): boolean {
  if (isSame(holder)) return false;
  const alive = lives(holder);
  if (alive !== undefined) return !alive;
  const beat = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const before = seen.get(holder.token);
  if (before?.beat !== beat) {
    seen.set(holder.token, { beat, at: now() });
    return false;
  }
  return now() - before.at > patience * 1000;
}

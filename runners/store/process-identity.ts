/** Which process, for good: a pid is used again, after a boot and in each container. */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { codeOf } from "../errors.ts";

export interface ProcessName {
  readonly pid: number;
  readonly host: string;
  /** One boot of one machine, and its space of pids. */
  readonly boot: string;
  /** When the process started, in ticks since the boot; empty where the system does not say. */
  readonly start: string;
}

function reading(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return "";
  }
}

let own: ProcessName | undefined;

export function thisProcess(): ProcessName {
  own ??= {
    pid: process.pid,
    host: hostname(),
    boot: [
      reading(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8")),
      reading(() => readlinkSync("/proc/self/ns/pid")),
    ].join(" "),
    start: startOf(process.pid),
  };
  return own;
}

/** The 22nd field of /proc/PID/stat, counted after the name, which may hold anything. */
function startOf(pid: number): string {
  const text = reading(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  return text.slice(text.lastIndexOf(")") + 2).split(" ")[19] ?? "";
}

export function isSame({ pid, host, boot, start }: ProcessName): boolean {
  const mine = thisProcess();
  return pid === mine.pid && host === mine.host && boot === mine.boot && start === mine.start;
}

/** Whether the process lives; undefined for one on another machine. */
export function lives({ pid, host, boot, start }: ProcessName): boolean | undefined {
  const mine = thisProcess();
  if (host !== mine.host || boot !== mine.boot) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
  }
  return startOf(pid) === start && !isZombie(pid);
}

/** A process that has ended and waits for its parent to ask how. */
function isZombie(pid: number): boolean {
  const text = reading(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  return text.slice(text.lastIndexOf(")") + 2).startsWith("Z");
}

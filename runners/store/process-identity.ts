/** Identifies a process beyond its pid, which is used again after a boot and in each container. */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { codeOf } from "../errors.ts";

export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** One boot of one machine, and its namespace of pids. */
  readonly boot: string;
  /** When the process started, in ticks since the boot; empty where the system does not say. */
  readonly start: string;
}

/** What the system says, or nothing. */
function reading(read: () => string): string {
  try {
    return read().trim();
  } catch {
    return "";
  }
}

let current: ProcessIdentity | undefined;

export function thisProcess(): ProcessIdentity {
  const boot = reading(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8"));
  const namespace = reading(() => readlinkSync("/proc/self/ns/pid"));
  current ??= {
    pid: process.pid,
    host: hostname(),
    boot: `${boot} ${namespace}`,
    start: statOf(process.pid).start,
  };
  return current;
}

/** Fields 3 and 22 of /proc/PID/stat, counted after the name, which may hold anything. */
function statOf(pid: number): { readonly state: string; readonly start: string } {
  const text = reading(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { state: fields[0] ?? "", start: fields[19] ?? "" };
}

/** Whether the process is running; undefined for one on another machine. A zombie is not running. */
export function isRunning({ pid, host, boot, start }: ProcessIdentity): boolean | undefined {
  const here = thisProcess();
  if (host !== here.host || boot !== here.boot) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) === "ESRCH") return false;
  }
  const stat = statOf(pid);
  return stat.start === start && stat.state !== "Z";
}

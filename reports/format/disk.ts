/** Writing files so that a crash leaves the old content or the new, never half of it. */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { codeOf, diskError } from "./bench-error.ts";

/** Runs an action on the disk; a system error becomes a sentence that names the path. */
export function onDisk<R>(path: string, action: () => R): R {
  try {
    return action();
  } catch (error) {
    throw diskError(error, path) ?? error;
  }
}

export function makeFolder(path: string): void {
  onDisk(path, () => mkdirSync(path, { recursive: true }));
}

/** The bytes of a file, or undefined where there is none. */
export function readBytes(path: string): Buffer | undefined {
  return onDisk(path, () => {
    try {
      return readFileSync(path);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return undefined;
      throw error;
    }
  });
}

/** The names in a folder; none where there is no such folder. */
export function namesIn(folder: string): string[] {
  return onDisk(folder, () => {
    try {
      return readdirSync(folder);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return [];
      throw error;
    }
  });
}

/** A label as a part of a file's name. */
export const fileNameOf = (label: string): string => label.replaceAll(/[^\w.+=-]+/g, "-");

const ending = ".part";

/** Writes the data to a file beside the path, flushes it and renames it. Makes the folder where it is missing. */
export function replaceFile(path: string, data: string | Uint8Array): void {
  const beside = `${path}.${hostname()}.${process.pid}${ending}`;
  makeFolder(dirname(path));
  onDisk(path, () => {
    try {
      writeFlushed(beside, "w", data);
      renameSync(beside, path);
    } catch (error) {
      rmSync(beside, { force: true });
      throw error;
    }
    flushFolder(dirname(path));
  });
}

/** Appends text to a file and flushes it. */
export function appendFlushed(path: string, text: string): void {
  onDisk(path, () => writeFlushed(path, "a", text));
}

function writeFlushed(path: string, flags: "w" | "a", data: string | Uint8Array): void {
  const bytes = typeof data === "string" ? Buffer.from(data, "utf8") : data;
  const file = openSync(path, flags);
  try {
    for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Makes a rename last; Windows cannot open folders, and needs no flush. */
export function flushFolder(path: string): void {
  if (process.platform === "win32") return;
  const folder = openSync(path, "r");
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Removes the half-written files and folders that killed processes of this machine left in a folder. */
export function removeLeftovers(folder: string): void {
  for (const name of namesIn(folder)) {
    const end = name.endsWith(ending) ? name.slice(0, -ending.length) : "";
    const [, pid] = /\.(\d+)$/.exec(end) ?? [];
    if (pid !== undefined && end.endsWith(`.${hostname()}.${pid}`) && !isRunning(Number(pid)))
      rmSync(join(folder, name), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

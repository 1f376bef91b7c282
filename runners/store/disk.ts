/** Writing files so that a crash leaves the old content or the new, never half of it. */
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { diskError } from "../errors.ts";

/** Runs an action on the disk; a full, read-only or forbidden one becomes a BenchError of exit 3. */
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

/** Writes the data beside the file, flushes them, and renames. */
export function replaceFile(path: string, data: string | Uint8Array): void {
  const beside = `${path}.new`;
  onDisk(path, () => {
    try {
      writeFlushed(beside, "w", data);
    } catch (error) {
      rmSync(beside, { force: true });
      throw error;
    }
    renameSync(beside, path);
    flushFolder(dirname(path));
  });
}

/** Appends and flushes. */
export function appendFlushed(path: string, data: string): void {
  onDisk(path, () => writeFlushed(path, "a", data));
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

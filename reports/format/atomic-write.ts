/** Files that are whole or absent: written beside, synced, renamed. */
import { mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { reportError } from "./report-error.ts";

/** Writes a file so that a reader or a crash never meets half of it. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const beside = `${path}.${hostname()}.${process.pid}.part`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const file = await open(beside, "w");
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true }).catch(() => undefined);
    const code = (error as NodeJS.ErrnoException).code;
    const sentence = reportError(
      `${path}: must be writable for the report, got ${(error as Error).message}.`,
    );
    throw Object.assign(sentence, { code, cause: error });
  }
}

/** Removes what processes of this machine left beside when they were killed. */
export async function sweepParts(folder: string): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const end = name.endsWith(".part") ? name.slice(0, -".part".length) : "";
    const [, pid] = /\.(\d+)$/.exec(end) ?? [];
    if (pid !== undefined && end.endsWith(`.${hostname()}.${pid}`) && !lives(Number(pid)))
      await rm(join(folder, name), { force: true }).catch(() => undefined);
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Files that are whole or absent: written beside, synced, renamed. */
import { mkdir, open, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { reportError } from "./error.ts";

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

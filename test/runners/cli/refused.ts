/** Tables of bad input: one sentence, the right exit status, nothing on stdout, and not a byte written or lost. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { bench, temporaryFolder } from "./call.ts";

export interface Bad {
  readonly argv: readonly string[];
  readonly says: RegExp;
  /** The expected exit status; 2 by default. */
  readonly status?: number;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** What else stands in the folder; its name is part of the title. */
  readonly given?: (cwd: string) => void | Promise<void>;
  readonly what?: string;
}

/** Every file and folder under a folder, with its bytes. */
export function contentOf(folder: string): [path: string, bytes: string][] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .map((entry): [string, string] => {
      const path = join(entry.parentPath, entry.name);
      return [path, entry.isFile() ? readFileSync(path, "base64") : "a folder"];
    })
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Takes the end off a file. */
export const cut = (path: string) => writeFileSync(path, readFileSync(path).subarray(0, -20));

/** A test for each row. */
export function refused(table: readonly Bad[]): void {
  for (const row of table) test(titleOf(row), (t) => refusedOne(row, t));
}

function titleOf({ argv, env = {}, files = {}, what, status = 2 }: Bad): string {
  const shown = [...Object.entries(env).map(([key, value]) => `${key}=${value}`), "bench", ...argv].join(" ");
  const texts = Object.values(files).filter((file) => typeof file === "string");
  const content = what ?? texts.join(" ").slice(-60).replaceAll("\n", " ");
  return `${shown} ${content} is refused with ${status}`;
}

async function refusedOne({ argv, env = {}, files = {}, given, says, status = 2 }: Bad, t: ExecutionContext) {
  const cwd = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, name)), { recursive: true });
    writeFileSync(join(cwd, name), text);
  }
  await given?.(cwd);
  const before = contentOf(cwd);
  const called = await bench(argv, { cwd, env });
  t.is(called.status, status, called.err);
  t.regex(called.err, says);
  t.is(called.out, "");
  t.deepEqual(contentOf(cwd), before, "nothing is written or lost");
  const own = /does not load/.test(called.err);
  if (!own) t.is(called.err.trim().split("\n").length, 1, `one sentence, no stack: ${called.err}`);
}

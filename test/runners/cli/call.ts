/** Calls the command in this process, in a folder of its own. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { main } from "../../../runners/cli/main.ts";

export interface Called {
  readonly status: number;
  readonly out: string;
  readonly err: string;
}

export interface Surroundings {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Called with what to call for an interruption. */
  readonly interruptible?: (interrupt: () => void) => void;
  /** Called for each line on stderr. */
  readonly hear?: (text: string) => void;
}

export async function bench(argv: readonly string[], surroundings: Surroundings = {}): Promise<Called> {
  const { cwd = temporaryFolder(), env = {}, interruptible, hear } = surroundings;
  const said = { out: "", err: "" };
  const status = await main(argv, {
    stdout: { write: (text) => (said.out += text) },
    stderr: {
      write(text) {
        said.err += text;
        hear?.(text);
      },
    },
    // A test may change what this process runs, which a child does not see.
    env: { BENCH_JOBS: "1", ...env },
    cwd,
    onInterrupt(handler) {
      interruptible?.(handler);
      return () => undefined;
    },
    exit: () => undefined,
  });
  return { status, ...said };
}

let root: string | undefined;
process.on(
  "exit",
  () => root !== undefined && rmSync(root, { recursive: true, force: true, maxRetries: 10 }),
);

/** A folder that is gone when the tests end. */
export function temporaryFolder(): string {
  root ??= mkdtempSync(join(tmpdir(), "bench-cli-"));
  return mkdtempSync(join(root, "folder-"));
}

/**
 * Kills `bench run` with SIGKILL at random moments, starting it again each time, until it has been killed KILLS
 * times or is done; a last run that nobody disturbs ends it. The caller compares what is left with a run that was
 * never killed.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { command, start, until } from "./cells.ts";

export interface Tally {
  kills: number;
  /** Runs that were too fast to be killed, each begun anew in a folder of its own. */
  rounds: number;
  /** Kills while a cell trained, by what the next start said. */
  resumed: number;
  takenOver: number;
  torn: number;
  /** Kills of a parent whose cells were in child processes. */
  jobs: number;
  /** Folders of finished runs. */
  readonly folders: string[];
}

/** A generator with a fixed seed (mulberry32), so that a tally can be repeated up to the machine's pace. */
export function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

export async function crash(
  argv: readonly string[],
  {
    kills,
    folder,
    seed,
    longest,
  }: { kills: number; folder: (round: number) => string; seed: number; longest: number },
): Promise<Tally> {
  const draw = random(seed);
  const tally: Tally = { kills: 0, rounds: 0, resumed: 0, takenOver: 0, torn: 0, jobs: 0, folders: [] };
  while (tally.kills < kills) {
    const cwd = folder(tally.rounds);
    tally.rounds += 1;
    for (let done = false; !done;) {
      const last = tally.kills >= kills;
      const before = latest(cwd);
      // Every fourth run has its cells in child processes, which outlive their parent's kill by a step.
      const inChildren = draw() < 0.25;
      const { child, ended, heard } = start(inChildren ? [...argv, "--jobs", "2"] : argv, cwd);
      if (!last) {
        // Half of the kills fall from the first sign of work on, the others anywhere, the start included.
        if (draw() < 0.5) await until(() => latest(cwd) !== before || child.exitCode !== null);
        const late = setTimeout(() => child.kill("SIGKILL"), draw() * longest);
        await ended;
        clearTimeout(late);
      }
      const { status, signal, err } = await ended;
      if (/going on from step/.test(heard())) tally.resumed += 1;
      if (/taking over from process/.test(heard())) tally.takenOver += 1;
      if (/cannot be used/.test(heard())) tally.torn += 1;
      if (signal === "SIGKILL") {
        tally.kills += 1;
        if (inChildren) tally.jobs += 1;
      } else if (status === 0) done = true;
      else throw new Error(`${command.join(" ")} ended with ${status}: ${err}`);
    }
    tally.folders.push(cwd);
  }
  return tally;
}

/** When a cell was last written to. */
function latest(cwd: string): number {
  try {
    const cells = join(cwd, "runs/A/cells");
    const files = readdirSync(cells, { recursive: true }).filter((name) =>
      String(name).endsWith("cell.json"),
    );
    return Math.max(0, ...files.map((name) => statSync(join(cells, String(name))).mtimeMs));
  } catch {
    return 0;
  }
}

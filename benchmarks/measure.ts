/** Times programs in turns. Each has a process of its own, pinned to cores. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface Program {
  readonly program: string;
  readonly step: string;
  readonly threads: number;
}
export interface Row extends Program {
  /** Milliseconds of one step, median over rounds. */
  readonly milliseconds: number;
  /** Half the distance between the quartiles, relative to the median. */
  readonly spread: number;
  readonly rounds: readonly number[];
}

/** Milliseconds by the wall clock and of processors; other users of the machine disturb the latter less. */
export interface Times {
  readonly wall: number;
  readonly cpu: number;
}

interface StartedProgram {
  readonly program: Program;
  /** Milliseconds until the first step was done. */
  readonly ready: number;
  time(steps: number): Promise<Times>;
  stop(): void;
}

const here = fileURLToPath(new URL(".", import.meta.url));
/** The interpreter that has the peers: of the environment PEERS_PYTHON, or .venv. */
export const python = process.env["PEERS_PYTHON"] ?? `${here}../.venv/bin/python`;
const commands: Readonly<Record<string, (p: Program) => string[]>> = {
  jax: ({ step, threads }) => [python, `${here}peers/jax_worker.py`, step, String(threads)],
  pytorch: ({ step, threads }) => [python, `${here}peers/pytorch_worker.py`, step, String(threads)],
};
const ours = ({ program, step, threads }: Program) => ["npx", "tsx", `${here}worker.ts`, program, step, String(threads)]; // prettier-ignore

async function start(program: Program): Promise<StartedProgram> {
  const command = (commands[program.program] ?? ours)(program);
  const cores = program.threads === 1 ? "0" : `0-${program.threads - 1}`;
  const child = spawn("taskset", ["-c", cores, ...command], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => {
    const line: IteratorResult<string, unknown> = await lines.next();
    if (line.done) throw new Error(`${program.program} ended without an answer.`);
    return line.value;
  };
  const ready = Number((await next()).replace("ready ", ""));
  return {
    program,
    ready,
    async time(steps) {
      child.stdin.write(`${steps}\n`);
      const [wall = NaN, cpu = NaN] = (await next()).split(" ").map(Number);
      return { wall, cpu };
    },
    stop: () => void child.stdin.end(),
  };
}

export const median = (values: readonly number[], at = 0.5): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const place = at * (sorted.length - 1);
  const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!];
  return low + (high - low) * (place - Math.floor(place));
};

/** Times all programs in turns of about `turn` milliseconds, so that all see the same disturbances. */
export async function measure(
  programs: readonly Program[],
  rounds: number,
  turn: number,
  clock: keyof Times,
): Promise<(Row & { ready: number })[]> {
  const running: StartedProgram[] = [];
  for (const program of programs) running.push(await start(program));
  const counts = new Map<StartedProgram, number>();
  for (const one of running) counts.set(one, Math.max(1, Math.round(turn / (await one.time(2)).wall)));
  const times = new Map(running.map((one) => [one, [] as number[]]));
  for (let round = 0; round < rounds; round++)
    for (const one of running) times.get(one)!.push((await one.time(counts.get(one)!))[clock]);
  for (const one of running) one.stop();
  return running.map((one) => {
    const all = times.get(one)!;
    const middle = median(all);
    const spread = (median(all, 0.75) - median(all, 0.25)) / 2 / middle;
    return { ...one.program, milliseconds: middle, spread, rounds: all, ready: one.ready };
  });
}

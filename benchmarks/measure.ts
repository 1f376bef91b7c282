/** Times steps of programs in turns, each in a process of its own, pinned to cores; and whole commands. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
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
const ours = ({ program, step, threads }: Program) => [process.execPath, "--import=tsx", `${here}worker.ts`, program, step, String(threads)]; // prettier-ignore

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

/** The cost of a command: wall-clock seconds, processor seconds, and the peak memory of all its processes together in MiB. */
export interface Cost {
  readonly wall: number;
  readonly cpu: number;
  readonly memory: number;
}

/** Resident memory of a process and all its descendants in MiB; 0 where /proc does not tell. */
function memoryOf(pid: number): number {
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, "utf8").split(" ")[1]);
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim();
    const others = children === "" ? [] : children.split(" ").map(Number);
    return others.reduce((sum, child) => sum + memoryOf(child), pages / 256);
  } catch {
    return 0;
  }
}

/** The last line that names an error, or the last. */
function lastError(errors: string): string | undefined {
  const lines = errors.trim().split("\n");
  const named = lines.findLast((line) => /^\w*(Error|Exception)\b/.test(line));
  return (named ?? lines.at(-1))?.replace(/^error /, "");
}

/** Runs a command once. Throws an error of one sentence where it fails or exceeds the time limit. */
export async function runCommand(
  argv: readonly string[],
  milliseconds: number,
): Promise<Cost & { readonly printed: string }> {
  // The shell's clock counts child processes too. It writes to stderr, so the command's own errors go to descriptor 3.
  const timed = 'TIMEFORMAT="%R %U %S"; time timeout "$LIMIT" "$@" 2>&3';
  const child = spawn("bash", ["-c", timed, "bash", ...argv], {
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    env: { ...process.env, LIMIT: (milliseconds / 1000).toFixed(1) },
  });
  const texts = ["", "", ""];
  child.stdio.slice(1).forEach((stream, i) => {
    stream!.on("data", (text: Buffer) => (texts[i]! += text.toString()));
  });
  let memory = 0;
  const watch = setInterval(() => (memory = Math.max(memory, memoryOf(child.pid!))), 50);
  const status = await new Promise((resolve) => child.once("close", resolve));
  clearInterval(watch);
  const [printed, times, errors] = texts as [string, string, string];
  if (status === 124) throw new Error(`it was stopped after ${(milliseconds / 1000).toFixed(0)} s`);
  if (status !== 0) throw new Error(lastError(errors) || `it ended with status ${String(status)}`);
  const [wall = NaN, user = NaN, system = NaN] = times.trim().split(" ").map(Number);
  return { printed, wall, cpu: user + system, memory };
}

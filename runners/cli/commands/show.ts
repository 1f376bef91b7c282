import type { CellRecord, RunRecords } from "../../../reports/format/records.ts";
import { timeText } from "../../options/quantities.ts";
import { existingRun } from "../run-folder.ts";
import { table } from "../text/plain-table.ts";
import { argument, print, type Command } from "./command.ts";

export const show: Command = {
  name: "show",
  summary: "Print the state and time of every cell of a run.",
  positionals: [{ name: "run", doc: "Folder of a run" }],
  flags: ["json", "verbose"],
  examples: [
    ["show runs/A", "A line per cell"],
    ["show runs/A --json", "The same as JSON"],
    ["show runs/A --verbose", "With the stacks of errors"],
  ],
  async run(invocation) {
    const { flags, io } = invocation;
    const folder = existingRun(io.cwd, argument(invocation, "run") ?? "");
    const { readRun } = await import("../../../reports/format/read-run.ts");
    const records = readRun(folder);
    const cells = cellsOf(records);
    const slurm = await slurmOf(records.folder);
    const { name, command } = records.manifest;
    print(invocation, { name, command, cells, slurm }, () => {
      const stacks = cells.filter(({ stack }) => flags.on("verbose") && stack !== null);
      return [
        cellTable(cells),
        ...(slurm === null ? [] : [`slurm: ${slurmSentence(slurm)}\n`]),
        ...stacks.map(({ label, seed, stack }) => `\n${label} seed ${seed}\n${stack}\n`),
      ].join("");
    });
    return 0;
  },
};

/** The Slurm jobs of a run, and their states in the queue. */
async function slurmOf(folder: string) {
  const { queueState, readSubmitted } = await import("../../jobs/slurm/submit.ts");
  const submitted = readSubmitted(folder);
  return submitted === undefined ? null : { ...submitted, queue: queueState(submitted) ?? null };
}

function slurmSentence({ array, gather, shards, queue }: NonNullable<Awaited<ReturnType<typeof slurmOf>>>) {
  const counts = Object.entries(queue ?? {}).map(([state, count]) => `${count} ${state}`);
  const states =
    queue === null ? "no queue on this machine" : counts.join(", ") || "no job left in the queue";
  return `array ${array} of ${shards} shards, report by ${gather}; ${states}`;
}

type ShownCell = ReturnType<typeof cellsOf>[number];

/** Every cell of the matrix; those without a record are pending. */
function cellsOf({ manifest, cells }: RunRecords) {
  return manifest.matrix.map(({ hash, task, estimator, seed, label, taskLabel }) => {
    const record: CellRecord | undefined = cells.find((cell) => cell.record.hash === hash)?.record;
    const { train = 0, compile = 0, evaluate = 0 } = record?.seconds ?? {};
    return {
      ...{ hash, task, taskLabel, estimator, label, seed },
      state: record?.state ?? "pending",
      steps: record?.steps ?? null,
      seconds: record === undefined ? null : train + compile + evaluate,
      error: record?.error ?? null,
      stack: record?.stack ?? null,
    };
  });
}

function cellTable(cells: readonly ShownCell[]): string {
  const rows = cells.map(({ taskLabel, label, seed, state, steps, seconds, error }) => [
    ...[taskLabel, label, String(seed), state, steps === null ? "-" : `${steps.done}/${steps.planned}`],
    ...[seconds === null ? "-" : timeText(seconds), error ?? ""],
  ]);
  const counts = new Map<string, number>();
  for (const { state } of cells) counts.set(state, (counts.get(state) ?? 0) + 1);
  const total = [...counts].map(([state, count]) => `${count} ${state}`).join(", ");
  return `${table(["task", "estimator", "seed", "state", "steps", "time", ""], rows)}${total}\n`;
}

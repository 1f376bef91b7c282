import type { CellRecord, RunRecords } from "../../../reports/format/records.ts";
import type { ExitStatus } from "../../errors.ts";
import { duration } from "../text/duration.ts";
import { runFolder } from "./report.ts";
import { table } from "../text/plain-table.ts";
import { one, printJson, type Call, type Verb } from "./command.ts";

export const show: Verb = {
  name: "show",
  summary: "Say which cells of a run are done, failed or pending, and how long they took.",
  positionals: [{ name: "run", doc: "the folder of a run" }],
  flags: ["verify", "json", "verbose"],
  examples: [
    ["show runs/A", "a line per cell"],
    ["show runs/A --json", "the same for a program"],
    ["show runs/A --verify", "whether data, cells and report are still what was written"],
  ],
  async run(call) {
    const { given, io } = call;
    const folder = runFolder(io.cwd, one(call, "run") ?? "");
    if (given.on("verify")) return verify(call, folder);
    const { readRun } = await import("../../../reports/format/read-run.ts");
    const records = readRun(folder);
    const cells = cellsOf(records);
    const slurm = await slurmOf(records.folder);
    if (given.on("json")) {
      printJson(io, { name: records.manifest.name, command: records.manifest.command, cells, slurm });
      return 0;
    }
    const rows = cells.map(({ taskLabel, label, seed, state, steps, seconds, error }) => [
      ...[taskLabel, label, String(seed), state, steps === null ? "-" : `${steps.done}/${steps.planned}`],
      seconds === null ? "-" : duration(seconds),
      error ?? "",
    ]);
    io.stdout.write(table(["task", "estimator", "seed", "state", "steps", "time", ""], rows));
    const counts = new Map<string, number>();
    for (const { state } of cells) counts.set(state, (counts.get(state) ?? 0) + 1);
    io.stdout.write(`${[...counts].map(([state, count]) => `${count} ${state}`).join(", ")}\n`);
    if (slurm !== null) io.stdout.write(`slurm: ${slurmSentence(slurm)}\n`);
    if (given.on("verbose")) {
      for (const { label, seed, stack } of cells)
        if (stack !== null) io.stdout.write(`\n${label} seed ${seed}\n${stack}\n`);
    }
    return 0;
  },
};

/** 1 where something does not hold. */
async function verify({ given, io }: Call, folder: string): Promise<ExitStatus> {
  const { verifyRun } = await import("../../store/verify.ts");
  const verified = await verifyRun(folder);
  const { complete, unfinished, data, report, others, faults } = verified;
  if (given.on("json")) printJson(io, verified);
  else {
    for (const fault of faults) io.stdout.write(`${fault}\n`);
    for (const hash of others)
      io.stdout.write(`cells/${hash}: no cell of this run's matrix, so no report reads it\n`);
    const files = `${data} data files and ${report} report files`;
    io.stdout.write(`${complete} cells complete, ${unfinished} unfinished; ${files} unchanged\n`);
  }
  return faults.length === 0 ? 0 : 1;
}

/** The jobs of a run that was submitted, and what the queue says of them. */
async function slurmOf(folder: string) {
  const { queueState, readSubmitted } = await import("../../jobs/slurm/submit.ts");
  const submitted = readSubmitted(folder);
  return submitted === undefined ? null : { ...submitted, queue: queueState(submitted) ?? null };
}

function slurmSentence({ array, gather, shards, queue }: NonNullable<Awaited<ReturnType<typeof slurmOf>>>) {
  const counts = Object.entries(queue ?? {}).map(([state, count]) => `${count} ${state}`);
  const says = queue === null ? "no queue to ask here" : counts.join(", ") || "nothing left in the queue";
  return `array ${array} of ${shards} shards, report by ${gather}; ${says}`;
}

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

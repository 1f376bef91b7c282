import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { mistake } from "../../errors.ts";
import { fileNameOf, onDisk } from "../../../reports/format/disk.ts";
import type { Bank } from "../../variance/bank-files.ts";
import { shownPath } from "../output.ts";
import { table } from "../text/plain-table.ts";
import { argument, print, type Command, type Invocation } from "./command.ts";

/** The estimator of the reference run. */
const trainedLabel = "rloo:samples=4";

export const bank: Command = {
  name: "bank",
  summary:
    "Store the start, middle and end of a reference run, with reference gradients, for bench variance.",
  positionals: [{ name: "task", doc: "Task and its options, such as cat10:variant=blog" }],
  flags: [
    ...(["steps", "draws", "seed", "engine", "jobs", "data", "plugin", "config", "out", "force"] as const),
    ...(["json", "quiet"] as const),
  ],
  defaults: { draws: "10000" },
  examples: [
    ["bank cat10", "Train rloo:samples=4 for the task's steps and write banks/cat10"],
    ["bank sbn2 --steps 2000 --draws 1000", "A shorter run, with at most 1,000 draws for a reference"],
    ["variance -e gs,rebar --bank banks/cat10", "Bias and variance at the three stages of a bank"],
  ],
  async run(invocation) {
    const { storeBank } = await import("../variance-rows.ts");
    const task = argument(invocation, "task") ?? "";
    const stored = await storeBank(invocation, task, trainedLabel, (label) => newFolder(invocation, label));
    const folder = shownPath(invocation.io.cwd, stored.folder);
    print(invocation, stored.bank, () => `${tableOf(stored.bank)}bank: ${folder}\n`);
    return 0;
  },
};

/** The folder of the bank: new or empty, or that of an older bank with --force. */
function newFolder({ flags, io }: Invocation, label: string): string {
  const folder = flags.text("out") ?? resolve(io.cwd, "banks", fileNameOf(label));
  const files = onDisk(folder, () => (existsSync(folder) ? readdirSync(folder) : []));
  if (files.includes("bank.json") && !flags.on("force"))
    throw mistake(`${folder} already holds a bank; --force replaces it.`);
  const other = files.find((file) => file !== "bank.json" && !file.endsWith(".snapshot"));
  if (other !== undefined) throw mistake(`${folder} is not empty: it holds ${other}.`);
  return folder;
}

function tableOf({ taskLabel, stages }: Bank): string {
  const headers = ["task", "stage", "step", "‖g‖", "reference", "draws", "error"];
  return table(
    headers,
    stages.map(({ stage, step, norm, reference, draws, referenceError }) => [
      ...[taskLabel, stage, String(step), norm.toPrecision(4), reference],
      draws === null ? "-" : String(draws),
      referenceError === null ? "-" : `${(100 * referenceError).toFixed(2)} %`,
    ]),
  );
}

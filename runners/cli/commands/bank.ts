import { existsSync, readdirSync } from "node:fs";
import { resolve } from "node:path";
import { defaultSteps } from "../../../tasks/task.ts";
import { mistake } from "../../errors.ts";
import { onDisk } from "../../../reports/format/disk.ts";
import type { Bank } from "../../variance/bank-files.ts";
import type { TaskGroup } from "../../variance/variance-plan.ts";
import { shownPath } from "../output.ts";
import { jobsOf, requestOf } from "../request-of.ts";
import { table } from "../text/plain-table.ts";
import { argument, print, progressLines, type Command, type Invocation } from "./command.ts";

/** The estimator of the reference run. */
const trainedLabel = "rloo:samples=4";

export const bank: Command = {
  name: "bank",
  summary:
    "Store the start, middle and end of a reference run, with reference gradients, for bench variance.",
  positionals: [{ name: "task", doc: "Task and its options, such as cat10:variant=blog" }],
  flags: [
    "steps",
    "draws",
    "seed",
    "engine",
    "jobs",
    "data",
    "plugin",
    "config",
    "out",
    "force",
    "json",
    "quiet",
  ],
  defaults: { draws: "10000" },
  examples: [
    ["bank cat10", "Train rloo:samples=4 for the task's steps and write banks/cat10"],
    ["bank sbn2 --steps 2000 --draws 1000", "A shorter run, with at most 1,000 draws for a reference"],
    ["variance -e gs,rebar --bank banks/cat10", "Bias and variance at the three stages of a bank"],
  ],
  async run(invocation) {
    const { flags, io } = invocation;
    const [registries, { chooseMatrix }, { judgePairs }, { openVariance }, { makeBank }, engines, together] =
      await Promise.all([
        import("../../plan/registry.ts"),
        import("../../plan/matrix.ts"),
        import("../../plan/choose-pairs.ts"),
        import("../../variance/variance-plan.ts"),
        import("../../variance/make-bank.ts"),
        import("../../engine/index.ts"),
        import("../../jobs/variance-measurements.ts"),
      ]);
    const task = argument(invocation, "task") ?? "";
    const request = { ...requestOf(flags), estimators: [trainedLabel], tasks: [task] };
    const registry = await registries.openRegistry(request.plugins);
    const { pairs } = judgePairs(chooseMatrix(request, registry));
    if (pairs.length !== 1) throw mistake(`bench bank expects one task, got "${task}".`);
    const { label, definition, settings } = pairs[0]!.task;
    const folder = newFolder(invocation, label);
    const steps =
      flags.text("steps") === undefined ? defaultSteps(definition, settings) : flags.count("steps");
    if (steps < 2) throw mistake(`--steps must be at least 2, got ${steps}.`);
    const measured = { request, draws: flags.count("draws"), seed: flags.count("seed") };
    const { groups, close } = await openVariance(measured);
    const [group] = groups as [TaskGroup];
    const engine = engines.chooseEngine(request.engine ?? engines.defaultEngine);
    const report = progressLines(invocation);
    const work = { request: measured, group, jobs: jobsOf(flags, engine), report };
    try {
      const made = await makeBank(folder, {
        ...{ conditions: group.conditions, taskVersion: group.version, trained: group.estimators[0]! },
        referencesAt: (stages) => together.referencesTogether(work, stages),
        ...{ steps, engineText: engine.text, progress: report },
      });
      print(invocation, made, () => `${tableOf(made)}bank: ${shownPath(io.cwd, folder)}\n`);
    } finally {
      await close();
    }
    return 0;
  },
};

/** The folder of the bank: new or empty, or that of an older bank with --force. */
function newFolder({ flags, io }: Invocation, label: string): string {
  const folder = flags.text("out") ?? resolve(io.cwd, "banks", label.replaceAll(/[^\w.+=-]+/g, "-"));
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

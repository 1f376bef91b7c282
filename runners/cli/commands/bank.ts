import { existsSync, readdirSync } from "node:fs";
import { relative, resolve } from "node:path";
import { defaultSteps } from "../../../tasks/task.ts";
import { onDisk } from "../../../reports/format/disk.ts";
import { mistake } from "../../errors.ts";
import type { Bank } from "../../variance/bank-files.ts";
import { table } from "../text/plain-table.ts";
import { one, printJson, type Call, type Verb } from "./command.ts";

/** Trained for the snapshots. */
const trained = { samples: 4 };

export const bank: Verb = {
  name: "bank",
  summary: "Freeze a task at the start, middle and end of a reference run, with reference gradients.",
  positionals: [{ name: "task", doc: "what is learned: cat10:variant=blog" }],
  flags: ["steps", "draws", "seed", "engine", "data", "plugin", "config", "out", "force", "json", "quiet"],
  examples: [
    ["bank cat10", "into banks/cat10; rloo:samples=4 trains, for the task's own number of steps"],
    ["bank sbn2 --steps 2000 --draws 1000", "a shorter run, and references of at most 1,000 draws"],
    ["variance -e gs,rebar --bank banks/cat10", "what it is for: bias and variance at three stages"],
  ],
  async run(call) {
    const { given, io } = call;
    const [
      { openRegistry },
      { chooseMatrix },
      { judgePairs, settingsOf },
      request,
      engines,
      { makeBank },
      { referenceEstimators },
    ] = await Promise.all([
      import("../../plan/registry.ts"),
      import("../../plan/matrix.ts"),
      import("../../plan/pairs.ts"),
      import("../../options/quantities.ts"),
      import("../../engine/index.ts"),
      import("../../variance/make-bank.ts"),
      import("../../variance/reference.ts"),
    ]);
    const registry = await openRegistry(
      given.texts("plugin").map((spec) => ({ spec, folder: given.folderOf("plugin") })),
    );
    const none = { grids: [], plugins: [], quick: false };
    const matrix = chooseMatrix(
      { ...none, estimators: [`rloo:samples=${trained.samples}`], tasks: [one(call, "task") ?? ""] },
      registry,
    );
    const { pairs } = judgePairs(matrix);
    if (pairs.length !== 1) throw mistake(`bench bank: it must be given one task, got ${pairs.length}`);
    const { task: choice, estimator } = pairs[0]!;
    const folder = folderOf(call, choice.label);
    const steps = request.countIn(
      given.text("steps") ?? String(defaultSteps(choice.definition, choice.settings)),
      "--steps",
      2,
    );
    const draws = request.countIn(given.text("draws") ?? "10000", "--draws", 40);
    const seed = request.countIn(given.text("seed") ?? "0", "--seed", 0);
    const data = given.text("data");
    const chosen = engines.chooseEngine(given.text("engine") ?? engines.defaultEngine);
    const task = await choice.definition.create(choice.settings, data === undefined ? {} : { folder: data });
    const engine = await engines.openEngine(chosen);
    try {
      const made = await makeBank(folder, {
        conditions: { engine, task, taskLabel: choice.label, seed },
        references: referenceEstimators(registry),
        taskVersion: choice.definition.version,
        trained: {
          estimator: estimator.entry.estimator,
          settings: settingsOf(estimator, task),
          label: estimator.label,
        },
        ...{ steps, referenceDraws: draws, engineText: chosen.text },
        progress: (message) => void (given.on("quiet") || io.stderr.write(`${message}\n`)),
      });
      if (given.on("json")) printJson(io, made);
      else io.stdout.write(`${tableOf(made)}bank: ${near(io.cwd, folder)}\n`);
    } finally {
      await engine.close();
    }
    return 0;
  },
};

/** Where the bank goes: a new or empty folder, or an older bank's with --force. */
function folderOf({ given, io }: Call, label: string): string {
  const name = label.replaceAll(/[^\w.+=-]+/g, "-");
  const folder = given.text("out") ?? resolve(io.cwd, "banks", name);
  const there = onDisk(folder, () => (existsSync(folder) ? readdirSync(folder) : []));
  if (there.includes("bank.json") && !given.on("force"))
    throw mistake(`${folder}: the folder must not hold a bank already, got one; --force makes it anew`);
  const strange = there.find((file) => file !== "bank.json" && !file.endsWith(".snapshot"));
  if (strange !== undefined)
    throw mistake(`${folder}: a bank must go to a new or empty folder, got one with ${strange}`);
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

const near = (cwd: string, path: string) => {
  const short = relative(cwd, path);
  return short.startsWith("..") ? path : short;
};

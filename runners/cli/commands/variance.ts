import type { Task } from "../../../tasks/task.ts";
import { mistake } from "../../errors.ts";
import type { Request } from "../../plan/request.ts";
import type { TaskGroup, VarianceRequest } from "../../variance/variance-plan.ts";
import type { VarianceRow } from "../../../reports/format/variance-row.ts";
import { printJson, type Call, type Verb } from "./command.ts";
import { tableOf } from "../text/variance-table.ts";

export const variance: Verb = {
  name: "variance",
  summary: "Measure bias and variance of estimators at fixed parameters; trains nothing.",
  flags: [
    ...(["estimator", "task", "grid", "draws", "seed", "parameters", "bank", "engine"] as const),
    ...(["data", "plugin", "config", "out", "svg", "json", "quiet"] as const),
  ],
  examples: [
    ["variance -e reinforce:baseline=none,rloo:samples=2 -t kool", "two estimators on an exact toy"],
    [
      "variance -e gs,st-gs -t coupled-bits --grid '*.temperature=0.05|0.1|0.5|1|2' -o runs/tau --svg",
      "a sweep, with its chart",
    ],
    ["variance -e rebar --bank banks/cat10 -o runs/stages", "at three stages of training, with a chart"],
  ],
  async run(call) {
    const { given, io } = call;
    const out = given.text("out");
    if (given.on("svg") && out === undefined)
      throw mistake("--svg: it must stand with -o (the folder that the chart goes to), got no -o");
    const rows = await measureAll(call);
    if (out !== undefined) {
      const { writeVariance } = await import("../../../reports/export/variance-files.ts");
      io.stderr.write(`written: ${await writeVariance(out, rows, given.on("svg"))}\n`);
    }
    if (given.on("json")) printJson(io, { rows });
    else io.stdout.write(tableOf(rows));
    return 0;
  },
};

async function measureAll(call: Call): Promise<VarianceRow[]> {
  const { given, io } = call;
  const [{ openVariance }, { measureTogether }, { countIn }] = await Promise.all([
    import("../../variance/variance-plan.ts"),
    import("../../jobs/variance-measurements.ts"),
    import("../../options/quantities.ts"),
  ]);
  const bank = await bankOf(call);
  const at = await snapshotOf(call);
  const wanted: VarianceRequest = {
    request: requestOf(call, bank?.bank.taskLabel),
    draws: countIn(given.text("draws") ?? "1000", "--draws", 40),
    seed: bank?.bank.seed ?? countIn(given.text("seed") ?? "0", "--seed", 0),
    ...(at ? { at } : {}),
  };
  const say = (message: string) => void (given.on("quiet") || io.stderr.write(`${message}\n`));
  const { groups, notes, close } = await openVariance(wanted);
  for (const note of notes) io.stderr.write(`${note}\n`);
  try {
    if (bank === undefined) return await measureTogether({ request: wanted, groups, report: say });
    const rows: VarianceRow[] = [];
    for (const group of groups) {
      bank.refuseOther(group.conditions.task, group.version);
      rows.push(...(await bank.measure(group, say)));
    }
    return rows;
  } finally {
    await close();
  }
}

/** The bank that --bank names, and how to measure at its stages. */
async function bankOf({ given }: Call) {
  const folder = given.text("bank");
  if (folder === undefined) return undefined;
  const fixed = (["task", "seed", "parameters"] as const).find(
    (name) => given.texts(name).length > 0 || given.text(name) !== undefined,
  );
  if (fixed !== undefined)
    throw mistake(`--bank: it must stand without --${fixed} (a bank has its own), got both`);
  const [{ readBank, refuseOtherBank }, { measureStages }] = await Promise.all([
    import("../../variance/bank-files.ts"),
    import("../../variance/bank-stages.ts"),
  ]);
  const bank = readBank(folder);
  return {
    bank,
    refuseOther: (task: Task, version: number) => refuseOtherBank(bank, task, version),
    measure: ({ conditions, draws, estimators }: TaskGroup, say: (message: string) => void) =>
      measureStages({ folder, bank, draws }, conditions, estimators, say),
  };
}

async function snapshotOf({ given }: Call) {
  const folder = given.text("parameters");
  if (folder === undefined) return undefined;
  const { readSnapshot } = await import("../../store/trained-parameters.ts");
  return readSnapshot(folder);
}

function requestOf({ given }: Call, task?: string): Request {
  const [engine, data] = [given.text("engine"), given.text("data")];
  return {
    estimators: given.texts("estimator"),
    tasks: task === undefined ? given.texts("task") : [task],
    grids: given.texts("grid"),
    plugins: given.texts("plugin").map((spec) => ({ spec, folder: given.folderOf("plugin") })),
    quick: false,
    ...(engine === undefined ? {} : { engine }),
    ...(data === undefined ? {} : { data }),
  };
}

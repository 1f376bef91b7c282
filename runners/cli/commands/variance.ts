import type { VarianceRow } from "../../../reports/format/variance-row.ts";
import { mistake } from "../../errors.ts";
import type { TaskGroup, VarianceRequest } from "../../variance/variance-plan.ts";
import { jobsOf, requestOf } from "../request-of.ts";
import { tableOf } from "../text/variance-table.ts";
import { print, progressLines, type Command, type Invocation } from "./command.ts";

export const variance: Command = {
  name: "variance",
  summary: "Measure bias and variance of estimators at fixed parameters, without training.",
  flags: [
    ...(["estimator", "task", "grid", "draws", "seed", "parameters", "bank", "engine", "jobs"] as const),
    ...(["data", "plugin", "config", "out", "svg", "json", "quiet"] as const),
  ],
  examples: [
    ["variance -e reinforce:baseline=none,rloo:samples=2 -t kool", "Two estimators on an exact toy"],
    [
      "variance -e gs,st-gs -t coupled-bits --grid '*.temperature=0.05|0.1|0.5|1|2' -o runs/tau --svg",
      "A grid, with its chart",
    ],
    ["variance -e rebar --bank banks/cat10 -o runs/stages", "At three stages of training, with a chart"],
  ],
  async run(invocation) {
    const { flags, io } = invocation;
    const out = flags.text("out");
    if (flags.on("svg") && out === undefined) throw mistake("--svg requires --out.");
    const rows = await measureAll(invocation);
    if (out !== undefined) {
      const { writeVariance } = await import("../../../reports/export/variance-files.ts");
      io.stderr.write(`written: ${await writeVariance(out, rows, flags.on("svg"))}\n`);
    }
    print(invocation, { rows }, () => tableOf(rows));
    return 0;
  },
};

async function measureAll(invocation: Invocation): Promise<VarianceRow[]> {
  const { flags, io } = invocation;
  const [
    banks,
    { openVariance },
    { measureTogether, measureStagesTogether },
    { chooseEngine, defaultEngine },
  ] = await Promise.all([
    import("../../variance/bank-files.ts"),
    import("../../variance/variance-plan.ts"),
    import("../../jobs/variance-measurements.ts"),
    import("../../engine/index.ts"),
  ]);
  const [folder, cell] = [flags.text("bank"), flags.text("parameters")];
  if (folder !== undefined) refuseWithBank(invocation);
  const bank = folder === undefined ? undefined : banks.readBank(folder);
  const { readSnapshot } = await import("../../store/trained-parameters.ts");
  const at = cell === undefined ? undefined : readSnapshot(cell);
  const request = requestOf(flags);
  const measured: VarianceRequest = {
    request: bank === undefined ? request : { ...request, tasks: [bank.taskLabel] },
    draws: flags.count("draws"),
    seed: bank?.seed ?? flags.count("seed"),
    ...(at ? { at } : {}),
  };
  const report = progressLines(invocation);
  const jobs = jobsOf(flags, chooseEngine(request.engine ?? defaultEngine));
  const { groups, notes, close } = await openVariance(measured);
  for (const note of notes) io.stderr.write(`${note}\n`);
  try {
    if (bank === undefined || folder === undefined)
      return await measureTogether({ request: measured, groups, report, jobs });
    const [group] = groups as [TaskGroup];
    banks.refuseOtherBank(bank, group.conditions.task, group.version);
    const stages = { folder, bank, draws: measured.draws };
    return await measureStagesTogether({ request: measured, group, jobs, report, stages });
  } finally {
    await close();
  }
}

/** A bank fixes its task, seed and parameters. */
function refuseWithBank({ flags }: Invocation): void {
  for (const name of ["task", "seed", "parameters"] as const)
    if (flags.list(name).length > 0)
      throw mistake(`--${name} cannot be combined with --bank, which has its own ${name}.`);
}

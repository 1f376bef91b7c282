import { mistake } from "../../errors.ts";
import { tableOf } from "../text/variance-table.ts";
import { print, type Command } from "./command.ts";

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
    const { varianceRows } = await import("../variance-rows.ts");
    const rows = await varianceRows(invocation);
    if (out !== undefined) {
      const { writeVariance } = await import("../../../reports/export/variance-files.ts");
      io.stderr.write(`written: ${await writeVariance(out, rows, flags.on("svg"))}\n`);
    }
    print(invocation, { rows }, () => tableOf(rows));
    return 0;
  },
};

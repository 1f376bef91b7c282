import { plural } from "../../../reports/aggregate/numbers.ts";
import { listenForInterruption } from "../output.ts";
import { reporterFor } from "../progress.ts";
import { requestOf } from "../request-of.ts";
import { existingRun } from "../run-folder.ts";
import type { Prepared } from "../../plan/prepare.ts";
import type { Rerun } from "../rerun-cells.ts";
import { argument, print, progressLines, type Command, type Invocation } from "./command.ts";

export const verify: Command = {
  name: "verify",
  summary: "Check that a run's files are what was written, and that training gives its numbers again.",
  positionals: [{ name: "run", doc: "Folder of a run, or of a published one" }],
  flags: ["rerun", "engine", "data", "plugin", "json", "quiet", "verbose"],
  defaults: { engine: "the run's" },
  examples: [
    ["verify runs/A", "Compare data, cells and report with their checksums"],
    ["verify runs/A --rerun 1", "Also train one seed again and compare its numbers"],
    ["verify site/runs/ID --rerun 3", "Three seeds of a published run"],
  ],
  async run(invocation) {
    const { flags, io } = invocation;
    const folder = existingRun(io.cwd, argument(invocation, "run") ?? "", "manifest");
    const count = flags.text("rerun") === undefined ? 0 : flags.count("rerun");
    const { verifyRun } = await import("../../store/verify-run.ts");
    const verified = await verifyRun(folder);
    const { complete, unfinished, data, unread, report, others, faults } = verified;
    const sound = faults.length === 0;
    const reruns = sound && count > 0 ? await rerun(invocation, folder, count) : [];
    if (reruns === "interrupted") return 130;
    print(invocation, { ...verified, reruns }, () =>
      [
        ...faults,
        ...others.map((hash) => `cells/${hash}: no cell of this run's matrix, so no report reads it`),
        ...unread.map((file) => `data ${file}: not checked, because only its plug-in knows where it is`),
        `${plural(complete, "cell")} complete, ${unfinished} unfinished; ${plural(data, "data file")} and ${plural(report, "report file")} unchanged`,
        ...reruns.map(
          ({ cell, agrees, sentence }) => `${cell} ${agrees ? "agrees" : "does not agree"}: ${sentence}`,
        ),
        "",
      ].join("\n"),
    );
    return sound && reruns.every(({ agrees }) => agrees) ? 0 : 1;
  },
};

/** Trains cells again. */
async function rerun(
  invocation: Invocation,
  folder: string,
  count: number,
): Promise<readonly Rerun[] | "interrupted"> {
  const { flags, io } = invocation;
  const [{ rerunCells }, { runCell }] = await Promise.all([
    import("../rerun-cells.ts"),
    import("../../train/cell.ts"),
  ]);
  const { engine, data, plugins } = requestOf(flags);
  const given = { ...(engine && { engine }), ...(data && { data }), plugins };
  const interruption = listenForInterruption(io, progressLines(invocation));
  try {
    const settings = ({ tasks }: Prepared) => ({
      reporter: reporterFor(invocation, ({ taskKey }) => tasks.get(taskKey)?.metric ?? "value"),
      ...{ interrupted: interruption.requested, runCell },
    });
    const reruns = await rerunCells(folder, { count, given, cwd: io.cwd, settings });
    return interruption.requested() ? "interrupted" : reruns;
  } finally {
    interruption.release();
  }
}

import { mistake } from "../../errors.ts";
import { listenForInterruption } from "../output.ts";
import { requestOf } from "../request-of.ts";
import { table } from "../text/plain-table.ts";
import { print, progressLines, type Command } from "./command.ts";

/** Estimators that are compared at once, and seeds of each. */
const cases = [2, 5].flatMap((estimators) => [3, 5, 10].map((seeds) => ({ estimators, seeds })));

export const calibrate: Command = {
  name: "calibrate",
  summary: "Compare an estimator with itself: how often are verdicts wrong?",
  flags: [...(["estimator", "task", "seeds", "steps", "engine", "plugin"] as const), "json", "quiet"],
  defaults: { estimator: "rloo", task: "coupled-bits", seeds: "2000", steps: "50" },
  examples: [
    ["calibrate", "Verdicts at 95 % on 2,000 trainings of rloo on a toy"],
    ["calibrate --seeds 10000", "The same with intervals half as wide"],
    ["calibrate -e gs -t bits --json", "Another estimator and task"],
  ],
  async run(invocation) {
    const { flags, io } = invocation;
    const [{ openRegistry }, { prepare }, { openEngine }, { setUpTraining }, { finalCosts }, verdicts] =
      await Promise.all([
        import("../../plan/registry.ts"),
        import("../../plan/prepare.ts"),
        import("../../engine/index.ts"),
        import("../../train/training-setup.ts"),
        import("../../train/train-seeds.ts"),
        import("../../../reports/aggregate/false-verdicts.ts"),
      ]);
    const given = requestOf(flags);
    const or = (list: readonly string[], usual: string) => (list.length > 0 ? list : [usual]);
    const request = {
      ...given,
      estimators: or(given.estimators, "rloo"),
      tasks: or(given.tasks, "coupled-bits"),
      ...{ seeds: given.seeds ?? "2000", steps: given.steps ?? "50" },
    };
    const {
      plan,
      matrix,
      tasks,
      seeds,
      engine: choice,
    } = await prepare(request, await openRegistry(request.plugins));
    const [cell] = plan.cells;
    if (plan.cells.length !== seeds.length)
      throw mistake("bench calibrate compares one estimator with itself on one task; name one of each.");
    const task = tasks.get(cell!.taskKey)!;
    if (task.metric === "elbo")
      throw mistake(
        `bench calibrate needs a toy, on which seeds differ in their noise alone; ${cell!.taskKey} is none.`,
      );
    const fewest = Math.max(...cases.map((one) => one.estimators * one.seeds));
    if (seeds.length < fewest) throw mistake(`--seeds must be at least ${fewest}, got ${seeds.length}.`);
    const engine = await openEngine(choice);
    const interruption = listenForInterruption(io, progressLines(invocation));
    try {
      const { estimator } = matrix.estimators[0]!.entry;
      const setup = await setUpTraining(task, estimator, cell!.estimatorSettings, 0);
      const { steps } = cell!.budget;
      const costs = await finalCosts(engine, setup, { seeds, steps, interrupted: interruption.requested });
      if (costs.length < seeds.length) return 130;
      if (!costs.every(Number.isFinite))
        throw mistake(`${cell!.label} diverges on ${cell!.taskKey} in ${steps} steps.`);
      const rows = cases.map((one) => verdicts.falseVerdicts(costs, one));
      print(invocation, { estimator: cell!.label, task: cell!.taskKey, steps, rows }, () => {
        const title = `${cell!.label} with itself on ${cell!.taskKey}, ${seeds.length} trainings of ${steps} steps. At 95% verdicts should be wrong in 5% of comparisons.\n`;
        const lines = rows.map((row) => [
          ...[row.estimators, row.seeds, row.comparisons, row.wrong].map(String),
          ...[row.rate, row.low, row.high].map((share) => (100 * share).toFixed(1)),
        ]);
        return `${title}${table(["estimators", "seeds", "comparisons", "wrong", "%", "95% from", "to"], lines)}`;
      });
      return rows.every(({ low }) => low <= 0.05) ? 0 : 1;
    } finally {
      interruption.release();
      await engine.close();
    }
  },
};

import test from "ava";
import type { PlannedCell } from "../../../runners/plan/plan.ts";
import { timeText } from "../../../runners/options/quantities.ts";
import { commandLine } from "../../../runners/cli/output.ts";
import { readFlags } from "../../../runners/cli/flag-values.ts";
import { barLine, reporterFor } from "../../../runners/cli/progress.ts";
import { table } from "../../../runners/cli/text/plain-table.ts";
import { rankingText } from "../../../runners/cli/text/ranking-table.ts";
import type { Summary } from "../../../reports/format/summary.ts";

const cell = { taskLabel: "cat10", label: "gs", seed: 1 } as PlannedCell;

async function printed(isTTY: boolean, env: Record<string, string> = {}, quiet = false): Promise<string> {
  let text = "";
  const stderr = { write: (part: string) => (text += part), isTTY, columns: 100 };
  const io = {
    ...{ stdout: stderr, stderr, env, cwd: "/" },
    ...{ onInterrupt: () => () => undefined, exit: () => undefined },
  };
  const flags = await readFlags({ quiet }, ["quiet", "verbose"], io);
  const reporter = reporterFor({ flags, io }, () => "elbo");
  reporter.started(cell, 1, 5);
  reporter.progress(cell, { step: 350, steps: 500, phase: "train", elbo: -131.2 });
  reporter.ended(cell, { state: "failed", error: "no luck" }, 12.3);
  return text;
}

test("the bar shows place, share, steps, rate, time left and the value", (t) => {
  const progress = { step: 350, steps: 500, phase: "train", elbo: -131.204 } as const;
  const line = barLine("2/5 cat10 gs seed 1", progress, { share: 0.7, rate: 212.4, left: 26 }, "elbo");
  t.is(line, "2/5 cat10 gs seed 1 ███████████░░░░░ 70% 350/500, 212 steps/s, 26 s left, elbo -131.20");
});

test("a terminal gets a bar that is erased, and colour unless NO_COLOR", async (t) => {
  const red = "\u001B[31m";
  const live = await printed(true);
  t.regex(live, /\r.*70% 350\/500.*\r.*2\/5 cat10 gs seed 1/);
  t.true(live.includes(`${red}failed`));
  t.false((await printed(true, { NO_COLOR: "1" })).includes(red));
});

test("a stream that is no terminal gets a line per cell, and with --quiet nothing", async (t) => {
  t.is(await printed(false), "2/5 cat10 gs seed 1 failed in 12 s: no luck\n");
  t.is(await printed(false, {}, true), "");
});

test("durations, commands and tables read well", (t) => {
  t.deepEqual([0.84, 42, 187, 3729].map(timeText), ["0.8 s", "42 s", "3:07", "1:02:09"]);
  t.is(
    commandLine(["run", "--grid", "gs.tau=0.1|1", "-e", "it's"]),
    `bench run --grid 'gs.tau=0.1|1' -e 'it'\\''s'`,
  );
  t.is(
    table(
      ["name", "n"],
      [
        ["gs", "10"],
        ["rloo", "9"],
      ],
    ),
    "name   n\ngs    10\nrloo   9\n",
  );
});

test("a ranking has as many decimals as its smallest interval needs, two at least and six at most", (t) => {
  const ranked = (...halves: number[]) => {
    const ranking = halves.map((half, i) => ({
      ...{ estimator: `e${i}`, rank: i + 1, bound: null, variance: null, milliseconds: null },
      ...{ value: { mean: 0.25, low: 0.25 - half, high: 0.25 + half }, seeds: { done: 3, all: 3 } },
    }));
    const tasks = [{ sentence: "", measure: { split: "train", metric: "cost" }, ranking }];
    return rankingText({ tasks, failures: [] } as unknown as Summary);
  };
  t.regex(ranked(0.3), /0\.25 \[-0\.05, 0\.55\]/);
  t.regex(ranked(0.3, 0.0012), /0\.2500 \[0\.2488, 0\.2512\]/);
  t.regex(ranked(0.0012, 0), /0\.2500 \[0\.2500, 0\.2500\]/);
  t.regex(ranked(1e-9), /0\.250000 \[0\.250000, 0\.250000\]/);
});

/** What a run says on stderr: a bar on a terminal, a line per cell otherwise, nothing when it is to be quiet. */
import type { CellState } from "../../reports/records.ts";
import type { CellOutcome, CellProgress, PlannedCell } from "../plan.ts";
import type { Reporter } from "../run.ts";
import { duration } from "./duration.ts";
import { painter, type Io, type Paint } from "./io.ts";

export interface Verbosity {
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** Milliseconds between two drawings of the bar. */
const redraw = 100;

/** `metricOf` names the value that a cell reports: elbo, or cost. */
export function reporterFor(
  { stderr, env }: Io,
  { quiet, verbose }: Verbosity,
  metricOf: (cell: PlannedCell) => string,
): Reporter {
  const paint = painter(stderr, env);
  const bar =
    !quiet && stderr.isTTY === true
      ? liveBar(
          (text) => stderr.write(text),
          () => stderr.columns || 80,
        )
      : noBar;
  let place = "";
  let elbo: number | undefined;
  const say = (text: string) => {
    if (quiet) return;
    bar.clear();
    stderr.write(`${text}\n`);
  };
  return {
    started(cell, index, count) {
      place = `${index + 1}/${count}`;
      elbo = undefined;
      bar.begin(`${place} ${nameOf(cell)}`, index, count);
    },
    progress(cell, progress) {
      elbo = progress.elbo ?? elbo;
      bar.draw(progress, metricOf(cell));
    },
    ended(cell, outcome, seconds) {
      const last = elbo === undefined ? "" : `, ${metricOf(cell)} ${elbo.toFixed(2)}`;
      const detail = outcome.state === "done" ? last : `: ${outcome.error ?? "no reason given"}`;
      say(`${place} ${nameOf(cell)} ${state(paint, outcome.state)} in ${duration(seconds)}${detail}`);
      if (verbose && outcome.stack !== undefined) say(outcome.stack);
    },
    skipped(cell, was) {
      if (was !== "done") say(`${nameOf(cell)} ${state(paint, was)} before (--retry-failed tries it again)`);
    },
    note: (message) => say(`${paint("yellow", "note")} ${message}`),
  };
}

function nameOf({ taskLabel, label, seed }: PlannedCell): string {
  return `${taskLabel} ${label} seed ${seed}`;
}

function state(paint: Paint, value: CellState | CellOutcome["state"]): string {
  return paint(value === "done" ? "green" : value === "interrupted" ? "yellow" : "red", value);
}

interface Bar {
  begin(title: string, index: number, count: number): void;
  draw(progress: CellProgress, metric: string): void;
  clear(): void;
}

const noBar: Bar = { begin: () => undefined, draw: () => undefined, clear: () => undefined };

/** One line that is drawn over itself. */
function liveBar(write: (text: string) => void, columns: () => number): Bar {
  let title = "";
  let cells = { index: 0, count: 1 };
  let began = 0;
  let runBegan: number | undefined;
  let drawn = 0;
  let visible = false;
  let first: { step: number; at: number } | undefined;
  return {
    begin(text, index, count) {
      title = text;
      cells = { index, count };
      began = performance.now();
      runBegan ??= began;
      first = undefined;
    },
    draw(progress, metric) {
      const now = performance.now();
      if (progress.phase === "train") first ??= { step: progress.step - 1, at: now };
      if (now - drawn < redraw) return;
      drawn = now;
      const share = progress.steps > 0 ? progress.step / progress.steps : 0;
      const rate =
        first === undefined || now <= first.at ? 0 : ((progress.step - first.step) / (now - first.at)) * 1000;
      const whole = (cells.index + Math.min(share, 0.99)) / cells.count;
      const left = whole > 0.005 ? ((now - runBegan!) / 1000) * (1 / whole - 1) : undefined;
      const line = barLine(title, progress, { share, rate, left }, metric);
      write(`\r\u001B[2K${line.slice(0, Math.max(20, columns() - 1))}`);
      visible = true;
    },
    clear() {
      if (visible) write("\r\u001B[2K");
      visible = false;
    },
  };
}

interface Pace {
  readonly share: number;
  /** Steps per second. */
  readonly rate: number;
  /** Seconds of the whole run, when they can be told. */
  readonly left: number | undefined;
}

/** `2/5 cat10 gs seed 1 ███████░░░  70% 350/500 212 steps/s, 0:26 left, elbo -131.20` */
export function barLine(
  title: string,
  { step, steps, phase, elbo }: CellProgress,
  pace: Pace,
  metric: string,
): string {
  const width = 16;
  const full = Math.round(pace.share * width);
  const doing = { compile: "compiling", train: `${step}/${steps}`, evaluate: `${step}/${steps} evaluating` }[
    phase
  ];
  return [
    `${title} ${"█".repeat(full)}${"░".repeat(width - full)} ${Math.floor(pace.share * 100)}% ${doing}`,
    ...(phase === "train" && pace.rate > 0 ? [`${pace.rate.toPrecision(3)} steps/s`] : []),
    ...(pace.left === undefined ? [] : [`${duration(pace.left)} left`]),
    ...(elbo === undefined ? [] : [`${metric} ${elbo.toFixed(2)}`]),
  ].join(", ");
}

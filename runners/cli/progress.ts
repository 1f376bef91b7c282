/** What a run says on stderr: a bar on a terminal, a line per cell otherwise, nothing when it is to be quiet. */
import type { CellState } from "../../reports/format/records.ts";
import type { PlannedCell } from "../plan/plan.ts";
import type { CellOutcome, CellProgress } from "../train/cell-job.ts";
import type { Reporter } from "../jobs/run-cells.ts";
import { duration } from "./text/duration.ts";
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
  const places = new Map<string, string>();
  const values = new Map<string, number>();
  const say = (text: string) => {
    if (quiet) return;
    bar.clear();
    stderr.write(`${text}\n`);
  };
  return {
    started(cell, index, count) {
      const place = `${index + 1}/${count}`;
      places.set(cell.hash, place);
      bar.begin(cell.hash, `${place} ${nameOf(cell)}`, count);
    },
    progress(cell, progress) {
      if (progress.elbo !== undefined) values.set(cell.hash, progress.elbo);
      bar.draw(cell.hash, progress, metricOf(cell));
    },
    ended(cell, outcome, seconds) {
      const elbo = values.get(cell.hash);
      const place = places.get(cell.hash);
      const last = elbo === undefined ? "" : `, ${metricOf(cell)} ${elbo.toFixed(2)}`;
      const detail = outcome.state === "done" ? last : `: ${outcome.error ?? "no reason given"}`;
      const how = `${state(paint, outcome.state)} in ${duration(seconds)}${detail}`;
      say(`${place === undefined ? "" : `${place} `}${nameOf(cell)} ${how}`);
      bar.end(cell.hash);
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
  begin(key: string, title: string, count: number): void;
  draw(key: string, progress: CellProgress, metric: string): void;
  end(key: string): void;
  clear(): void;
}

const nothing = () => undefined;
const noBar: Bar = { begin: nothing, draw: nothing, end: nothing, clear: nothing };

interface Line {
  readonly title: string;
  /** Where training was first seen. */
  first?: { readonly step: number; readonly at: number };
  share: number;
  text: string;
}

/** A line for each cell that runs, drawn over those before. */
function liveBar(write: (text: string) => void, columns: () => number): Bar {
  const lines = new Map<string, Line>();
  let ended = 0;
  let count = 1;
  let runBegan: number | undefined;
  let drawn = 0;
  let visible = 0;
  const wiped = () => (visible === 0 ? "" : `\r\u001B[2K${"\u001B[1A\u001B[2K".repeat(visible - 1)}`);
  return {
    begin(key, title, cells) {
      count = cells;
      runBegan ??= performance.now();
      lines.set(key, { title, share: 0, text: title });
    },
    draw(key, progress, metric) {
      const now = performance.now();
      const line = lines.get(key);
      if (line === undefined) return;
      if (progress.phase === "train") line.first ??= { step: progress.step - 1, at: now };
      line.share = progress.steps > 0 ? progress.step / progress.steps : 0;
      const { first, share } = line;
      const rate =
        first === undefined || now <= first.at ? 0 : ((progress.step - first.step) / (now - first.at)) * 1000;
      const running = [...lines.values()].reduce((sum, other) => sum + Math.min(other.share, 0.99), 0);
      const whole = (ended + running) / count;
      const left = whole > 0.005 ? ((now - runBegan!) / 1000) * (1 / whole - 1) : undefined;
      line.text = barLine(line.title, progress, { share, rate, left }, metric);
      if (now - drawn < redraw) return;
      drawn = now;
      const texts = [...lines.values()].map(({ text }) => text.slice(0, Math.max(20, columns() - 1)));
      write(`${wiped()}\r\u001B[2K${texts.join("\n")}`);
      visible = texts.length;
    },
    end(key) {
      if (lines.delete(key)) ended += 1;
    },
    clear() {
      write(wiped());
      visible = 0;
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

/** The progress of a run on stderr: a bar on a terminal, otherwise a line per cell, with --quiet nothing. */
import type { CellState } from "../../reports/format/records.ts";
import type { Reporter } from "../jobs/run-cells.ts";
import { timeText } from "../options/quantities.ts";
import type { PlannedCell } from "../plan/plan.ts";
import type { CellOutcome, CellProgress } from "../train/cell-job.ts";
import type { Invocation } from "./commands/command.ts";
import { painter, type Paint, type Stream } from "./output.ts";

/** Milliseconds between two drawings of the bar. */
const redraw = 100;

/** `metricOf` names the value that a cell reports: elbo, or cost. */
export function reporterFor(
  { flags, io: { stderr, env } }: Pick<Invocation, "flags" | "io">,
  metricOf: (cell: PlannedCell) => string,
): Reporter {
  const paint = painter(stderr, env);
  const quiet = flags.on("quiet");
  const bar = quiet || stderr.isTTY !== true ? undefined : openBar(stderr);
  const places = new Map<string, string>();
  const values = new Map<string, number>();
  const say = (text: string) => {
    if (quiet) return;
    bar?.clear();
    stderr.write(`${text}\n`);
  };
  return {
    started(cell, index, count) {
      const place = `${index + 1}/${count}`;
      places.set(cell.hash, place);
      bar?.begin(cell.hash, `${place} ${nameOf(cell)}`, count);
    },
    progress(cell, progress) {
      if (progress.elbo !== undefined) values.set(cell.hash, progress.elbo);
      bar?.draw(cell.hash, progress, metricOf(cell));
    },
    ended(cell, outcome, seconds) {
      const elbo = values.get(cell.hash);
      const place = places.get(cell.hash);
      const last = elbo === undefined ? "" : `, ${metricOf(cell)} ${elbo.toFixed(2)}`;
      const detail = outcome.state === "done" ? last : `: ${outcome.error ?? "no reason is known"}`;
      const how = `${state(paint, outcome.state)} in ${timeText(seconds)}${detail}`;
      say(`${place === undefined ? "" : `${place} `}${nameOf(cell)} ${how}`);
      bar?.end(cell.hash);
      if (flags.on("verbose") && outcome.stack !== undefined) say(outcome.stack);
    },
    skipped(cell, was) {
      if (was !== "done") say(`${nameOf(cell)} ${state(paint, was)} before (--retry-failed runs it again)`);
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

interface Line {
  readonly title: string;
  /** The step and time at which training was first seen. */
  first?: { readonly step: number; readonly at: number };
  share: number;
  text: string;
}

/** One line for each cell that runs, drawn over the lines before. */
function openBar(stderr: Stream) {
  const lines = new Map<string, Line>();
  const began = performance.now();
  let [ended, count, drawn, visible] = [0, 1, 0, 0];
  const erasing = () => (visible === 0 ? "" : `\r\u001B[2K${"\u001B[1A\u001B[2K".repeat(visible - 1)}`);
  return {
    begin(key: string, title: string, cells: number): void {
      count = cells;
      lines.set(key, { title, share: 0, text: title });
    },
    draw(key: string, progress: CellProgress, metric: string): void {
      const now = performance.now();
      const line = lines.get(key);
      if (line === undefined) return;
      const { step, steps, phase } = progress;
      if (phase === "train") line.first ??= { step: step - 1, at: now };
      line.share = steps > 0 ? step / steps : 0;
      const { title, first, share } = line;
      const rate =
        first === undefined || now <= first.at ? 0 : ((step - first.step) / (now - first.at)) * 1000;
      const running = [...lines.values()].reduce((sum, other) => sum + Math.min(other.share, 0.99), 0);
      const whole = (ended + running) / count;
      const left = whole > 0.005 ? ((now - began) / 1000) * (1 / whole - 1) : undefined;
      line.text = barLine(title, progress, { share, rate, left }, metric);
      if (now - drawn < redraw) return;
      drawn = now;
      const width = Math.max(20, (stderr.columns || 80) - 1);
      const texts = [...lines.values()].map(({ text }) => text.slice(0, width));
      stderr.write(`${erasing()}\r\u001B[2K${texts.join("\n")}`);
      visible = texts.length;
    },
    end(key: string): void {
      if (lines.delete(key)) ended += 1;
    },
    clear(): void {
      stderr.write(erasing());
      visible = 0;
    },
  };
}

interface Pace {
  /** The part of the steps that is done, 0 to 1. */
  readonly share: number;
  /** Steps per second. */
  readonly rate: number;
  /** Seconds until the whole run ends, when they can be estimated. */
  readonly left: number | undefined;
}

/** `2/5 cat10 gs seed 1 ███████░░░  70% 350/500, 212 steps/s, 0:26 left, elbo -131.20` */
export function barLine(
  title: string,
  { step, steps, phase, elbo }: CellProgress,
  { share, rate, left }: Pace,
  metric: string,
): string {
  const width = 16;
  const full = Math.round(share * width);
  const bar = `${"█".repeat(full)}${"░".repeat(width - full)} ${Math.floor(share * 100)}%`;
  const count = `${step}/${steps}`;
  const doing = { compile: "compiling", train: count, evaluate: `${count} evaluating` }[phase];
  return [
    `${title} ${bar} ${doing}`,
    ...(phase === "train" && rate > 0 ? [`${rate.toPrecision(3)} steps/s`] : []),
    ...(left === undefined ? [] : [`${timeText(left)} left`]),
    ...(elbo === undefined ? [] : [`${metric} ${elbo.toFixed(2)}`]),
  ].join(", ");
}

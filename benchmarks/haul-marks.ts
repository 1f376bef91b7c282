/** What a long run holds while it goes on, and what it may hold. */
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { CellRecord } from "../reports/format/records.ts";
import { usual } from "../runners/plan/plan.ts";
import { gradientSteps, logSteps } from "../runners/train/log-steps.ts";

/** One look at the one cell at work. */
export interface Look {
  readonly label: string;
  /** Of its steps, by its last row. */
  readonly part: number;
  /** Of the process, in MiB. */
  readonly resident: number;
  readonly checkpoints: number;
}

interface Row {
  readonly step: number;
  readonly split?: string;
  readonly metric?: string;
}

const rowsOf = (cell: string, name: string): Row[] => {
  const path = join(cell, name);
  if (!existsSync(path)) return [];
  // The last line may be half written.
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Row);
};

function cellsOf(folder: string): { path: string; record: CellRecord }[] {
  const cells = join(folder, "cells");
  if (!existsSync(cells)) return [];
  return readdirSync(cells)
    .map((name) => join(cells, name))
    .filter((path) => existsSync(join(path, "cell.json")))
    .map((path) => ({
      path,
      record: JSON.parse(readFileSync(join(path, "cell.json"), "utf8")) as CellRecord,
    }));
}

const residentOf = (pid: number) =>
  Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;

/** Nothing between two cells, or when the process has ended meanwhile. */
export function look(folder: string, pid: number): Look[] {
  try {
    const resident = residentOf(pid);
    return cellsOf(folder)
      .filter(({ record }) => record.state === "running")
      .map(({ path, record }) => ({
        label: record.label,
        part: (rowsOf(path, "curve.ndjson").at(-1)?.step ?? 0) / record.steps.planned,
        resident,
        checkpoints: readdirSync(path).filter((name) => name.startsWith("checkpoint")).length,
      }));
  } catch {
    return [];
  }
}

/** Growth of the memory, from a tenth of a cell's steps on, that is no leak: pages that an allocator keeps. */
const slack = 1.1;

const most = (looks: readonly Look[], from: number, to: number) =>
  Math.max(...looks.filter(({ part }) => part >= from && part < to).map(({ resident }) => resident));

/** Rows of the metric and split that has the most. */
function longest(rows: readonly Row[]): number {
  const counts = new Map<string, number>();
  for (const { split, metric } of rows) {
    const name = JSON.stringify([split, metric]);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return Math.max(0, ...counts.values());
}

/** A line a cell, and a sentence for all that is not as it must be. */
export function judge(folder: string, looks: readonly Look[]): { lines: string[]; faults: string[] } {
  const [lines, faults]: [string[], string[]] = [[], []];
  const must = (holds: boolean, sentence: string) => void (holds || faults.push(sentence));
  for (const { path, record } of cellsOf(folder)) {
    const { label, steps } = record;
    const ours = looks.filter((one) => one.label === label);
    const [early, late] = [most(ours, 0.1, 0.4), most(ours, 0.7, 1)];
    const { logPoints, gradients } = usual;
    const curve = longest(rowsOf(path, "curve.ndjson"));
    const allowed = logSteps(steps.planned, logPoints).length;
    const points = new Set(rowsOf(path, "gradients.ndjson").map(({ step }) => step)).size;
    const allowedPoints = gradientSteps(steps.planned, logPoints, gradients.points).length;
    const held = Math.max(0, ...ours.map(({ checkpoints }) => checkpoints));
    const bytes = readdirSync(path).reduce((sum, name) => sum + statSync(join(path, name)).size, 0);
    lines.push(
      `${label}: ${steps.done} steps, memory ${early.toFixed(0)} then ${late.toFixed(0)} MiB, ${curve} rows of ${allowed} in its longest curve, ` +
        `gradients at ${points} of ${allowedPoints} points, ${held} checkpoints at most, ${(bytes / 1024).toFixed(0)} KiB`,
    );
    must(ours.length >= 20, `${label}: there must be 20 looks at it, got ${ours.length}`);
    must(
      late <= early * slack,
      `${label}: memory must stay flat, got ${early.toFixed(0)} then ${late.toFixed(0)} MiB`,
    );
    must(curve === allowed, `${label}: its longest curve must have ${allowed} rows, got ${curve}`);
    must(
      points === allowedPoints,
      `${label}: its gradients must be measured ${allowedPoints} times, got ${points}`,
    );
    must(held <= 3, `${label}: there must be two checkpoints and the one that is written, got ${held}`);
  }
  must(lines.length === 3, `there must be three cells, got ${lines.length}`);
  return { lines, faults };
}

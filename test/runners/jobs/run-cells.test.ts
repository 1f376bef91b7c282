import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { BenchError, environment } from "../../../runners/errors.ts";
import type { RunCell } from "../../../runners/train/cell-job.ts";
import { prepare } from "../../../runners/plan/prepare.ts";
import { openRegistry } from "../../../runners/plan/registry.ts";
import { runPlan, type RunSettings } from "../../../runners/jobs/run-cells.ts";
import { readRecord } from "../../../reports/format/read-run.ts";
import { silent } from "../cli/cells.ts";

const root = mkdtempSync(join(tmpdir(), "bench-run-"));
process.on("exit", () => rmSync(root, { recursive: true, force: true }));

const prepared = await prepare(
  { estimators: ["gs"], tasks: ["bits"], grids: [], plugins: [], seeds: "3", engine: "cpu", quick: true },
  await openRegistry(),
);

/** Settings of a run whose cells and reports are feigned; reports take no time by its clock. */
function feigned(
  change: Partial<RunSettings>,
): RunSettings & { readonly notes: string[]; readonly reports: boolean[] } {
  const notes: string[] = [];
  const reports: boolean[] = [];
  return {
    folder: mkdtempSync(join(root, "run-")),
    name: "A",
    command: "bench run",
    force: false,
    retryFailed: false,
    reporter: { ...silent, note: (text) => notes.push(text) },
    interrupted: () => false,
    runCell: () => Promise.resolve({ state: "done" }),
    writeReport: (_folder, { partial }) => Promise.resolve(reports.push(partial)),
    now: () => 0,
    notes,
    reports,
    ...change,
  };
}

const statesOf = ({ folder }: RunSettings) =>
  prepared.plan.cells.map(({ hash }) => readRecord(join(folder, "cells", hash))?.state);

test("the report is partial until the last cell is done", async (t) => {
  const settings = feigned({});
  const { interrupted } = await runPlan(prepared, settings);
  t.false(interrupted);
  t.deepEqual(settings.reports, [true, true, false]);
});

test("the first measurement of a run brings a report before its cell ends", async (t) => {
  const atEnd: number[] = [];
  const settings = feigned({
    runCell: async (_job, observer) => {
      observer.progress({ step: 1, steps: 9, phase: "train" });
      const before = settings.reports.length;
      observer.progress({ step: 2, steps: 9, phase: "train", elbo: -3 });
      await new Promise(setImmediate);
      atEnd.push(settings.reports.length - before);
      return { state: "done" };
    },
  });
  await runPlan(prepared, settings);
  t.deepEqual(atEnd, [1, 0, 0]);
  t.deepEqual(settings.reports.slice(-1), [false]);
});

test("a report that is slow to write is not written after every cell, but always at the end", async (t) => {
  const written: boolean[] = [];
  let clock = 0;
  const settings = (cellTime: number) =>
    feigned({
      now: () => clock,
      runCell: () => Promise.resolve({ state: "done", at: (clock += cellTime) }),
      writeReport: (_folder, { partial }) => Promise.resolve([written.push(partial), (clock += 150)]),
    });
  await runPlan(prepared, settings(100));
  t.deepEqual(written.splice(0), [true, false]);
  await runPlan(prepared, settings(19 * 150));
  t.deepEqual(written, [true, true, false]);
});

test("a cell that throws has failed, with its sentence and stack, and the others run", async (t) => {
  const runCell: RunCell = ({ cell }) =>
    cell.seed === 1 ? Promise.reject(new Error("no luck\nat all")) : Promise.resolve({ state: "done" });
  const settings = feigned({ runCell });
  await runPlan(prepared, settings);
  t.deepEqual(statesOf(settings), ["done", "failed", "done"]);
  const record = readRecord(join(settings.folder, "cells", prepared.plan.cells[1]!.hash))!;
  t.is(record.error, "no luck");
  t.regex(record.stack!, /run-cells\.test/);
});

test("trouble of the environment in a cell ends the run, earlier cells kept", async (t) => {
  const runCell: RunCell = ({ cell }) =>
    cell.seed === 1 ? Promise.reject(environment("the engine is gone")) : Promise.resolve({ state: "done" });
  const settings = feigned({ runCell });
  const error = await t.throwsAsync(runPlan(prepared, settings), { instanceOf: BenchError });
  t.is(error?.exit, 3);
  t.deepEqual(statesOf(settings), ["done", "running", undefined]);
});

test("a report that cannot be made is said once, stops no cell, and fails the run at its end", async (t) => {
  const settings = feigned({ writeReport: () => Promise.reject(new Error("no ink")) });
  await t.throwsAsync(runPlan(prepared, settings), { message: "no ink" });
  t.deepEqual(statesOf(settings), ["done", "done", "done"]);
  t.deepEqual(settings.notes, ["the report could not be written: no ink"]);
});

test("an interrupted cell is the last, and is gone on with", async (t) => {
  const seen: number[] = [];
  const runCell: RunCell = ({ cell }) => {
    seen.push(cell.seed);
    return Promise.resolve({ state: seen.length === 2 ? "interrupted" : "done" });
  };
  const settings = feigned({ runCell });
  t.true((await runPlan(prepared, settings)).interrupted);
  t.deepEqual(statesOf(settings), ["done", "interrupted", undefined]);
  t.false((await runPlan(prepared, settings)).interrupted);
  t.deepEqual(seen, [0, 1, 1, 2]);
  t.deepEqual(statesOf(settings), ["done", "done", "done"]);
});

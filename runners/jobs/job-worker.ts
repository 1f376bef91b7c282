/** The program of a child process: prepares as its parent did, then runs the jobs that it is sent. */
import { environment, exitOf, messageOf } from "../errors.ts";
import type { TaskGroup } from "../variance/variance-plan.ts";
import type { CellListener } from "./locked-cell.ts";
import type { FromChild, Job, Preparation, ToChild } from "./process-pool.ts";

type Run = (job: Job) => Promise<unknown>;

/** Milliseconds between two messages of progress. */
const progressEvery = 100;

let stopped = false;
let idle = true;
let prepared: Promise<Run> | undefined;
// Taken now: while a cell runs, process.exit throws.
const exit = process.exit.bind(process);

const send = (message: FromChild) => {
  // The event "disconnect" says that the parent has died.
  if (process.connected) process.send!(message, undefined, undefined, () => undefined);
};

/** A terminal sends signals to the whole group: the parent decides. */
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

// Without its parent the child saves its cell, as after an interruption.
process.on("disconnect", () => {
  stopped = true;
  if (idle) exit(0);
});

async function prepareCells({ request, folder }: Extract<Preparation, { kind: "cells" }>): Promise<Run> {
  const [{ prepare }, { openRegistry }, { openEngine }, { runCell }, { runLockedCell }] = await Promise.all([
    import("../plan/prepare.ts"),
    import("../plan/registry.ts"),
    import("../engine/index.ts"),
    import("../train/cell.ts"),
    import("./locked-cell.ts"),
  ]);
  const plan = await prepare(request, await openRegistry(request.plugins));
  const context = { prepared: plan, folder, engine: await openEngine(plan.engine), runCell };
  return (job) => {
    const { hash, rerun } = job as Extract<Job, { kind: "cell" }>;
    const cell = plan.plan.cells.find((planned) => planned.hash === hash);
    if (cell === undefined)
      throw environment(`A child process plans other cells, without ${hash}: did a file change meanwhile?`);
    return runLockedCell(cell, context, rerun, listener());
  };
}

/** Sends what a cell reports to the parent. */
function listener(): CellListener {
  const last = { at: 0, phase: "" };
  return {
    started: () => send({ kind: "started" }),
    progress(progress) {
      const now = performance.now();
      if (now - last.at < progressEvery && progress.phase === last.phase) return;
      Object.assign(last, { at: now, phase: progress.phase });
      send({ kind: "progress", progress });
    },
    note: (message) => send({ kind: "note", message }),
    interrupted: () => stopped,
  };
}

async function prepareVariance({ request }: Extract<Preparation, { kind: "variance" }>): Promise<Run> {
  const [
    { measureInGroup, openVariance },
    { measureStages },
    { drawsOfPart, openReferenceParts, referenceOf },
  ] = await Promise.all([
    import("../variance/variance-plan.ts"),
    import("../variance/bank-stages.ts"),
    import("../variance/reference.ts"),
  ]);
  const { groups } = await openVariance(request);
  const [{ conditions, references, estimators }] = groups as [TaskGroup];
  const opened = new Map<number, ReturnType<typeof openReferenceParts>>();
  return async (job): Promise<unknown> => {
    if (job.kind === "stages") return measureStages(job.stages, conditions, estimators[job.estimator]!);
    if (job.kind === "reference")
      return referenceOf({ ...conditions, at: job.at }, references, { most: request.draws });
    const given = job as Extract<Job, { kind: "measurement" | "reference part" }>;
    const group = groups[given.group]!;
    if (given.kind === "measurement")
      return measureInGroup(group, group.estimators[given.estimator]!, given.reference, request.at);
    const parts = opened.get(given.group) ?? openReferenceParts(group.conditions, group.references);
    opened.set(given.group, parts);
    return (await parts).part(given.part, drawsOfPart);
  };
}

async function prepareChecks({ request }: Extract<Preparation, { kind: "checks" }>): Promise<Run> {
  const { chooseChecked, openCheckEngine } = await import("../check/choose-checked.ts");
  const [chosen, engine] = await Promise.all([chooseChecked(request), openCheckEngine()]);
  return (job) => chosen[(job as Extract<Job, { kind: "check" }>).index]!.check(engine);
}

function prepare(preparation: Preparation): Promise<Run> {
  if (preparation.kind === "cells") return prepareCells(preparation);
  return preparation.kind === "variance" ? prepareVariance(preparation) : prepareChecks(preparation);
}

async function run(job: Job): Promise<void> {
  idle = false;
  try {
    const work = await prepared!;
    send({ kind: "result", result: await work(job) });
  } catch (error) {
    send({ kind: "error", message: messageOf(error), exit: exitOf(error) ?? 1 });
  }
  idle = true;
  if (!process.connected) exit(0);
}

process.on("message", (message: ToChild) => {
  if (message.kind === "stop") stopped = true;
  else if (message.kind === "cells" || message.kind === "variance" || message.kind === "checks") {
    prepared = prepare(message);
    prepared.catch(() => undefined); // Thrown again by the first job.
  } else void run(message);
});

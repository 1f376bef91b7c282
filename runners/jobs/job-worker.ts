/** The program of a child process: plans as its parent did, then runs the cells that it is sent. */
import { environment, exitOf, messageOf } from "../errors.ts";
import type { FromChild, ToChild } from "./cell-workers.ts";
import type { CellListener, CellResult } from "./locked-cell.ts";

type Opening = Extract<ToChild, { kind: "open" }>;
type RunJob = Extract<ToChild, { kind: "run" }>;
type RunHere = (job: RunJob) => Promise<CellResult>;

/** Milliseconds between two messages of progress. */
const progressEvery = 100;

let stopped = false;
let idle = true;
let opened: Promise<RunHere> | undefined;
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

async function open({ request, folder }: Opening): Promise<RunHere> {
  const [{ prepare }, { openRegistry }, { openEngine }, { runCell }, { runLockedCell }] = await Promise.all([
    import("../plan/prepare.ts"),
    import("../plan/registry.ts"),
    import("../engine/index.ts"),
    import("../train/cell.ts"),
    import("./locked-cell.ts"),
  ]);
  const plan = await prepare(request, await openRegistry(request.plugins));
  const context = { prepared: plan, folder, engine: await openEngine(plan.engine), runCell };
  return ({ hash, rerun }) => {
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

async function run(job: RunJob): Promise<void> {
  idle = false;
  try {
    send({ kind: "result", result: await (await opened!)(job) });
  } catch (error) {
    send({ kind: "error", message: messageOf(error), exit: exitOf(error) ?? 1 });
  }
  idle = true;
  if (!process.connected) exit(0);
}

process.on("message", (message: ToChild) => {
  if (message.kind === "stop") stopped = true;
  else if (message.kind === "open") {
    opened = open(message);
    opened.catch(() => undefined); // Thrown again by the first cell.
  } else void run(message);
});

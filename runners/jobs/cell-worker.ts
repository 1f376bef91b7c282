/** A child process that does cells for `--jobs`: it plans as its parent did, then does what it is told by hash. */
import { attemptCell, type Attempted } from "./locked-cell.ts";
import { runCell } from "../train/cell.ts";
import { openEngine } from "../engine/index.ts";
import { environment, exitOf, messageOf } from "../errors.ts";
import type { FromWorker, ToWorker } from "./cell-pool.ts";
import type { CellProgress } from "../train/cell-job.ts";
import { prepare } from "../plan/prepare.ts";
import { openRegistry } from "../plan/registry.ts";
import type { Request } from "../plan/request.ts";

/** Milliseconds between two words of progress. */
const every = 100;

let stopped = false;
let idle = true;
// Taken now: while a cell runs, its own process.exit only throws.
const exit = process.exit.bind(process);

const say = (message: FromWorker) => {
  // A parent that dies meanwhile is heard of by the event.
  if (process.connected) process.send!(message, undefined, undefined, () => undefined);
};

/** What the parent does about signals it says itself; a terminal sends them to all of a group. */
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => undefined);

// Without its parent it saves its cell, as if it had been asked to.
process.on("disconnect", () => {
  stopped = true;
  if (idle) exit(0);
});

async function open(request: Request, folder: string) {
  const prepared = await prepare(request, await openRegistry(request.plugins));
  return { prepared, folder, engine: await openEngine(prepared.engine), runCell };
}

let place: ReturnType<typeof open> | undefined;

async function attempt({ hash, again }: Extract<ToWorker, { kind: "cell" }>): Promise<Attempted> {
  const opened = await place!;
  const cell = opened.prepared.plan.cells.find((planned) => planned.hash === hash);
  if (cell === undefined)
    throw environment(
      `run: a child process must plan the same cells, but ${hash} is missing there (did a file change?)`,
    );
  let said = { at: 0, phase: "" };
  return attemptCell(cell, opened, again, {
    started: () => say({ kind: "started" }),
    progress(progress: CellProgress) {
      const now = performance.now();
      if (now - said.at < every && progress.phase === said.phase) return;
      said = { at: now, phase: progress.phase };
      say({ kind: "progress", progress });
    },
    note: (message) => say({ kind: "note", message }),
    logged() {
      say({ kind: "logged" });
      return Promise.resolve();
    },
    interrupted: () => stopped,
  });
}

process.on("message", (message: ToWorker) => {
  if (message.kind === "open") {
    place = open(message.request, message.folder);
    place.catch(() => undefined); // Said at the first cell.
  } else if (message.kind === "stop") stopped = true;
  else {
    idle = false;
    attempt(message)
      .then(
        (attempted) => say({ kind: "ended", attempted }),
        (error: unknown) => say({ kind: "fault", message: messageOf(error), exit: exitOf(error) ?? 1 }),
      )
      .finally(() => {
        idle = true;
        if (!process.connected) exit(0);
      });
  }
});

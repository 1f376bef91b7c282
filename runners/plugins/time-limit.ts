/** A time limit for code of a plug-in. */
import { Worker } from "node:worker_threads";

/** Seconds after the limit at which the other thread interrupts this one. */
const grace = 1;

/** Seconds after which a notice says that the action has not ended. */
const noticeAfter = 60;

/**
 * Interrupts the main thread when the time is over, unless the action has ended. It writes the notice itself, since the main
 * thread may be busy.
 */
const interrupter = `
const { workerData: { done, after, noticeAfter, notice } } = require("node:worker_threads");
if (notice !== "")
  setTimeout(() => {
    if (Atomics.load(done, 0) === 0) require("node:fs").writeSync(2, notice);
  }, noticeAfter);
setTimeout(() => {
  if (Atomics.load(done, 0) === 1) return;
  const { Session } = require("node:inspector");
  const session = new Session();
  session.connectToMainThread();
  session.post("Runtime.terminateExecution");
}, after);
`;

/**
 * The result of the action, or an error after so many seconds. An endless loop blocks every timer of its own thread;
 * therefore another thread interrupts it. With a limit of more than a minute, a line on stderr says after one minute that
 * `what` has not ended.
 */
export async function withTimeLimit<R>(
  seconds: number,
  action: () => Promise<R>,
  what = "a plug-in",
): Promise<R> {
  const done = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(interrupter, {
    ...{ eval: true, execArgv: [], stdin: false },
    workerData: {
      ...{ done, after: 1000 * (seconds + grace), noticeAfter: 1000 * noticeAfter },
      notice:
        seconds > noticeAfter
          ? `note ${what} has not ended after ${noticeAfter} s; it is stopped after ${seconds} s\n`
          : "",
    },
  });
  worker.unref();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not end within ${seconds} s`)), 1000 * seconds);
  });
  try {
    // The interruption ends the whole call stack, so the action begins on a stack of its own.
    const begun = new Promise<void>((resolve) => setImmediate(resolve));
    return await Promise.race([begun.then(action), late]);
  } finally {
    Atomics.store(done, 0, 1);
    clearTimeout(timer);
    await worker.terminate();
  }
}

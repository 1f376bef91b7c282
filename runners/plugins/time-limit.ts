/** A time limit for code of a plug-in. */
import { Worker } from "node:worker_threads";

/** Seconds after the limit at which the other thread interrupts this one. */
const grace = 1;

/** Interrupts the main thread when the time is over, unless the action has ended. */
const interrupter = `
const { workerData: { done, after } } = require("node:worker_threads");
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
 * therefore another thread interrupts it.
 */
export async function withTimeLimit<R>(seconds: number, action: () => Promise<R>): Promise<R> {
  const done = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(interrupter, {
    ...{ eval: true, execArgv: [], stdin: false },
    workerData: { done, after: 1000 * (seconds + grace) },
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

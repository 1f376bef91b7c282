/** Somebody else's code that never ends, waiting or working, becomes an error. */
import { Worker } from "node:worker_threads";

/** Seconds by which the timer of this thread comes first, where it can. */
const grace = 1;

/** Ends what this thread executes once the time is over, unless it was told that all is well. */
const watcher = `
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
 * The action's result, or an error after so many seconds. A loop that never gives way keeps every timer of its
 * thread from firing, so that another thread ends it.
 */
export async function withPatience<R>(seconds: number, action: () => Promise<R>): Promise<R> {
  const done = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(watcher, {
    ...{ eval: true, execArgv: [], stdin: false },
    workerData: { done, after: 1000 * (seconds + grace) },
  });
  worker.unref();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not end within ${seconds} s`)), 1000 * seconds);
  });
  try {
    // What is ended is all that stands on the stack: the action begins on one of its own.
    const begun = new Promise<void>((resolve) => setImmediate(resolve));
    return await Promise.race([begun.then(action), late]);
  } finally {
    Atomics.store(done, 0, 1);
    clearTimeout(timer);
    await worker.terminate();
  }
}

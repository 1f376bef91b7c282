/** Says when nothing has happened for a minute while code of a plug-in may run. */
import { Worker } from "node:worker_threads";

/** Seconds without a sign of life after which a line is written. */
export const silentSeconds = 60;

/** Looks from another thread whether the counter moves, since the main thread may be busy; writes once. */
const watcher = `
const { workerData: { heard, after, text } } = require("node:worker_threads");
let last = 0;
let at = performance.now();
const timer = setInterval(() => {
  const now = Atomics.load(heard, 0);
  if (now !== last) [last, at] = [now, performance.now()];
  else if (performance.now() - at > after) {
    require("node:fs").writeSync(2, text);
    clearInterval(timer);
  }
}, after / 60);
`;

let ended = () => undefined as void;
/** Ends the watch, where something else watches over the code of plug-ins from now on. */
export const endSilenceWatch = () => ended();

/** Runs an action that calls `heard` at each sign of life. */
export async function withSilenceWatch<R>(
  action: (heard: () => void) => Promise<R>,
  seconds = silentSeconds,
): Promise<R> {
  const counter = new Int32Array(new SharedArrayBuffer(4));
  const text =
    `note nothing has happened for ${seconds} s. Code of a plug-in that never returns looks like this, ` +
    "and so does a long measurement; Ctrl-C stops it.\n";
  const worker = new Worker(watcher, {
    ...{ eval: true, execArgv: [], stdin: false },
    workerData: { heard: counter, after: 1000 * seconds, text },
  });
  worker.unref();
  ended = () => void worker.terminate();
  return action(() => void Atomics.add(counter, 0, 1)).finally(endSilenceWatch);
}

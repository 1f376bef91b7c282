/**
 * Runs jobs that this process can do itself: it does one after another and, once that takes long, child processes do some
 * too. A result depends on its job alone, never on where it is computed, so all but the seconds are the same.
 */
import { environment } from "../errors.ts";
import { startDelay as usualDelay } from "./default-jobs.ts";
import { startProcess, type Job, type JobProcess, type Preparation } from "./process-pool.ts";

export interface SharedWork<R> {
  readonly count: number;
  /** How many processes compute at once, this one included. */
  readonly jobs: number;
  /** Milliseconds after which children start. */
  readonly startDelay?: number;
  readonly preparation: Preparation;
  /** Computes a result here. */
  readonly here: (index: number) => Promise<R>;
  /** The job that computes it in a child process. */
  readonly job: (index: number) => Job;
  readonly started?: (index: number) => void;
  readonly ended?: (index: number, result: R) => void;
  /** Whether what has ended is enough, so that no other job starts. */
  readonly enough?: () => boolean;
}

/** The results of all jobs that ran, in their order. */
export async function runTogether<R>(shared: SharedWork<R>): Promise<R[]> {
  const { count, jobs, startDelay = usualDelay, preparation, here, job } = shared;
  const { started, ended, enough = () => false } = shared;
  const results: R[] = [];
  let next = 0;
  const work = async (compute: (index: number) => Promise<R>): Promise<void> => {
    while (next < count && !enough()) {
      const index = next++;
      started?.(index);
      results[index] = await compute(index);
      ended?.(index, results[index]);
    }
  };
  const children: JobProcess[] = [];
  const working: Promise<void>[] = [];
  const timer = setTimeout(() => {
    for (let n = Math.min(jobs - 1, count - next); n > 0; n--) {
      const child = startProcess(preparation);
      children.push(child);
      working.push(work((index) => runIn<R>(child, job(index))));
      working.at(-1)!.catch(() => undefined); // Awaited below, once this process is done.
    }
  }, startDelay);
  try {
    await work(here);
    clearTimeout(timer);
    await Promise.all(working);
  } finally {
    clearTimeout(timer);
    await Promise.all(children.map((child) => child.close()));
  }
  return results;
}

/** Runs a job in a child process; its death is an error. */
export async function runIn<R>(child: JobProcess, job: Job): Promise<R> {
  const end = await child.run<R>(job);
  if ("died" in end) throw environment(`A child process died: ${end.died.error}.`);
  return end.result;
}

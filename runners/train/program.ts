/** Runs a task's program: samples go in, the cost comes out. Both a step of training and evaluation do it through here. */
import { dependence, stop, tf } from "../../estimators/core/autodiff.ts";
import type { Named, Run, Sample, Site, SiteSpec, T } from "../../estimators/estimator.ts";
import { logProb } from "../../estimators/core/toolkit.ts";
import type { Built, Random, Task } from "../../tasks/task.ts";
import type { Noise } from "../engine/engine.ts";

/** Evaluations of the cost per row: all, and those that are differentiated with respect to the sample. */
export interface Evaluations {
  readonly forward: number;
  readonly backward: number;
}

/** Counts evaluations of the cost by watching its samples. */
export interface Counter {
  count(): Evaluations;
  /** Registers samples of a run without a derivative. */
  add(run: number, samples: number): void;
  /** Registers a sample [S, B, ...] of a run of the program and returns it, watched. */
  watch(run: number, x: T): T;
}

/** A run counts as differentiated once, however many derivatives pass through its samples. */
export function counter(): Counter {
  const samples = new Map<number, number>();
  const differentiated = new Set<number>();
  const sum = (runs: Iterable<number>) => [...runs].reduce((total, run) => total + samples.get(run)!, 0);
  const add = (run: number, n: number) => void samples.set(run, Math.max(samples.get(run) ?? 0, n));
  return {
    count: () => ({ forward: sum(samples.keys()), backward: sum(differentiated) }),
    add,
    watch(run, x) {
      add(run, x.shape[0]);
      return tf.customGrad((given) => ({
        value: tf.clone(given as T),
        gradFunc: (dy) => {
          differentiated.add(run);
          return tf.clone(dy);
        },
      }))(x);
    },
  };
}

/** What measures a run of the program without changing its numbers. */
export interface Instruments {
  /** Zeros [1, B, ...shape] by site, added to its logits: the gradient at a probe passes through the samples only. */
  readonly probes?: Named;
  readonly counter?: Counter | undefined;
}

export const shapeText = (shape: readonly number[]) => `[${shape.join(", ")}]`;

/** Checks the shape of the logits, and adds the sample axis and the probe. */
function siteLogits(task: Task, { name, shape }: SiteSpec, logits: T, probe: T | undefined): T {
  const x = logits.rank === shape.length + 1 ? tf.expandDims(logits, 0) : logits;
  if (x.rank !== shape.length + 2 || shape.some((n, i) => x.shape[i + 2] !== n))
    throw new Error(
      `task ${task.name}: the logits of site ${name} must be [samples, rows, ${shape.join(", ")}], got ${shapeText(x.shape)}`,
    );
  return probe ? tf.add(x, probe) : x;
}

function checkSample(who: string, { name, shape }: SiteSpec, x: T, rows: number): void {
  const fits =
    x.rank === shape.length + 2 && x.shape[1] === rows && shape.every((n, i) => x.shape[i + 2] === n);
  if (!fits)
    throw new Error(
      `estimator ${who}: the sample of site ${name} must be [samples, ${[rows, ...shape].join(", ")}], got ${shapeText(x.shape)}`,
    );
}

/** The task's noise. Tasks and estimators draw from separate streams. */
export const taskRandom =
  (noise: Noise): Random =>
  (tag, shape) =>
    noise(`task/${tag}`, shape);

/**
 * Returns a function that runs a built program once on `rows` rows and takes each site's sample [S, B, ...] from `sample`.
 * `who` names the sampler in errors. Call it on an open tape where derivatives are needed.
 */
export function programRunner(
  task: Task,
  { program, singleChanges }: Pick<Built, "program" | "singleChanges">,
  rows: number,
  who: string,
  { probes, counter }: Instruments = {},
): (sample: Sample) => Run {
  let runs = 0;
  const specs = new Map(task.sites.map((site, index) => [site.name, { ...site, index }]));
  return (sample) => {
    const run = runs++;
    const drawn: { site: Site; x: T }[] = [];
    const cost = program((name, logits) => {
      const spec = specs.get(name);
      if (!spec)
        throw new Error(
          `task ${task.name}: its program samples the site ${name}, which its sites do not list`,
        );
      const site: Site = { ...spec, logits: siteLogits(task, spec, logits, probes?.[name]) };
      const x = sample(site);
      checkSample(who, spec, x, rows);
      drawn.push({ site, x });
      return counter ? counter.watch(run, x) : x;
    });
    if (cost.rank !== 2 || cost.shape[1] !== rows)
      throw new Error(`task ${task.name}: the cost must be [samples, ${rows}], got ${shapeText(cost.shape)}`);
    let logp: T | undefined;
    const [{ site, x }, second] = drawn as [(typeof drawn)[0], (typeof drawn)[0]?];
    return {
      cost,
      drawn,
      get logp() {
        return (logp ??= logProb(drawn));
      },
      ...(singleChanges &&
        !second &&
        x.shape[0] === 1 && {
          singleChanges(other: T) {
            counter?.add(runs++, other.shape[0] * site.family.variables(site.shape));
            return stop(singleChanges(x, other));
          },
        }),
    };
  };
}

/** Zero probes for every site. [1, B, ...shape] */
export const zeroProbes = (task: Task, rows: number): Named =>
  Object.fromEntries(task.sites.map(({ name, shape }) => [name, tf.zeros([1, rows, ...shape])]));

/** Names of the task's parameters that some site's logits depend on. Call it on an open tape. */
export function upstreamNames(task: Task, parameters: Named, batch: Named, noise: Noise): string[] {
  const rows = batch["features"]!.shape[0];
  const built = task.build(parameters, batch, taskRandom(noise));
  const { drawn } = programRunner(
    task,
    built,
    rows,
    "upstream",
  )(({ family, logits }) => family.harden(logits));
  const logits = drawn.map(({ site }) => tf.sum(site.logits)).reduce((a, b) => tf.add(a, b));
  const names = Object.keys(parameters);
  return dependence(
    logits,
    names.map((name) => parameters[name]!),
  ).flatMap((g, i) => (g ? [names[i]!] : []));
}

/** One play of an estimator on a task: what both a step of training and every measurement are made of. */
import { dependence, tf } from "../../estimators/core/autodiff.ts";
import type {
  Estimate,
  Estimator,
  Named,
  Run,
  Sample,
  Settings,
  Site,
  SiteSpec,
  T,
} from "../../estimators/estimator.ts";
import { logProb } from "../../estimators/core/toolkit.ts";
import type { Built, Random, Task } from "../../tasks/task.ts";
import type { Noise } from "../engine/engine.ts";

/** Evaluations of the cost per row: forward, and with a derivative with respect to the sample. */
export interface Evaluations {
  readonly forward: number;
  readonly backward: number;
}

/** Counts evaluations of the cost by watching its samples. */
export interface Counter {
  count(): Evaluations;
  /** Notes a run of so many samples and gives back its sample, watched. */
  watch(run: number, x: T): T;
}

/** A derivative passes through a watched sample at most once a run, however many times it is taken. */
export function counter(): Counter {
  const samples = new Map<number, number>();
  const differentiated = new Set<number>();
  const sum = (runs: Iterable<number>) => [...runs].reduce((total, run) => total + samples.get(run)!, 0);
  return {
    count: () => ({ forward: sum(samples.keys()), backward: sum(differentiated) }),
    watch(run, x) {
      samples.set(run, Math.max(samples.get(run) ?? 0, x.shape[0]));
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

/** What a play needs beside the task and the estimator. */
export interface Given {
  readonly parameters: Named;
  readonly own: Named;
  readonly state: Named;
  readonly batch: Named;
  /** Options as the step sees them: scalar tensors for schedules. */
  readonly options: Readonly<Record<string, unknown>>;
  readonly noise: Noise;
  /** Zeros [1, B, ...shape] by site, added to its logits: where the gradient through the samples is read. */
  readonly probes?: Named;
  readonly counter?: Counter | undefined;
}

export interface Play {
  readonly estimate: Estimate;
  /** surrogate + mean(direct) + auxiliary: its gradient trains the task. */
  readonly total: T;
  /** The first run's cost, mean over samples, with the direct terms [B]: −ELBO as the estimator trains on it. */
  readonly rowCosts: T;
  /** Logits of each site in the first run. */
  readonly logits: readonly T[];
}

const size = (shape: readonly number[]) => `[${shape.join(", ")}]`;

function refuse(who: string, must: string, got: readonly number[]): never {
  throw new Error(`${who}: ${must}, got ${size(got)}`);
}

/** Logits as a site sees them, with the sample axis and the probe. */
function lifted(task: Task, spec: SiteSpec, logits: T, probe: T | undefined): T {
  const x = logits.rank === spec.shape.length + 1 ? tf.expandDims(logits, 0) : logits;
  if (x.rank !== spec.shape.length + 2 || spec.shape.some((n, i) => x.shape[i + 2] !== n))
    refuse(
      `task ${task.name}`,
      `the logits of site ${spec.name} must be [samples, rows, ${spec.shape.join(", ")}]`,
      x.shape,
    );
  return probe ? tf.add(x, probe) : x;
}

function checked(name: string, spec: SiteSpec, x: T, rows: number): T {
  const fits =
    x.rank === spec.shape.length + 2 &&
    x.shape[1] === rows &&
    spec.shape.every((n, i) => x.shape[i + 2] === n);
  if (!fits)
    refuse(
      `estimator ${name}`,
      `its answer to site ${spec.name} must be [samples, ${[rows, ...spec.shape].join(", ")}]`,
      x.shape,
    );
  return x;
}

/** Tasks and estimators draw from separate streams. */
export const taskRandom =
  (noise: Noise): Random =>
  (tag, shape) =>
    noise(`task/${tag}`, shape);

/** Plays a built program with a way of sampling; to be called on an open tape where derivatives are wanted. */
export function player(
  task: Task,
  built: Built,
  given: Pick<Given, "probes" | "counter">,
  rows: number,
  who: string,
) {
  let runs = 0;
  const specs = new Map(task.sites.map((site, index) => [site.name, { ...site, index }]));
  return (sample: Sample): Run => {
    const run = runs++;
    const drawn: { site: Site; x: T }[] = [];
    const cost = built.program((name, logits) => {
      const spec = specs.get(name);
      if (!spec) throw new Error(`task ${task.name}: a site must be declared, got ${name}`);
      const site: Site = { ...spec, logits: lifted(task, spec, logits, given.probes?.[name]) };
      const x = checked(who, spec, sample(site), rows);
      drawn.push({ site, x });
      return given.counter ? given.counter.watch(run, x) : x;
    });
    if (cost.rank !== 2 || cost.shape[1] !== rows)
      refuse(`task ${task.name}`, `the cost must be [samples, ${rows}]`, cost.shape);
    let logp: T | undefined;
    return {
      cost,
      drawn,
      get logp() {
        return (logp ??= logProb(drawn));
      },
    };
  };
}

/** What the estimator plays: the mean cost, or for a multi-sample bound the whole negative log weight. */
function objective(task: Task, { name, claims }: Estimator, { parameters, batch, noise }: Given): Built {
  if (claims.objective !== "multi-sample") return task.build(parameters, batch, taskRandom(noise));
  if (task.bound !== "sampled")
    throw new Error(
      `estimator ${name}: the task must offer a multi-sample bound, got ${task.name} without one`,
    );
  return { program: task.negativeLogWeight(parameters, batch, taskRandom(noise)) };
}

export function play(task: Task, estimator: Estimator, given: Given): Play {
  const { own, state, batch, options, noise } = given;
  const features = batch["features"]!;
  const rows = features.shape[0];
  const built = objective(task, estimator, given);
  const run = player(task, built, given, rows, estimator.name);
  let first: Run | undefined;
  const shapes = new Map<string, string>();
  const estimate = estimator.estimate({
    sites: task.sites,
    rows,
    features,
    options: options as never,
    parameters: own,
    state,
    run(sample) {
      const result = run(sample);
      first ??= result;
      return result;
    },
    uniform(site, samples = 1, tag = "") {
      const [of, event] = "name" in site ? [site.name, site.shape] : ["rows", site];
      const [name, shape] = [tag === "" ? of : `${of}/${tag}`, [samples, rows, ...event]];
      const before = shapes.get(name) ?? size(shape);
      shapes.set(name, before);
      if (before !== size(shape))
        refuse(
          `estimator ${estimator.name}`,
          `the uniforms ${name} must keep the shape ${before} (others of that name would begin alike; give them a tag)`,
          shape,
        );
      return noise(name, shape);
    },
  });
  if (!first)
    throw new Error(`estimator ${estimator.name}: it must run the program at least once, got no run`);
  if (!isObject(estimate))
    throw new Error(
      `estimator ${estimator.name}: estimate must return an object with its surrogate, a scalar, got ${estimate === null ? "null" : typeof estimate}`,
    );
  check(estimator, estimate, state, rows);
  const { direct, auxiliary } = built;
  const costs = estimate.cost ?? tf.mean(first.cost, 0);
  const surrogate = direct ? tf.add(estimate.surrogate, tf.mean(direct)) : estimate.surrogate;
  return {
    estimate,
    total: auxiliary ? tf.add(surrogate, auxiliary) : surrogate,
    rowCosts: direct ? tf.add(costs, direct) : costs,
    logits: first.drawn.map(({ site }) => site.logits),
  };
}

/** Of a plug-in in JavaScript nothing is sure. */
const isObject = (value: unknown): boolean => typeof value === "object" && value !== null;

function check(
  { name }: Estimator,
  { surrogate, control, state, cost }: Estimate,
  before: Named,
  rows: number,
): void {
  const isTensor = (x: unknown) => x instanceof tf.Tensor;
  if (!isTensor(surrogate))
    throw new Error(`estimator ${name}: surrogate must be a scalar tensor, got ${typeof surrogate}`);
  if (surrogate.size !== 1)
    refuse(
      `estimator ${name}`,
      "surrogate must be a scalar (the mean over samples and rows)",
      surrogate.shape,
    );
  if (cost && (cost.rank !== 1 || cost.shape[0] !== rows))
    refuse(`estimator ${name}`, `cost must be [${rows}], one a row`, cost.shape);
  if (control && control.size !== 1) refuse(`estimator ${name}`, "control must be a scalar", control.shape);
  for (const [key, value] of Object.entries(state ?? {})) {
    const old = before[key];
    if (!old) throw new Error(`estimator ${name}: state ${key} must be made by init, got a new one`);
    if (size(old.shape) !== size(value.shape))
      refuse(`estimator ${name}`, `state ${key} must keep its shape ${size(old.shape)}`, value.shape);
  }
}

/** Zero probes for every site. [1, B, ...shape] */
export const probesFor = (task: Task, rows: number): Named =>
  Object.fromEntries(task.sites.map(({ name, shape }) => [name, tf.zeros([1, rows, ...shape])]));

/** The task's parameters upstream of its samples: those that some site's logits depend on. On an open tape. */
export function upstream(task: Task, parameters: Named, batch: Named, noise: Noise): string[] {
  const rows = batch["features"]!.shape[0];
  const built = task.build(parameters, batch, taskRandom(noise));
  const run = player(task, built, {}, rows, "upstream");
  const { drawn } = run(({ family, logits }) => family.harden(logits));
  const logits = drawn.map(({ site }) => tf.sum(site.logits)).reduce((a, b) => tf.add(a, b));
  const names = Object.keys(parameters);
  return dependence(
    logits,
    names.map((name) => parameters[name]!),
  ).flatMap((g, i) => (g ? [names[i]!] : []));
}

/** Options that arrive as scalar inputs `option/NAME`: those with a schedule. */
export const scheduled = ({ options }: Estimator): string[] =>
  Object.entries(options as Record<string, { schedule?: boolean }>).flatMap(([name, spec]) =>
    spec.schedule ? [name] : [],
  );

/** The options a step sees: settings, with scalar tensors for the scheduled ones. */
export const stepOptions = (
  estimator: Estimator,
  settings: Settings,
  inputs: Named,
): Record<string, unknown> => ({
  ...settings,
  ...Object.fromEntries(scheduled(estimator).map((name) => [name, inputs[`option/${name}`]!])),
});

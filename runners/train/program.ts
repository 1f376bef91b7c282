/** Runs a task's program: samples go in, the cost comes out. Both a step of training and evaluation do it through here. */
import { dependence, stop, tf } from "../../estimators/core/autodiff.ts";
import type { Named, Run, Sample, Site, SiteSpec, T } from "../../estimators/estimator.ts";
import { chosenCodes } from "../../estimators/core/code-vectors.ts";
import { part } from "../../estimators/core/slicing.ts";
import { logProb, row } from "../../estimators/core/toolkit.ts";
import { gaussianKl, gaussianLogRatio, standardNormal } from "../../tasks/models/gaussian.ts";
import type { Program, Random, Task, Term, Trace } from "../../tasks/task.ts";
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

export interface ProgramOptions extends Instruments {
  /**
   * `cost`: the program's cost and the divergences in closed form, for training. `weight`: the whole −log weight
   * log q(z | x) − log p(x, z) at the samples, for evaluation and multi-sample bounds.
   */
  readonly form?: "cost" | "weight";
  /** Samples of continuous variables that no discrete sample precedes, in the form `weight`. */
  readonly samples?: number;
}

export const shapeText = (shape: readonly number[]) => `[${shape.join(", ")}]`;

/** Checks the shape of logits. */
function checkLogits(task: Task, { name, shape }: SiteSpec, logits: T): void {
  const event = logits.shape.slice(logits.rank - shape.length);
  const leading = logits.rank - shape.length;
  if (leading < 1 || leading > 2 || shape.some((n, i) => event[i] !== n))
    throw new Error(
      `task ${task.name}: the logits of site ${name} must be [samples, rows, ${shape.join(", ")}], got ${shapeText(logits.shape)}`,
    );
}

/** The logits with a sample axis. [1 or S, B, ...shape] */
const withSamples = ({ shape }: SiteSpec, logits: T): T =>
  logits.rank === shape.length + 1 ? tf.expandDims(logits, 0) : logits;

function checkSample(who: string, { name, shape, quantises }: Site, x: T, rows: number): void {
  const beside = quantises && [...shape.slice(0, -1), shape.at(-1)! + quantises.codebook.shape[1]!];
  const fits =
    x.rank === shape.length + 2 &&
    x.shape[1] === rows &&
    [shape, beside].some((event) => event?.every((n, i) => x.shape[i + 2] === n));
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

/** A task's model of one batch, ready to run. */
export interface OpenProgram {
  /** Runs the program and takes each site's sample [S, B, ...] from `sample`. */
  readonly run: (sample: Sample, factor?: T) => Run;
  /** The divergences that depend on no sample [B], known after the first run. */
  readonly direct: () => T | undefined;
  readonly auxiliary: T | undefined;
}

/**
 * The model of a batch, with what the harness derives from it: divergences from priors, terms by site, checks of shapes.
 * `who` names the sampler in errors. Call it on an open tape where derivatives are needed.
 */
export function openProgram(
  task: Task,
  parameters: Named,
  batch: Named,
  noise: Noise,
  who: string,
  { form = "cost", samples = 1, probes, counter }: ProgramOptions = {},
): OpenProgram {
  const rows = batch["features"]!.shape[0];
  const random = taskRandom(noise);
  const { program, singleChanges, auxiliary } = task.model(parameters, batch, random);
  const specs = new Map(task.sites.map((site, index) => [site.name, { ...site, index }]));
  const specOf = (name: string) => {
    const spec = specs.get(name);
    if (!spec)
      throw new Error(`task ${task.name}: its program samples the site ${name}, which its sites do not list`);
    return spec;
  };
  const direct = new Map<string, T>();
  let runs = 0;

  function run(sample: Sample, factor?: T): Run {
    const index = runs++;
    const drawn: { site: Site; x: T; posterior: T }[] = [];
    const terms: Term[] = [];
    const soFar = () => drawn.map(({ site }) => site.name);
    /** Adds the divergence of a variable: [B] for the first run only, since it is the same in each, or a term [S, B]. */
    const add = (name: string, sampleFree: boolean, value: () => T) => {
      if (!sampleFree) terms.push({ cost: row(value()), sites: soFar() });
      else if (!direct.has(name)) direct.set(name, flat(value()));
    };
    /** The sample of a site, or its code vectors. */
    function draw(
      name: string,
      given: T,
      { prior, quantises }: { prior?: T; quantises?: Site["quantises"] },
    ): T {
      const spec = specOf(name);
      if (drawn.some(({ site }) => site.name === name))
        throw new Error(`task ${task.name}: its program samples the site ${name} twice`);
      checkLogits(task, spec, given);
      const scaled = (x: T) => (factor ? scaleGradient(x, factor) : x);
      const logits = scaled(given);
      const free = [logits, prior].every((x) => !x || x.rank <= spec.shape.length + 1);
      if (prior && form === "cost")
        add(name, free, () => spec.family.kl(free ? logits : withSamples(spec, logits), prior));
      const posterior = withSamples(spec, logits);
      const site: Site = {
        ...spec,
        logits: probes ? scaled(tf.add(withSamples(spec, given), probes[name]!)) : posterior,
        ...(quantises && {
          quantises: { ...quantises, points: scaled(withSamples(spec, quantises.points)) },
        }),
      };
      const answer = sample(site);
      checkSample(who, site, answer, rows);
      const [last, K] = [answer.rank - 1, spec.shape.at(-1)!];
      const beside = quantises && answer.shape[last]! > K;
      const x = beside ? part(answer, last, 0, K) : answer;
      drawn.push({ site, x, posterior });
      if (prior && form === "weight")
        terms.push({ cost: logRatio(spec, posterior, prior, x), sites: soFar() });
      const watched = counter ? counter.watch(index, answer) : answer;
      if (beside) return part(watched, last, K, answer.shape[last]! - K);
      return quantises ? chosenCodes(watched, quantises.codebook) : watched;
    }
    const trace: Trace = {
      sample: (name, logits, prior) => draw(name, logits, prior ? { prior } : {}),
      codes: (name, logits, points, codebook) => draw(name, logits, { quantises: { points, codebook } }),
      prior(name, logits) {
        const spec = specOf(name);
        const own = drawn.find(({ site }) => site.name === name);
        if (!own)
          throw new Error(
            `task ${task.name}: its program gives the site ${name} a prior before its sample; pass it to sample instead`,
          );
        const { posterior, x } = own;
        if (form === "weight") terms.push({ cost: logRatio(spec, posterior, logits, x), sites: soFar() });
        else {
          const above = soFar().slice(0, soFar().indexOf(name));
          terms.push({ cost: tf.neg(row(spec.family.entropy(posterior))), sites: above });
          terms.push({ cost: tf.neg(row(spec.family.logProb(logits, x))), sites: soFar() });
        }
      },
      normal(name, mean, logVariance) {
        const [S, B, Z] = mean.shape as [number, number, number];
        const shape = [form === "cost" ? 1 : Math.max(S, samples), B, Z];
        const draw = standardNormal(random(`${name}/u`, shape), random(`${name}/v`, shape));
        const z = tf.add(mean, tf.mul(tf.exp(tf.mul(0.5, logVariance)), draw));
        const cost = form === "cost" ? gaussianKl(mean, logVariance) : gaussianLogRatio(z, draw, logVariance);
        terms.push({ cost, sites: soFar() });
        return z;
      },
    };
    const returned = program(trace);
    const costs = isTerms(returned) ? returned : [{ cost: returned, sites: soFar() }];
    for (const { cost, sites } of costs) {
      sites.forEach(specOf);
      if (cost.rank !== 2 || cost.shape[1] !== rows)
        throw new Error(
          `task ${task.name}: the cost must be [samples, ${rows}], got ${shapeText(cost.shape)}`,
        );
    }
    const missing = task.sites.find(({ name }) => !drawn.some(({ site }) => site.name === name));
    if (missing) throw new Error(`task ${task.name}: its program does not sample the site ${missing.name}`);
    terms.unshift(...costs);
    const total = (of: readonly Term[]) => of.map(({ cost }) => cost).reduce((a, b) => tf.add(a, b));
    let logp: T | undefined;
    const [{ site, x }, second] = drawn as [(typeof drawn)[0], (typeof drawn)[0]?];
    return {
      cost: total(terms),
      drawn,
      costOf(of) {
        const changed = descendants(task.sites, of.name);
        const relevant = terms.filter(({ sites }) => sites.some((name) => changed.has(name)));
        return relevant.length > 0 ? total(relevant) : tf.zeros([1, rows]);
      },
      get logp() {
        return (logp ??= logProb(drawn));
      },
      ...(singleChanges &&
        form === "cost" &&
        !second &&
        x.shape[0] === 1 && {
          singleChanges(other: T) {
            counter?.add(runs++, other.shape[0] * site.family.variables(site.shape));
            return stop(singleChanges(x, other));
          },
        }),
    };
  }

  return {
    run,
    direct: () => (direct.size === 0 ? undefined : [...direct.values()].reduce((a, b) => tf.add(a, b))),
    auxiliary,
  };
}

/** x, with its gradient times a factor. */
const scaleGradient = (x: T, factor: T): T => tf.add(stop(x), tf.mul(factor, tf.sub(x, stop(x))));

const isTerms = (returned: ReturnType<Program>): returned is readonly Term[] => Array.isArray(returned);

/** A site and those whose logits depend on its sample. */
function descendants(sites: readonly SiteSpec[], name: string): ReadonlySet<string> {
  const found = new Set([name]);
  const from = sites.findIndex((site) => site.name === name);
  for (const { name: later, parents } of sites.slice(from + 1))
    if (!parents || parents.some((parent) => found.has(parent))) found.add(later);
  return found;
}

/** log q − log p at the sample, summed over variables. [S, B] */
const logRatio = ({ family }: SiteSpec, posterior: T, prior: T, x: T): T =>
  tf.sub(row(family.logProb(posterior, x)), row(family.logProb(prior, x)));

/** Sums all axes after the rows. [B, ...] → [B] */
const flat = (x: T): T => tf.sum(tf.reshape(x, [x.shape[0], -1]), 1);

/** Zero probes for every site. [1, B, ...shape] */
export const zeroProbes = (task: Task, rows: number): Named =>
  Object.fromEntries(task.sites.map(({ name, shape }) => [name, tf.zeros([1, rows, ...shape])]));

/** Names of the task's parameters that some site's logits depend on. Call it on an open tape. */
export function upstreamNames(task: Task, parameters: Named, batch: Named, noise: Noise): string[] {
  const { run } = openProgram(task, parameters, batch, noise, "upstream");
  const { drawn } = run(({ family, logits }) => family.mode(logits));
  const logits = drawn.map(({ site }) => tf.sum(site.logits)).reduce((a, b) => tf.add(a, b));
  const names = Object.keys(parameters);
  return dependence(
    logits,
    names.map((name) => parameters[name]!),
  ).flatMap((g, i) => (g ? [names[i]!] : []));
}

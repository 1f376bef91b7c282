/** Bias and variance of estimators at fixed parameters and a fixed batch; trains nothing. */
import type { Estimator, Settings } from "../../estimators/estimator.ts";
import type { Arrays, Task } from "../../tasks/task.ts";
import { findUpstream, initialise, scalarsAt } from "../train/initial-values.ts";
import type { Compiled, Engine } from "../engine/engine.ts";
import { compileDraw, measureGradients, type Measured } from "../train/gradient-statistics.ts";
import { addDraw, dot, emptySums, meanOf, norm, squaredNorm, type Sums, traceOf } from "./moments.ts";
import { prefixed, type StepSource, trainingStep } from "../train/step.ts";
import { batches, stream } from "../train/noise-streams.ts";
import { statisticsOf, type VarianceRow } from "./variance-row.ts";

export type { VarianceRow } from "./variance-row.ts";

/** A sampled reference is drawn until its error is under this share of its norm. */
const referenceShare = 0.01;
const referenceDraws = 10000;

export interface Subject {
  readonly estimator: Estimator;
  readonly settings: Settings;
  readonly label: string;
}

export interface Setting {
  readonly engine: Engine;
  readonly task: Task;
  readonly taskLabel: string;
  readonly seed: number;
  readonly draws: number;
  /** Replaces the task's parameters, the estimator's own and its state: a trained snapshot. */
  readonly at?: {
    readonly parameters: Arrays;
    readonly own?: Arrays;
    readonly state?: Arrays;
    readonly step?: number;
  };
  /** Of the sampled reference, where enumeration is refused. */
  readonly exact: Estimator;
  readonly long: Subject;
}

/** The rows of the fixed batch. */
export const fixedRows = (task: Task, seed: number): Int32Array =>
  batches(`${task.name} fixed`, seed, task.splits.train, task.rows)(0);

/** The parameters' and logits' gradient of one estimator as a function of the draw. */
interface Drawer {
  readonly source: StepSource;
  readonly compiled: Compiled;
  readonly inputs: Arrays;
  readonly forward: number;
  readonly backward: number;
}

const flat = (outputs: Arrays, prefix: string): Float64Array => {
  const parts = Object.entries(outputs).flatMap(([name, { values }]) =>
    name.startsWith(prefix) ? [values] : [],
  );
  const joined = new Float64Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
};

/** Opens a drawer; one that was opened elsewhere for the same pair lends what does not depend on the parameters. */
async function open(setting: Setting, { estimator, settings }: Subject, elsewhere?: Drawer): Promise<Drawer> {
  const { engine, task, seed, at } = setting;
  const fresh = await initialise(task, estimator, settings, seed);
  const sameNames = (given: Arrays | undefined, own: Arrays): Arrays =>
    given && Object.keys(own).every((name) => given[name]?.values.length === own[name]!.values.length)
      ? given
      : own;
  const initial = {
    parameters: { ...fresh.parameters, ...at?.parameters },
    own: sameNames(at?.own, fresh.own),
    state: sameNames(at?.state, fresh.state),
  };
  const source: StepSource = { task, estimator, settings, initial };
  const compiled =
    elsewhere?.compiled ?? (await compileDraw(engine, source, await findUpstream(task, initial)));
  const inputs = {
    ...prefixed("task", initial.parameters),
    ...prefixed("own", initial.own),
    ...prefixed("state", initial.state),
    ...prefixed("batch", task.gather("train", fixedRows(task, seed))),
    ...scalarsAt(source)(at?.step ?? 0),
  };
  const { forward, backward } = elsewhere ?? (await countEvaluations(engine, source, inputs));
  return { source, compiled, inputs, forward, backward };
}

/** Counted, not claimed: one step of training whose cost is watched. */
async function countEvaluations(engine: Engine, source: StepSource, inputs: Arrays) {
  const { training, evaluations } = trainingStep(source);
  const trainer = await engine.train(training);
  if (!evaluations()) {
    const given = Object.fromEntries(Object.keys(training.inputs).map((name) => [name, inputs[name]!]));
    await trainer.step(given, stream("count"), false);
  }
  trainer.dispose();
  return evaluations()!;
}

export interface Drawn {
  readonly parameters: Sums;
  readonly logits: Sums;
  readonly seconds: number;
  readonly cosines: readonly number[];
  readonly count: number;
}

/** Draws until `enough`; blocks take turns. */
async function drawMany(
  { compiled, inputs, source }: Drawer,
  label: string,
  seed: number,
  enough: (n: number, so: Sums) => boolean,
  reference?: Float64Array,
): Promise<Drawn> {
  let sums: { parameters: Sums; logits: Sums } | undefined;
  const cosines: number[] = [];
  const length = reference ? norm(reference) : 0;
  let seconds = 0;
  let r = 0;
  for (; !sums || !enough(r, sums.parameters); r++) {
    const fill = stream("variance", source.task.name, seed, label, r);
    const begun = performance.now();
    const outputs = await compiled.run(inputs, fill);
    seconds += (performance.now() - begun) / 1000;
    const [parameters, logits] = [flat(outputs, "parameters/"), flat(outputs, "logits/")];
    sums ??= { parameters: emptySums(parameters.length), logits: emptySums(logits.length) };
    addDraw(sums.parameters, r, parameters);
    addDraw(sums.logits, r, logits);
    const cosine = reference ? dot(parameters, reference) / (norm(parameters) * length) : NaN;
    if (Number.isFinite(cosine)) cosines.push(cosine);
    if (r % 256 === 255) await new Promise(setImmediate);
  }
  return { ...sums, seconds, cosines, count: r };
}

export interface Reference {
  readonly name: string;
  /** Known without error, or sampled. */
  readonly gradient: Float64Array | Sums;
  readonly mean: Float64Array;
  /** As a share of the norm. */
  readonly error: number | null;
}

/** The exact gradient by enumeration, or a long run of a sampled reference, at most so many draws, with its own error. */
export async function referenceOf(setting: Setting, most = referenceDraws): Promise<Reference> {
  const { task, exact, long, seed } = setting;
  if ((exact.supports?.(task.sites, {}) ?? "") === "") {
    const drawer = await open(setting, { estimator: exact, settings: {}, label: "exact" });
    const outputs = await drawer.compiled.run(drawer.inputs, stream("variance"));
    drawer.compiled.dispose();
    const gradient = flat(outputs, "parameters/");
    return { name: "exact", gradient, mean: gradient, error: null };
  }
  const drawer = await open(setting, long);
  const share = (so: Sums, n: number) => Math.sqrt(traceOf(so) / n / Math.max(squaredNorm(so).value, 1e-300));
  let error = Infinity;
  const drawn = await drawMany(drawer, `reference ${long.label}`, seed, (n, so) => {
    if (n >= most) return true;
    if (n < 100 || n % 100 !== 0) return false;
    error = share(so, n);
    return error < referenceShare;
  });
  drawer.compiled.dispose();
  error = share(drawn.parameters, drawn.count);
  return { name: long.label, gradient: drawn.parameters, mean: meanOf(drawn.parameters), error };
}

export interface Place {
  readonly setting: Setting;
  readonly reference: Reference;
  /** Further fixed batches and draws of each, where the minibatch's noise is wanted too. */
  readonly over?: { readonly batches: number; readonly draws: number };
}

/** Measures one estimator at several places of one task and seed, compiled once. */
export async function measureAlong(places: readonly Place[], subject: Subject): Promise<VarianceRow[]> {
  const rows: VarianceRow[] = [];
  let drawer: Drawer | undefined;
  try {
    for (const place of places) {
      drawer = await open(place.setting, subject, drawer);
      rows.push(await measure(place, subject, drawer));
    }
    return rows;
  } finally {
    drawer?.compiled.dispose();
  }
}

export async function measureVariance(
  setting: Setting,
  subject: Subject,
  reference: Reference,
): Promise<VarianceRow> {
  const [row] = await measureAlong([{ setting, reference }], subject);
  return row!;
}

async function measure(
  { setting, reference, over }: Place,
  subject: Subject,
  drawer: Drawer,
): Promise<VarianceRow> {
  const { task, taskLabel, seed, draws } = setting;
  const drawn = await drawMany(drawer, "draws", seed, (n) => n >= draws, reference.mean);
  const { forward, backward } = drawer;
  const row = {
    estimator: subject.label,
    task: taskLabel,
    protocol: "frozen" as const,
    step: setting.at?.step ?? 0,
    draws,
    evaluations: { forward, backward },
    ...statisticsOf({ ...drawn, rows: task.rows, forward, reference }),
  };
  return over === undefined ? row : { ...row, batches: await measureBatches(setting, drawer, over) };
}

/** As a run measures along its own training: the same batches and noise of the same seed and step. */
function measureBatches(
  { seed, at }: Setting,
  { compiled, source, inputs }: Drawer,
  over: NonNullable<Place["over"]>,
): Promise<Measured> {
  return measureGradients(compiled, source, { inputs, seed, step: at?.step ?? 0 }, over, async () => {
    await new Promise(setImmediate);
  });
}

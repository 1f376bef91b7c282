/**
 * One draw per row: the gradient of each row's own cost. The coordinates of a row
 * are the logits of each site; in models of several layers, the weights of a linear link (all zero) from each site to each
 * later one, which show how samples above and gradients below vary together; and θ after the samples.
 */
import { lastGradients, onTape, stop, tf } from "../../estimators/core/autodiff.ts";
import type { Named, T } from "../../estimators/estimator.ts";
import type { Arrays, Program, Task, Trace } from "../../tasks/task.ts";
import type { Engine, Fill, Noise } from "../engine/engine.ts";
import { zeroProbes } from "../train/program.ts";
import { runEstimator } from "../train/run-estimator.ts";
import { allInputs, prefixed, shapesOf, under } from "../train/step-inputs.ts";
import type { TrainingSetup } from "../train/training-setup.ts";
import { decoderParameter } from "./problems.ts";

export interface RowDraw {
  readonly rows: number;
  /** Names of a row's coordinates; those from `decoderFrom` on are of θ. */
  readonly labels: readonly string[];
  readonly decoderFrom: number;
  /** The uniforms that the estimator asked for in the last run, by name. */
  readonly uniforms: ReadonlyMap<string, UniformSpec>;
  /** Gradients [rows · labels]. */
  run(fill: Fill): Promise<Float32Array>;
  /** The same, and by site the samples of the estimator's first run of the program. */
  runSampled(fill: Fill): Promise<{ readonly gradients: Float32Array; readonly samples: Arrays }>;
  /** The same gradients, and the rest of a step of training: gradients of all parameters, the next state and the cost. */
  runStep(fill: Fill): Promise<{ readonly gradients: Float32Array; readonly rest: Arrays }>;
}

/** Uniforms of shape [S, B, ...]. */
export interface UniformSpec {
  readonly name: string;
  readonly shape: readonly number[];
}

export const elementCount = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** What the cost gets in place of a sample: the same values, as a rule. */
export type SampleView = (x: T) => T;

/** Weights W [B, from, to] between the sites of these indices. */
interface Link {
  readonly from: number;
  readonly to: number;
  readonly shape: readonly number[];
}

const linksOf = ({ sites }: Task): Link[] =>
  sites.flatMap(({ shape }, to) =>
    sites
      .slice(0, to)
      .map((above, from) => ({ from, to, shape: [elementCount(above.shape), elementCount(shape)] })),
  );

interface Linking {
  readonly weights: readonly { readonly link: Link; readonly weight: T }[];
  readonly view: SampleView;
  /** Gets the samples of each run of the program. */
  readonly runs: T[][];
}

/** The program with x_from · W added to the logits of later sites. */
const linkedProgram =
  (task: Task, program: Program, { weights, view, runs }: Linking): Program =>
  (trace) => {
    const drawn: T[] = [];
    runs.push(drawn);
    const sample: Trace["sample"] = (name, logits, prior) => {
      const to = drawn.length;
      const shifted = weights
        .filter(({ link }) => link.to === to)
        .reduce((sum, { link, weight }) => {
          const x = drawn[link.from]!;
          const column = tf.reshape(x, [...x.shape.slice(0, 2), link.shape[0]!, 1]);
          const flat = tf.sum(tf.mul(column, weight), 2); // [S, B, to]
          return tf.add(sum, tf.reshape(flat, [...flat.shape.slice(0, 2), ...task.sites[to]!.shape]));
        }, logits);
      const x = trace.sample(name, shifted, prior);
      drawn.push(x);
      return view(x);
    };
    return program({ ...trace, sample });
  };

const linkedTask = (task: Task, linking: Linking): Task => ({
  ...task,
  model(...args) {
    const model = task.model(...args);
    return { ...model, program: linkedProgram(task, model.program, linking) };
  },
});

interface Drawn {
  /** Of each row's own cost [B, labels]. */
  readonly gradients: T;
  /** The samples of the first run, by site. */
  readonly samples: Named;
  /** The rest of a step: the gradients of parameters, if they were asked for, the next state and the cost. */
  readonly rest: Named;
}

/** Draws once. */
function drawOn(
  setup: TrainingSetup,
  inputs: Named,
  { noise, view, step = false }: { noise: Noise; view: SampleView; step?: boolean },
): Drawn {
  const { task } = setup;
  const { rows } = task;
  const weights = linksOf(task).map((link) => ({ link, weight: tf.zeros([rows, ...link.shape]) }));
  const probes = zeroProbes(task, rows);
  const theta = inputs[`task/${decoderParameter}`];
  const thetaOfRows = theta && tf.tile(theta, [rows]);
  const runs: T[][] = [];
  const linked = { ...setup, task: linkedTask(task, { weights, view, runs }) };
  const changed = thetaOfRows ? { ...inputs, [`task/${decoderParameter}`]: thetaOfRows } : inputs;
  const { total, estimate, rowCosts } = runEstimator(linked, changed, noise, { probes });
  const xs = [
    ...task.sites.map(({ name }) => probes[name]!),
    ...weights.map(({ weight }) => weight),
    ...(thetaOfRows ? [thetaOfRows] : []),
  ];
  const parameters = Object.entries(step ? under("task", inputs) : {});
  const own = Object.entries(step && estimate.control ? under("own", inputs) : {});
  const values = ([, x]: [string, T]) => x;
  const made = lastGradients(total, [...xs, ...parameters.map(values)]);
  const ofControl = own.length > 0 ? lastGradients(estimate.control!, own.map(values)) : [];
  const gradients = tf.concat(
    made.slice(0, xs.length).map((g) => tf.reshape(g, [rows, -1])),
    1,
  );
  return {
    gradients: tf.mul(gradients, rows),
    samples: Object.fromEntries(runs[0]!.map((x, i) => [task.sites[i]!.name, stop(x)])),
    rest: {
      ...Object.fromEntries(parameters.map(([name], i) => [`gradient/task/${name}`, made[xs.length + i]!])),
      ...Object.fromEntries(own.map(([name], i) => [`gradient/own/${name}`, ofControl[i]!])),
      ...prefixed("state", estimate.state ?? {}),
      "log/cost": tf.mean(rowCosts),
    },
  };
}

function labelsOf(task: Task): string[] {
  const labelled = (name: string, shape: readonly number[]) =>
    Array.from({ length: elementCount(shape) }, (_, i) => `${name}[${i}]`);
  return [
    ...task.sites.flatMap(({ name, shape }) => labelled(name, shape)),
    ...linksOf(task).flatMap(({ from, to, shape }) =>
      labelled(`${task.sites[from]!.name}→${task.sites[to]!.name}`, shape),
    ),
  ];
}

/** Opens draws of the step with its number of rows. */
export async function rowDraw(
  engine: Engine,
  setup: TrainingSetup,
  view: SampleView = (x) => x,
): Promise<RowDraw> {
  const { task, initial } = setup;
  const uniforms = new Map<string, UniformSpec>();
  const given = allInputs(setup);
  const compile = (outputs: (made: Drawn) => Named, step = false) =>
    engine.compile((inputs, drawn) => {
      uniforms.clear();
      const noise: Noise = (name, shape) => {
        uniforms.set(name, { name, shape });
        return drawn(name, shape);
      };
      return outputs(onTape(() => drawOn(setup, inputs, { noise, view, step })));
    }, shapesOf(given));
  const gradientsAlone = await compile(({ gradients }) => ({ gradients }));
  /** The gradients and further outputs. */
  const runWith = async (fill: Fill, others: (made: Drawn) => Named, step = false) => {
    const compiled = await compile((made) => ({ gradients: made.gradients, ...others(made) }), step);
    const { gradients, ...outputs } = await compiled.run(given, fill);
    return { gradients: gradients!.values, outputs };
  };
  const upstream = labelsOf(task);
  return {
    rows: task.rows,
    labels: decoderParameter in initial.parameters ? [...upstream, decoderParameter] : upstream,
    decoderFrom: upstream.length,
    uniforms,
    run: async (fill) => (await gradientsAlone.run(given, fill))["gradients"]!.values,
    async runSampled(fill) {
      const { gradients, outputs } = await runWith(fill, ({ samples }) => samples);
      return { gradients, samples: outputs };
    },
    async runStep(fill) {
      const { gradients, outputs } = await runWith(fill, ({ rest }) => rest, true);
      return { gradients, rest: outputs };
    },
  };
}

/**
 * One draw a row: every row's own gradient, from noise that may be given instead of drawn. What is read, row by row:
 * the logits of each site; in models of several layers, the weights of a linear link (all zero) from each site to each
 * later one, which see how samples above and gradients below vary together; and θ past the samples.
 */
import { lastGradients, onTape, stop, tf } from "../../estimators/core/autodiff.ts";
import type { Named, Program, T } from "../../estimators/estimator.ts";
import type { Arrays, Task } from "../../tasks/task.ts";
import type { Engine, Fill, Noise } from "../engine/engine.ts";
import { zeroProbes } from "../train/program.ts";
import { runEstimator } from "../train/run-estimator.ts";
import { allInputs, prefixed } from "../train/step-inputs.ts";
import type { TrainingSetup } from "../train/training-setup.ts";
import { decoder } from "./problems.ts";

const sizeOf = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

export interface RowDraw {
  readonly rows: number;
  /** Coordinates of a row; those from `decoderFrom` on are of θ. */
  readonly labels: readonly string[];
  readonly decoderFrom: number;
  /** The uniforms that it met in its last run, by id. */
  readonly noise: ReadonlyMap<string, Uniforms>;
  /** Gradients [B · W]; `given` replaces uniforms by their id. */
  run(fill: Fill, given?: Arrays): Promise<Float32Array>;
  /** The same with the samples of the first play, by site. */
  runSampled(fill: Fill): Promise<{ readonly rows: Float32Array; readonly samples: Arrays }>;
}

/** Uniforms that an estimator asked for: [S, B, ...]. */
export interface Uniforms {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What checks change about the problem: how each sample is seen by the cost. */
export type See = (x: T) => T;

interface Link {
  readonly from: number;
  readonly to: number;
  readonly shape: readonly number[];
}

const linksOf = ({ sites }: Task): Link[] =>
  sites.flatMap(({ shape }, to) =>
    sites.slice(0, to).map((above, from) => ({ from, to, shape: [sizeOf(above.shape), sizeOf(shape)] })),
  );

interface Linking {
  readonly weights: readonly { readonly link: Link; readonly weight: T }[];
  readonly see: See;
  /** Filled with the samples of each play. */
  readonly plays: T[][];
}

/** The program with `x_from · W` added to the logits of later sites, W [B, from, to]. */
const linkedProgram =
  (task: Task, program: Program, { weights, see, plays }: Linking): Program =>
  (sample) => {
    const drawn: T[] = [];
    plays.push(drawn);
    return program((name, logits) => {
      const to = drawn.length;
      const shifted = weights
        .filter(({ link }) => link.to === to)
        .reduce((sum, { link, weight }) => {
          const x = drawn[link.from]!;
          const column = tf.reshape(x, [...x.shape.slice(0, 2), link.shape[0]!, 1]);
          const flat = tf.sum(tf.mul(column, weight), 2); // [S, B, to]
          return tf.add(sum, tf.reshape(flat, [...flat.shape.slice(0, 2), ...task.sites[to]!.shape]));
        }, logits);
      const x = sample(name, shifted);
      drawn.push(x);
      return see(x);
    });
  };

/** The task with linked sites. */
const linked = (task: Task, linking: Linking): Task => ({
  ...task,
  build(...given) {
    const built = task.build(...given);
    return { ...built, program: linkedProgram(task, built.program, linking) };
  },
  negativeLogWeight: (...given) => linkedProgram(task, task.negativeLogWeight(...given), linking),
});

const labelled = (name: string, shape: readonly number[]) =>
  Array.from({ length: sizeOf(shape) }, (_, i) => `${name}[${i}]`);

export const noiseId = (name: string, shape: readonly number[]) => `${name} ${shape.join("×")}`;

/** The tensors of one draw: gradients [B, W] of each row's own cost. */
function rowGradients(
  source: TrainingSetup,
  links: readonly Link[],
  { inputs, noise, see }: { inputs: Named; noise: Noise; see: See },
): { rows: T; first: readonly T[] } {
  const { task } = source;
  const rows = task.rows;
  const weights = links.map((link) => ({ link, weight: tf.zeros([rows, ...link.shape]) }));
  const probes = zeroProbes(task, rows);
  const theta = inputs[`task/${decoder}`];
  const perRow = theta && tf.tile(theta, [rows]);
  const plays: T[][] = [];
  const linkedSetup = { ...source, task: linked(task, { weights, see, plays }) };
  const given = perRow ? { ...inputs, [`task/${decoder}`]: perRow } : inputs;
  const { total } = runEstimator(linkedSetup, given, noise, { probes });
  const xs = [
    ...task.sites.map(({ name }) => probes[name]!),
    ...weights.map(({ weight }) => weight),
    ...(perRow ? [perRow] : []),
  ];
  const parts = lastGradients(total, xs).map((g) => tf.reshape(g, [rows, -1]));
  return { rows: tf.mul(tf.concat(parts, 1), rows), first: plays[0]! };
}

export async function rowDraw(engine: Engine, source: TrainingSetup, see: See = (x) => x): Promise<RowDraw> {
  const { task, initial } = source;
  const links = linksOf(task);
  const noise = new Map<string, Uniforms>();
  let wanted = false;
  const compiled = await engine.compile((inputs, drawn) => {
    noise.clear();
    const meet: Noise = (name, shape) => {
      const id = noiseId(name, shape);
      noise.set(id, { name, shape });
      return inputs[`noise/${id}`] ?? drawn(name, shape);
    };
    const { rows, first } = onTape(() => rowGradients(source, links, { inputs, noise: meet, see }));
    const samples = wanted ? first.map((x, i) => [task.sites[i]!.name, stop(x)] as const) : [];
    return { rows, ...prefixed("sample", Object.fromEntries(samples)) };
  }, {});
  const inputs = allInputs(source);
  const upstream = [
    ...task.sites.flatMap(({ name, shape }) => labelled(name, shape)),
    ...links.flatMap(({ from, to, shape }) =>
      labelled(`${task.sites[from]!.name}→${task.sites[to]!.name}`, shape),
    ),
  ];
  return {
    rows: task.rows,
    labels: decoder in initial.parameters ? [...upstream, decoder] : upstream,
    decoderFrom: upstream.length,
    noise,
    async run(fill, given = {}) {
      const outputs = await compiled.run({ ...inputs, ...prefixed("noise", given) }, fill);
      return outputs["rows"]!.values;
    },
    async runSampled(fill) {
      wanted = true;
      const { rows, ...samples } = await compiled.run(inputs, fill);
      wanted = false;
      return { rows: rows!.values, samples };
    },
  };
}

/**
 * The gradient of the exact objective by automatic differentiation equals finite differences, for each parameter along its
 * gradient and along a random direction: |D − g·v| ≤ .01 |g·v| + .001 ‖g‖, plus what float32 hides. The objective is E_q[cost] with
 * the divergences and the auxiliary loss over all outcomes; where these are too many, its values and log q at fixed samples.
 * Differences of second order are extrapolated from two steps, at three sizes, of which one must agree, so that a kink does
 * not fail. Directions are fixed: there are no error rates, but along one random direction an error in a few of many
 * coordinates may be small.
 */
import { lastGradients, tf } from "../../../estimators/core/autodiff.ts";
import type { T } from "../../../estimators/estimator.ts";
import type { Arrays } from "../../../tasks/task.ts";
import { plural } from "../../../reports/aggregate/numbers.ts";
import { normBetween } from "../exact/true-gradient.ts";
import { stream } from "../../train/noise-streams.ts";
import { type Check, fail, pass } from "../outcome.ts";
import { seed } from "../subject.ts";
import { evaluate, given, type Parts, type Scene } from "../scene-values.ts";
import type { TaskSubject } from "../task-scene.ts";

const relative = 0.01;
const ofNorm = 0.001;
/** What rounding may add to a difference of two objectives, as a share of their size. */
const rounding = 2e-6;

/** The objective of each row [B], and a scalar. */
function objective({ open, samples }: Parts, enumerated: boolean): { rows: T; scalar: T } {
  const { run, direct, auxiliary } = open();
  const { cost, logp } = run(given(samples));
  const rows = enumerated ? tf.sum(tf.mul(tf.exp(logp), cost), 0) : tf.mean(tf.add(cost, logp), 0);
  return { rows: tf.add(rows, direct() ?? 0), scalar: auxiliary ?? tf.scalar(0) };
}

interface Slope {
  readonly size: number;
  /** Of the whole objective at `parameters`. */
  readonly valueAt: (parameters: Arrays) => Promise<number>;
}

/** The derivative along v by extrapolated central differences with steps h and h/2. */
async function differenceAlong({ valueAt }: Slope, at: Arrays, name: string, v: Float64Array, h: number) {
  const { shape, values } = at[name]!;
  const central = async (step: number) => {
    const moved = (sign: number) =>
      valueAt({ ...at, [name]: { shape, values: values.map((x, i) => x + sign * step * v[i]!) } });
    return ((await moved(1)) - (await moved(-1))) / (2 * step);
  };
  return (4 * (await central(h / 2)) - (await central(h))) / 3;
}

const unit = (v: Float64Array): Float64Array => {
  const norm = normBetween(v);
  return v.map((x) => x / norm);
};

/** ±1 at random, as a unit vector. */
function randomDirection(name: string, n: number): Float64Array {
  const uniforms = new Float32Array(n);
  stream("check directions", seed)(name, uniforms);
  return unit(Float64Array.from(uniforms, (u) => (u < 0.5 ? -1 : 1)));
}

/** What is wrong with the gradient of a parameter, or undefined. */
async function faultOf(
  slope: Slope,
  at: Arrays,
  name: string,
  gradient: Float32Array,
): Promise<string | undefined> {
  const g = Float64Array.from(gradient);
  const norm = normBetween(g);
  const directions = [...(norm > 0 ? [unit(g)] : []), randomDirection(name, g.length)];
  for (const v of directions) {
    const claimed = g.reduce((sum, x, i) => sum + x * v[i]!, 0);
    let best = { found: NaN, off: Infinity };
    for (const shrink of [1, 4, 16]) {
      const h = Math.min((0.02 * slope.size) / Math.abs(claimed), 0.1) / shrink;
      const found = await differenceAlong(slope, at, name, v, h);
      const allowed = relative * Math.abs(claimed) + ofNorm * norm + (rounding * slope.size) / h;
      const off = Math.abs(found - claimed) / allowed;
      if (off < best.off) best = { found, off };
      if (off <= 1) break;
    }
    if (!(best.off <= 1)) return `${claimed.toPrecision(3)} along ${v === directions.at(-1) ? "a random direction" : "its gradient"}, but finite differences give ${best.found.toPrecision(3)}`; // prettier-ignore
  }
  return undefined;
}

async function slopeOf({ engine }: TaskSubject, scene: Scene): Promise<Slope> {
  const valueAt = async (parameters: Arrays) => {
    const { rows, scalar } = await evaluate(engine, { ...scene, parameters }, (parts) => ({
      ...objective(parts, scene.enumerated),
    }));
    return rows!.values.reduce((a, b) => a + b, 0) / rows!.values.length + scalar!.values[0]!;
  };
  return { valueAt, size: 1 + Math.abs(await valueAt(scene.parameters)) };
}

export const derivatives: Check<TaskSubject> = {
  name: "derivatives",
  async run(subject) {
    const scene = await subject.small();
    const slope = await slopeOf(subject, scene);
    const names = Object.keys(scene.parameters);
    const gradients = await evaluate(subject.engine, scene, (parts) => {
      const { rows, scalar } = objective(parts, scene.enumerated);
      const found = lastGradients(tf.add(tf.mean(rows), scalar), names.map((name) => parts.parameters[name]!)); // prettier-ignore
      return Object.fromEntries(names.map((name, i) => [name, found[i]!]));
    });
    const on = scene.changes === "" ? "" : ` (with ${scene.changes})`;
    for (const name of names) {
      const fault = await faultOf(slope, scene.parameters, name, gradients[name]!.values);
      if (fault !== undefined)
        return fail(
          `The gradient of ${name} is ${fault}${on}. See derivatives written by hand, and operations that have none, such as step, round, argMax and stop.`,
        );
    }
    const of = scene.enumerated ? "the exact objective" : "the cost and log q of fixed samples";
    return pass(
      `Gradients of ${of} equal finite differences, for ${plural(names.length, "parameter")}${on}.`,
    );
  },
};

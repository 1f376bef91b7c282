/** Compiles one draw of the gradient at fixed parameters: what gradient statistics and `bench variance` are made of. */
import { lastGradients, onTape, tf } from "../../estimators/core/autodiff.ts";
import type { Named } from "../../estimators/estimator.ts";
import type { Arrays } from "../../tasks/task.ts";
import type { Body, Compiled, Engine } from "../engine/engine.ts";
import { counter, zeroProbes, type Evaluations } from "./program.ts";
import { runEstimator } from "./run-estimator.ts";
import { allInputs, shapesOf } from "./step-inputs.ts";
import { findUpstream, type TrainingSetup } from "./training-setup.ts";

export interface CompiledDraw extends Compiled {
  /** Evaluations of the cost that a draw makes; known once it has been run or traced. */
  evaluations(): Evaluations | undefined;
}

/**
 * One draw of the gradient: `parameters/NAME` for the parameters named, by default all that the samples depend on, and
 * `logits/SITE` [B, ...shape], the gradient of each row's own cost with respect to its logits, through the samples only.
 */
export async function compileDraw(
  engine: Engine,
  setup: TrainingSetup,
  parameters?: readonly string[],
): Promise<CompiledDraw> {
  const { task } = setup;
  const names = parameters ?? (await findUpstream(setup));
  const sites = task.sites.map(({ name }) => name);
  let counted: Evaluations | undefined;
  const body: Body = (inputs, noise) => {
    const probes = zeroProbes(task, task.rows);
    const watch = counted ? undefined : counter();
    const outputs: Named = {};
    onTape(() => {
      const { total } = runEstimator(setup, inputs, noise, { probes, counter: watch });
      const xs = [...names.map((name) => inputs[`task/${name}`]!), ...sites.map((name) => probes[name]!)];
      lastGradients(total, xs).forEach((g, i) => {
        const site = sites[i - names.length];
        if (site === undefined) outputs[`parameters/${names[i]}`] = g;
        else outputs[`logits/${site}`] = tf.mul(tf.squeeze(g, [0]), task.rows);
      });
    });
    counted ??= watch?.count();
    return outputs;
  };
  const shapes = shapesOf(allInputs(setup, 0, new Int32Array(task.rows)));
  return { ...(await engine.compile(body, shapes)), evaluations: () => counted };
}

/** The arrays of a draw under a prefix, one after another. */
export function flatGradient(draw: Arrays, prefix: "parameters/" | "logits/"): Float64Array {
  const parts = Object.entries(draw).flatMap(([name, { values }]) =>
    name.startsWith(prefix) ? [values] : [],
  );
  const flat = new Float64Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    flat.set(part, at);
    at += part.length;
  }
  return flat;
}

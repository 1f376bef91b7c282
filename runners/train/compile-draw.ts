/** Compiles draws of the gradient at fixed parameters: what gradient statistics and `bench variance` are made of. */
import { lastGradients, onTape, tf } from "../../estimators/core/autodiff.ts";
import type { Named } from "../../estimators/estimator.ts";
import type { Body, CompiledDraws, Engine } from "../engine/engine.ts";
import { counter, zeroProbes, type Evaluations } from "./program.ts";
import { runEstimator } from "./run-estimator.ts";
import { allInputs, shapesOf } from "./step-inputs.ts";
import { findUpstream, type TrainingSetup } from "./training-setup.ts";

export interface CompiledDraw extends CompiledDraws {
  /** Evaluations of the cost that a draw makes; known once it has been run or traced. */
  evaluations(): Evaluations | undefined;
}

/**
 * Draws of the gradient, of which `most` are wanted: `parameters/NAME` for the parameters named, by default all that the
 * samples depend on, and `logits/SITE` [B, ...shape], the gradient of each row's own cost with respect to its logits, through
 * the samples only.
 */
export async function compileDraw(
  engine: Engine,
  setup: TrainingSetup,
  most: number,
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
  return { ...(await engine.compileDraws(body, shapes, most)), evaluations: () => counted };
}

/** Measures bias and variance of an estimator at fixed parameters and on a fixed batch. */
import { compileDraw, type CompiledDraw } from "../train/compile-draw.ts";
import { sumDraws } from "../train/draw-sums.ts";
import { measureGradients } from "../train/gradient-statistics.ts";
import { drawStream } from "../train/noise-streams.ts";
import { drawInputs, type DrawConditions, type LabelledEstimator } from "./gradient-draws.ts";
import { blocks } from "./moments.ts";
import type { Reference } from "./reference.ts";
import type { VarianceRow } from "../../reports/format/variance-row.ts";
import { compareWithReference } from "./compare-with-reference.ts";

/** Where an estimator is measured. */
export interface MeasurementPoint {
  readonly conditions: DrawConditions;
  readonly draws: number;
  readonly reference: Reference;
  /** Further fixed batches and the draws on each, where the minibatch's noise is measured too. */
  readonly batches?: { readonly batches: number; readonly draws: number };
}

/** Measures one estimator at several points of one task; the draw is compiled once. */
export async function measureAtPoints(
  points: readonly MeasurementPoint[],
  estimator: LabelledEstimator,
): Promise<VarianceRow[]> {
  const rows: VarianceRow[] = [];
  let draw: CompiledDraw | undefined;
  try {
    for (const { conditions, draws, reference, batches } of points) {
      const { engine, task, taskLabel, seed, at } = conditions;
      const { setup, inputs } = await drawInputs(conditions, estimator);
      draw ??= await compileDraw(engine, setup, Math.max(...points.map((point) => point.draws)));
      const noise = drawStream("variance", task.name, seed, "draws");
      const plan = { blocks, enough: (n: number) => n >= draws, reference: reference.mean };
      const drawn = await sumDraws(draw, inputs, noise, plan);
      const evaluations = draw.evaluations()!;
      const step = at?.step ?? 0;
      rows.push({
        estimator: estimator.label,
        task: taskLabel,
        protocol: "frozen",
        step,
        draws,
        evaluations,
        ...compareWithReference(drawn, reference, { rows: task.rows, ...evaluations }),
        // As a run measures along its own training: the same batches and noise for the same seed and step.
        ...(batches && { batches: await measureGradients(draw, setup, { inputs, seed, step }, batches) }),
      });
    }
    return rows;
  } finally {
    draw?.dispose();
  }
}

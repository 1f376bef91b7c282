/**
 * Test vectors: one draw of an estimator on a small task, with everything that an implementation in another language needs to
 * compute the same gradient.
 *
 * Imports check/, plan/, train/, engine/ and what these may import. vector-tasks.ts has the tasks, npz.ts the format.
 */
import { lastGradients, tf } from "../../estimators/core/autodiff.ts";
import type { Settings, T } from "../../estimators/estimator.ts";
import type { Arrays } from "../../tasks/task.ts";
import { labelledEstimator } from "../check/choose-checked.ts";
import { enumerable, exactGradientOf } from "../check/exact/true-gradient.ts";
import { rowDraw } from "../check/gradient-draw.ts";
import { evaluate, given } from "../check/scene-values.ts";
import { movedStepOn, refusalOf, seed, type Subject } from "../check/subject.ts";
import type { Engine } from "../engine/engine.ts";
import { matching, parseSelections } from "../options/selection.ts";
import type { Registry } from "../plan/registry.ts";
import { stream } from "../train/noise-streams.ts";
import { prefixed } from "../train/step-inputs.ts";
import type { LabelledEstimator } from "../variance/gradient-draws.ts";
import { vectorRows, vectorTasks, type VectorTask } from "./vector-tasks.ts";

export interface TestVector {
  /** As selected: name:option=value. */
  readonly estimator: string;
  readonly task: string;
  readonly options: Settings;
  readonly unbiased: boolean | "direction";
  readonly needs: "values" | "derivatives";
  /** `own`: that of its formula, made of log weights. */
  readonly objective: "mean" | "multi-sample" | "own";
  readonly formula: string | null;
  readonly arrays: Arrays;
}

/** At the temperature 1, a temperature in the wrong place would not show. */
const preset: Settings = { temperature: 1.5 };

/** The estimators that texts such as `rloo:samples=2` name; without any, all that are built in. */
export function chooseVectors(texts: readonly string[], registry: Registry): LabelledEstimator[] {
  const named = parseSelections(texts.length === 0 ? ["*"] : texts, "bench export-vectors");
  const chosen = named.flatMap(({ name, options }) =>
    matching(name, "estimator", registry.estimators).map((entry) =>
      labelledEstimator(entry, options, registry, preset),
    ),
  );
  return [...new Map(chosen.map((one) => [one.label, one])).values()];
}

/** The vectors of an estimator on the tasks that it supports. */
export async function testVectors(tested: LabelledEstimator, engine: Engine): Promise<TestVector[]> {
  const vectors: TestVector[] = [];
  for (const task of vectorTasks)
    if (refusalOf(tested, task) === undefined) vectors.push(await testVector(tested, task, engine));
  return vectors;
}

async function testVector(
  { settings, label, ...tested }: LabelledEstimator,
  task: VectorTask,
  engine: Engine,
): Promise<TestVector> {
  const estimator = tested.estimator.on?.(task.definition.sites(task.settings)) ?? tested.estimator;
  const subject = { estimator, settings, label, engine } as Subject;
  const setup = await movedStepOn(subject, task, vectorRows);
  const draw = await rowDraw(engine, setup);
  const fill = stream("vectors", task.name, seed);
  const { gradients, samples } = await draw.runSampled(fill);
  const rows = Int32Array.from({ length: vectorRows }, (_, row) => row);
  const scene = { task: setup.task, setup, parameters: setup.initial.parameters, rows, samples };
  const values = await evaluate(
    engine,
    { ...scene, enumerated: false, changes: "" },
    ({ open, samples: fixed, batch }) => {
      let logits: T | undefined;
      const { cost } = open().run((site) => {
        logits = site.logits;
        return given(fixed)(site);
      });
      const [derivative] = lastGradients(tf.sum(cost), [fixed["z"]!]);
      return { logits: logits!, features: batch["features"]!, cost, derivative: derivative! };
    },
  );
  const { unbiased, needs, objective = "mean" } = estimator.claims;
  const event = [vectorRows, ...task.shape];
  const exact = (await enumerable(subject, task))
    ? {
        exact: {
          shape: event,
          values: Float32Array.from((await exactGradientOf(subject, task, vectorRows)).gradient),
        },
      }
    : {};
  const noise = [...draw.uniforms.values()].map(({ name, shape }) => {
    const uniforms = new Float32Array(shape.reduce((a, b) => a * b, 1));
    fill(name, uniforms);
    return [name, { shape, values: uniforms }] as const;
  });
  return {
    ...{ estimator: label, task: task.name, options: settings },
    unbiased,
    needs,
    objective: typeof objective === "function" ? "own" : objective,
    formula: estimator.formula ?? null,
    arrays: {
      ...values,
      logits: { shape: event, values: values["logits"]!.values },
      ...prefixed("noise", Object.fromEntries(noise)),
      ...prefixed("parameter", setup.initial.estimatorParameters),
      ...prefixed("state", setup.initial.state),
      sample: samples["z"]!,
      gradient: { shape: event, values: gradients },
      ...exact,
    },
  };
}

/** The index of vectors: the tasks, with their costs, and what each file holds. Its schema is docs/vectors.schema.json. */
export const vectorIndex = (vectors: readonly (TestVector & { readonly file: string })[]) => ({
  version: 1,
  tasks: Object.fromEntries(
    vectorTasks.map(({ name, doc, family, shape, cost }) => [name, { doc, family, shape, cost }]),
  ),
  vectors: vectors.map(({ arrays, ...vector }) => ({
    ...vector,
    arrays: Object.fromEntries(Object.entries(arrays).map(([name, { shape }]) => [name, shape])),
  })),
});

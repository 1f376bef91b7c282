/**
 * A step of the task can be traced once and run as a graph: it reads no value, draws no noise of its own and uses no tensor
 * from outside. Its costs and gradients are finite at parameters near the initial ones. Nothing is random: there are no error
 * rates.
 */
import { messageOf } from "../../errors.ts";
import { TraceError } from "../../engine/onnx/trace-error.ts";
import { trace } from "../../engine/onnx/trace.ts";
import { shapesOf } from "../../train/step-inputs.ts";
import { type Check, fail, pass } from "../outcome.ts";
import { bodyOf, evaluate, notFiniteIn, stepValues } from "../scene-values.ts";
import type { TaskSubject } from "../task-scene.ts";

export const traces: Check<TaskSubject> = {
  name: "traces",
  async run({ engine, whole }) {
    const scene = await whole();
    const bad = notFiniteIn(await evaluate(engine, scene, stepValues));
    const { body, inputs } = bodyOf(scene, stepValues);
    try {
      trace(body, shapesOf(inputs));
    } catch (error) {
      if (!(error instanceof TraceError)) throw error;
      return fail(
        `Its step cannot be traced: ${messageOf(error)}. A model takes all noise from its argument random, and its program computes with tensors alone.`,
      );
    }
    if (bad !== undefined)
      return fail(
        `Near the initial parameters the ${bad} is not finite; see init, and the ranges of the data.`,
      );
    return pass("A step is traced as a graph, with finite costs and gradients.");
  },
};

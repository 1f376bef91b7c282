/** What a plug-in that defines a task gets besides the toolkit of estimators. */
import { count } from "../estimators/core/shared-definition.ts";
import { readersIn } from "./data/index.ts";
import { tableTask } from "./models/table-task.ts";
import { toyTask } from "./models/toy.ts";
import { dense, initDense, initPerceptron, perceptron } from "./networks/dense.ts";
import { bernoulliCost } from "./networks/likelihood.ts";
import { task } from "./task.ts";

/** `folder` is that of the plug-in's file; readers look up relative paths from it. */
export const taskToolkit = (folder: string) => ({
  ...readersIn(folder),
  task,
  tableTask,
  toyTask,
  count,
  dense,
  initDense,
  perceptron,
  initPerceptron,
  bernoulliCost,
});
export type TaskToolkit = ReturnType<typeof taskToolkit>;

/**
 * The parts from which tasks are built. `taskToolkit` hands the same functions to plug-ins, where `tf` and the families come
 * with the toolkit of estimators. This is the package's export `./task`, together with the contract of a task.
 */
import { count } from "../estimators/core/shared-definition.ts";
import { readersIn } from "./data/index.ts";
import { categoricalOptions, categoricalShape } from "./models/categorical-options.ts";
import { standardNormal } from "./models/gaussian.ts";
import {
  binarised,
  imageOptions,
  imageTask,
  meanLogits,
  openImages,
  pixelRows,
} from "./models/image-task.ts";
import { tableTask } from "./models/table-task.ts";
import { toyOptions, toyTask, vector } from "./models/toy.ts";
import { dense, hiddenForm, hiddenSizes, initDense, initPerceptron, perceptron } from "./networks/dense.ts";
import { bernoulliCost, categoricalCost, gaussianCost } from "./networks/likelihood.ts";
import { task } from "./task.ts";

export * from "./task.ts";

/** `folder` is that of the plug-in's file; readers look up relative paths from it. */
export const taskToolkit = (folder: string) => ({
  /** The definition of a task, with its options typed. */
  task,
  /** A task whose only data are equal rows: a cost of samples whose logits are parameters. */
  ...{ toyTask, toyOptions, vector },
  /** A task on rows of numbers, and readers of files with such rows. */
  ...{ tableTask, ...readersIn(folder) },
  /** Options: a whole number, sizes of hidden layers, a layer of categorical variables. */
  ...{ count, hiddenForm, hiddenSizes, categoricalOptions, categoricalShape },
  /** Networks. */
  ...{ dense, initDense, perceptron, initPerceptron },
  /** −log p(x | parameters) in nats, and standard normal noise from uniforms. */
  ...{ bernoulliCost, categoricalCost, gaussianCost, standardNormal },
  /** Tasks on MNIST or other IDX files. */
  ...{ imageOptions, openImages, imageTask, pixelRows, binarised, meanLogits },
});
export type TaskToolkit = ReturnType<typeof taskToolkit>;

/**
 * The registry of tasks: first models, then exact toys.
 *
 * To add one: write its file, `tasks/NAME.ts` with the task as default export (read task.ts first, then bits.ts as an
 * example), import it here and add it to the list. Raise its `version` whenever its numbers change.
 */
import addition from "./addition.ts";
import bandit from "./bandit.ts";
import bern2 from "./bern2.ts";
import bestSubset from "./best-subset.ts";
import bits from "./bits.ts";
import cartpole from "./cartpole.ts";
import cat10 from "./cat10.ts";
import classifier from "./classifier.ts";
import coupledBits from "./coupled-bits.ts";
import coupledCategorical from "./coupled-categorical.ts";
import deepBern from "./deep-bern.ts";
import kool from "./kool.ts";
import l2x from "./l2x.ts";
import layeredBits from "./layered-bits.ts";
import listops from "./listops.ts";
import logicGates from "./logic-gates.ts";
import polynomial from "./polynomial.ts";
import quadratic from "./quadratic.ts";
import sbn10 from "./sbn10.ts";
import sbn2 from "./sbn2.ts";
import semi from "./semi.ts";
import vq from "./vq.ts";
import type { TaskDefinition } from "./task.ts";

export const tasks: readonly TaskDefinition[] = [
  bern2,
  cat10,
  deepBern,
  sbn2,
  sbn10,
  semi,
  classifier,
  logicGates,
  addition,
  vq,
  l2x,
  listops,
  bandit,
  cartpole,
  bits,
  kool,
  polynomial,
  quadratic,
  coupledBits,
  coupledCategorical,
  layeredBits,
  bestSubset,
];

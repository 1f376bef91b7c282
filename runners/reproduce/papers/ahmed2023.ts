import type { PaperData, TrainingExperiment } from "../paper.ts";

/** A data set of which k of 10 features are relevant. */
const l2x = (dataset: string, k: number): TrainingExperiment => ({
  kind: "training",
  id: dataset,
  title: `Learning to explain, ${dataset}, ${k} of 10 features`,
  source: "all relevant features found; Chen et al. 2018 draw box plots of ranks",
  derived: true,
  task: `l2x:dataset=${dataset}`,
  steps: 5000,
  quantities: [
    {
      ...{ name: "tpr", title: "true-positive rate", unit: "%", metric: "tpr", split: "test" },
      ...{ factor: 100, better: "higher", decimals: 1 },
    },
    {
      ...{ name: "accuracy", title: "test accuracy", unit: "%", metric: "accuracy", split: "test" },
      ...{ factor: 100, better: "higher", decimals: 1 },
    },
  ],
  columns: [
    { title: "SIMPLE", estimator: "st" },
    { title: "L2X (relaxed top-k)", estimator: "gs" },
    { title: "straight-through top-k", estimator: "st-gs" },
    { title: "I-MLE", estimator: `imle:kappa=${k},lambda=30` },
    { title: "RLOO (SFESS)", estimator: "rloo" },
  ].map((column) => ({ ...column, published: { tpr: 100 } })),
});

/** Ahmed et al. 2023: SIMPLE and others that learn to explain. */
export const ahmed2023: PaperData = {
  key: "ahmed2023",
  experiments: [l2x("xor", 2), l2x("orange-skin", 4), l2x("nonlinear-additive", 4), l2x("switch", 5)],
  stated: [
    "An explainer chooses k features, from which a second network predicts; subsets are sampled exactly in the forward pass.",
  ],
  chosen: [
    "The paper explains reviews of BeerAdvocate, which cannot be had here. These are the four synthetic data sets of Chen et al. 2018, whose relevant features are known; no value of the paper is compared.",
    "5,000 steps of Adam at 1e-3, 100 rows; networks 100-100 and 200-200; the relaxations have τ = .5, SIMPLE and I-MLE no temperature; I-MLE has λ = 30, untuned.",
  ],
};

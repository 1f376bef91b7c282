import type { PaperColumn, PaperData, Quantity } from "../paper.ts";

const cost: Quantity = {
  name: "cost",
  title: "loss",
  unit: "",
  metric: "cost",
  split: "train",
  factor: 1,
  better: "lower",
  decimals: 5,
};

const column = (title: string, estimator: string, value: number): PaperColumn => ({
  ...{ title, estimator },
  published: { cost: value },
});

/** Liu et al. 2023: polynomial programming at power 2. */
export const liu2023: PaperData = {
  key: "liu2023",
  experiments: [
    {
      kind: "training",
      id: "polynomial",
      title: "Polynomial programming, power 2",
      source: "end of training by the authors' code",
      task: "polynomial:power=2",
      steps: 8000,
      quantities: [cost],
      columns: [
        column("exact", "local-expectation", 0.20269),
        column("ReinMax", "reinmax:temperature=1", 0.20376),
        column("STGS", "st-gs:temperature=1", 0.24585),
        column("ST", "st", 0.24751),
      ],
    },
  ],
  stated: [
    "E mean_i |z_i − .45|², 128 categorical variables with K = 2, θ ~ U(±.01), 64 rows, Adam 1e-3 with ε = 1e-8, 8000 steps.",
  ],
  chosen: [
    "The authors' number is the mean loss of the last 200 steps; ours is the cost of 1000 fresh rows after the last step.",
    "The exact gradient is local-expectation, which is exact here because the cost is a sum over the variables (2¹²⁸ configurations cannot be enumerated).",
  ],
};

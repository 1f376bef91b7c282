import type { PaperData } from "../paper.ts";

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
      quantities: [
        { name: "cost", title: "loss", metric: "cost", split: "train", better: "lower", decimals: 5 },
      ],
      columns: [
        { title: "exact", estimator: "local-expectation", published: { cost: 0.20269 } },
        { title: "ReinMax", estimator: "reinmax:temperature=1", published: { cost: 0.20376 } },
        { title: "STGS", estimator: "st-gs:temperature=1", published: { cost: 0.24585 } },
        { title: "ST", estimator: "st", published: { cost: 0.24751 } },
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

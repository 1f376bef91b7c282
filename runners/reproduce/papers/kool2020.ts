import type { PaperColumn, PaperData } from "../paper.ts";

const column = (title: string, estimator: string, variance: number): PaperColumn => ({
  title,
  estimator,
  published: { gradient: -0.045, variance },
});

/** Kool, van Hoof & Welling 2020: three Bernoulli variables that share a logit. */
export const kool2020: PaperData = {
  key: "kool2020",
  experiments: [
    {
      kind: "variance",
      id: "toy",
      title: "Three bits that share a logit, at η = 0",
      source: "exact values by enumeration, where the paper draws curves",
      derived: true,
      task: "kool",
      draws: 100_000,
      columns: [
        column("REINFORCE", "reinforce:baseline=none", 0.43842),
        column("RLOO, S = 2", "rloo:samples=2", 0.007275),
        column("DisARM", "disarm", 0.00465),
        column("unordered set, k = 2", "unordered-set:samples=2", 0.0061125),
      ],
    },
  ],
  stated: ["E Σ (b_i − c_i)², c = (.6, .51, .48), one logit η for the three."],
  chosen: [
    "The paper draws its variances against η; the values beside ours are exact, by enumeration of (pairs of) outcomes at η = 0.",
  ],
};

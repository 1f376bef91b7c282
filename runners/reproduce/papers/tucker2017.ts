import type { PaperColumn, PaperData, Quantity, TrainingExperiment } from "../paper.ts";

const loss: readonly Quantity[] = [
  { name: "cost", title: "loss", metric: "cost", split: "train", better: "lower", decimals: 5 },
];

const variance = (title: string, estimator: string, value: number): PaperColumn => ({
  title,
  estimator,
  published: { gradient: 0.025, variance: value },
});

/** Training on E (b − t)², which is least, t², where b = 0: the better of the two outcomes for t < ½. */
function training(id: string, t: number): TrainingExperiment {
  const published = { cost: Number((t * t).toPrecision(9)) };
  return {
    kind: "training",
    id,
    title: `One bit towards t = ${t}`,
    source: "the optimum t², where the papers draw curves",
    derived: true,
    task: `bits:t=${t},rows=1,learning-rate=0.01`,
    steps: 10_000,
    variances: true,
    quantities: loss,
    columns: [
      { title: "REINFORCE", estimator: "reinforce:baseline=none", published },
      { title: "REBAR", estimator: "rebar:control-rate=1", published },
      { title: "RELAX", estimator: "relax:control-rate=1", published },
      { title: "REINFORCE, moving average", estimator: "reinforce", published },
    ],
  };
}

/** Tucker et al. 2017 and, with t = .499, Grathwohl et al. 2017: one Bernoulli variable. */
export const tucker2017: PaperData = {
  key: "tucker2017",
  experiments: [
    {
      kind: "variance",
      id: "variance",
      title: "One bit, t = .45, p = ½",
      source: "closed forms, where the paper draws curves",
      derived: true,
      task: "bits:t=0.45",
      draws: 100_000,
      columns: [
        variance("REINFORCE", "reinforce:baseline=none", 0.0159390625),
        variance("RLOO, S = 2", "rloo:samples=2", 0.000625),
        variance("ARM", "arm", 0.00020833333),
        variance("DisARM", "disarm", 0),
      ],
    },
    training("rebar-toy", 0.45),
    training("middle-toy", 0.49),
    training("relax-toy", 0.499),
  ],
  groups: { curves: ["rebar-toy", "middle-toy", "relax-toy"] },
  stated: ["E (b − t)², b one Bernoulli variable; t = .45 (REBAR), .499 (RELAX)."],
  chosen: [
    "Both papers draw curves and print no numbers: variances are compared with their closed forms at p = ½, end values with the optimum t², which an estimator with too much variance misses.",
    "One row a step, Adam at .01 for all parameters, 10,000 steps.",
    "REINFORCE has no baseline in both papers. With a moving average it is nearly exact here: at p = ½ and a baseline equal to the mean cost both outcomes give the same gradient.",
  ],
};

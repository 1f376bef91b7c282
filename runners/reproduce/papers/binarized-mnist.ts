import type { PaperData } from "../paper.ts";

/** The binarisation that the papers on belief nets use, which differs from ours. */
export const binarizedMnist: NonNullable<PaperData["data"]> = {
  sums: {
    "train-images-idx3-ubyte": "19fd26812fb0f0ed11e913ae686a207b",
    "valid-images-idx3-ubyte": "cb993ac8ef756c224ae4db0eeab95669",
    "test-images-idx3-ubyte": "9f1602d5a50e19dfb708b380a72556be",
  },
  where:
    "Larochelle's fixed binarisation, http://www.cs.toronto.edu/~larocheh/public/datasets/binarized_mnist/ " +
    "(binarized_mnist_{train,valid,test}.amat), rewritten as IDX files of 0 and 1 ({train,valid,test}-images-idx3-ubyte), by --data DIR",
};

/** All kernels that a traced step may use, by tfjs's names. */
import { arrangementKernels } from "./arrangements.ts";
import { convolutionKernels } from "./convolutions.ts";
import { elementwiseKernels } from "./elementwise.ts";
import type { Kernels } from "./kernel.ts";
import { productKernels } from "./products.ts";
import { reductionKernels } from "./reductions.ts";

export const kernels: Kernels = {
  ...elementwiseKernels,
  ...reductionKernels,
  ...arrangementKernels,
  ...productKernels,
  ...convolutionKernels,
};

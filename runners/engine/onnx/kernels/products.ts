/** Matrix products and batch normalisation. */
import { add, div, mul, sub, unary } from "../graph/algebra.ts";
import { matmul } from "../graph/arrange.ts";
import type { Kernel, Kernels } from "./kernel.ts";

const product: Kernel = (g, { a, b }, { transposeA, transposeB }) =>
  matmul(g, a!, b!, Boolean(transposeA), Boolean(transposeB));

/** Batch normalisation with given moments, elementwise over the last axis. */
const normalised: Kernel = (g, { x, mean, variance, scale, offset }, { varianceEpsilon }) => {
  const deviation = unary(g, "Sqrt", add(g, variance!, g.scalar(varianceEpsilon as number)));
  const divided = div(g, sub(g, x!, mean!), deviation);
  const scaled = scale ? mul(g, divided, scale) : divided;
  return offset ? add(g, scaled, offset) : scaled;
};

export const productKernels: Kernels = { BatchMatMul: product, FusedBatchNorm: normalised };

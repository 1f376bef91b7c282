/** Matrix products and what tfjs fuses with them. */
import type { Builder } from "../graph/builder.ts";
import type { Value } from "../graph/value.ts";
import { add, unary } from "../graph/algebra.ts";
import { matmul } from "../graph/arrange.ts";
import { elementwiseKernels } from "./elementwise.ts";
import type { Attrs, Kernel, Kernels } from "./kernel.ts";

const product: Kernel = (g, { a, b }, { transposeA, transposeB }) =>
  matmul(g, a!, b!, Boolean(transposeA), Boolean(transposeB));

const activations: Readonly<Record<string, string>> = {
  ...{ relu: "Relu", relu6: "Relu6", elu: "Elu", sigmoid: "Sigmoid", prelu: "Prelu", leakyrelu: "LeakyRelu" },
};

/** The activation that a fused kernel ends with. */
export function activated(
  g: Builder,
  x: Value,
  inputs: Readonly<Record<string, Value>>,
  attrs: Attrs,
): Value {
  const name = (attrs["activation"] as string | undefined) ?? "linear";
  if (name === "linear") return x;
  const kernel = activations[name] && elementwiseKernels[activations[name]];
  if (!kernel)
    throw new Error(`fused: activation must be one of ${Object.keys(activations).join(", ")}, got ${name}`);
  const alpha = inputs["preluActivationWeights"];
  const given = { x, ...(alpha ? { alpha } : {}) };
  return kernel(g, given, { alpha: attrs["leakyreluAlpha"] as number }) as Value;
}

const fused: Kernel = (g, inputs, attrs) => {
  const made = product(g, inputs, attrs) as Value;
  return activated(g, inputs["bias"] ? add(g, made, inputs["bias"]) : made, inputs, attrs);
};

const einsum: Kernel = (g, inputs, { equation }) => {
  const operands = Object.values(inputs);
  const [left, right] = (equation as string).replaceAll(" ", "").split("->");
  const sizes = new Map<string, number>();
  for (const [i, term] of left!.split(",").entries())
    for (const [axis, letter] of [...term].entries()) sizes.set(letter, operands[i]!.shape[axis]!);
  const shape = [...right!].map((letter) => sizes.get(letter)!);
  return g.apply("Einsum", operands, { equation: `${left}->${right}` }, { type: operands[0]!.type, shape });
};

/** Batch normalisation with given moments, elementwise over the last axis. */
const normalised: Kernel = (g, { x, mean, variance, scale, offset }, { varianceEpsilon }) => {
  const centred = elementwiseKernels["Sub"]!(g, { a: x!, b: mean! }, {}) as Value;
  const spread = unary(g, "Sqrt", add(g, variance!, g.scalar(varianceEpsilon as number)));
  const divided = elementwiseKernels["RealDiv"]!(g, { a: centred, b: spread }, {}) as Value;
  const scaled = scale
    ? (elementwiseKernels["Multiply"]!(g, { a: divided, b: scale }, {}) as Value)
    : divided;
  return offset ? add(g, scaled, offset) : scaled;
};

export const productKernels: Kernels = {
  BatchMatMul: product,
  _FusedMatMul: fused,
  Einsum: einsum,
  FusedBatchNorm: normalised,
};

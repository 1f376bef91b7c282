/** Rules that move biases, constant factors and sums over rows into matrix products. */
import { mul, reshape } from "../graph/algebra.ts";
import { reducedAxes } from "../graph/arrange.ts";
import { type Attribute, type Value, madeBy, scalarOf, sizeOf } from "../graph/value.ts";
import type { Rule } from "./rewrite.ts";

const factorOf = (attribute: Attribute | undefined): number =>
  typeof attribute === "object" && "float" in attribute ? attribute.float : 1;

/** ab + c, c a row, in one product. */
export const biased: Rule = ({ g, before, inputs, uses }) => {
  if (before.op !== "Add") return undefined;
  for (const [i, other] of [
    [0, 1],
    [1, 0],
  ] as const) {
    const product = madeBy(inputs[i]!, "Gemm");
    const bias = inputs[other]!;
    if (product?.inputs.length !== 2 || uses(before.inputs[i]!) !== 1) continue;
    const { shape } = product.outputs[0]!;
    const isRow = sizeOf(bias.shape) === shape[1] && bias.shape.at(-1) === shape[1];
    if (isRow && bias.type === "float32" && before.outputs[0]!.shape.length === 2)
      return g.apply("Gemm", [...product.inputs, bias], product.attributes, shape);
  }
  return undefined;
};

/** x as a product of a constant and a rest; undefined where it is none. */
function factored(x: Value): { factor: number; rest: Value } | undefined {
  const inputs = madeBy(x, "Mul")?.inputs ?? [];
  const at = inputs.findIndex((y) => scalarOf(y) !== undefined);
  return at < 0 ? undefined : { factor: scalarOf(inputs[at]!)!, rest: inputs[1 - at]! };
}

/** (cX)Y = c(XY): in the product the factor costs nothing, outside it another pass over X. */
export const scaled: Rule = ({ g, before, inputs }) => {
  if (before.op !== "Gemm" || inputs.length !== 2) return undefined;
  let factor = factorOf(before.attributes["alpha"]);
  const stripped = inputs.map((x) => {
    const product = factored(x);
    if (product?.rest.shape.length !== 2) return x;
    factor *= product.factor;
    return product.rest;
  });
  if (stripped.every((x, i) => x === inputs[i])) return undefined;
  return g.apply(
    "Gemm",
    stripped,
    { ...before.attributes, alpha: { float: factor } },
    before.outputs[0]!.shape,
  );
};

/** A sum over many rows is a product with ones: a bias's gradient. */
export const summedRows: Rule = ({ g, before, inputs }) => {
  const [x] = inputs;
  if (before.op !== "ReduceSum" || x?.type !== "float32") return undefined;
  const axes = reducedAxes(before);
  const n = x.shape.at(-1)!;
  const m = sizeOf(x.shape) / n;
  if (axes.length !== x.shape.length - 1 || axes.includes(x.shape.length - 1) || m < 8 || n < 8)
    return undefined;
  const ones = g.constant(new Float32Array(m).fill(1), [1, m], "float32");
  const attributes = { transA: 0, transB: 0 };
  const sum = g.apply("Gemm", [ones, reshape(g, x, [m, n])], attributes, [1, n]);
  return reshape(g, sum, before.outputs[0]!.shape);
};

/** aX ± bY with equal or opposite constants: one factor outside. */
export const commonFactor: Rule = ({ g, before, inputs, uses }) => {
  if (before.op !== "Add" && before.op !== "Sub") return undefined;
  const [left, right] = inputs.map(factored);
  if (!left || !right || !before.inputs.every((x) => uses(x) === 1)) return undefined;
  if (left.rest.shape.join() !== right.rest.shape.join() || Math.abs(left.factor) !== Math.abs(right.factor))
    return undefined;
  const added = (left.factor === right.factor) === (before.op === "Add");
  const { shape } = before.outputs[0]!;
  const [a, b, factor] = !added && left.factor < 0 ? [right.rest, left.rest, -left.factor] : [left.rest, right.rest, left.factor]; // prettier-ignore
  if (!added && before.op === "Sub" && left.factor < 0) return undefined;
  return mul(g, g.apply(added ? "Add" : "Sub", [a, b], {}, shape), g.scalar(factor));
};

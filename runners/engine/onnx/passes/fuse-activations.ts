/** Rules that write the gradient of relu, softmax and softplus in forms that ONNX Runtime computes fast. */
import { add, div, log1p, neg, reshape, sub, unary } from "../graph/algebra.ts";
import { reduce, reducedAxes } from "../graph/arrange.ts";
import type { Builder } from "../graph/builder.ts";
import { type Value, madeBy, sameShape, scalarOf } from "../graph/value.ts";
import type { Rule } from "./rewrite.ts";

/** 1[x > 0] computed from relu(x), so that x itself is used once and the product that makes it is fused with the relu. */
export const stepOfRelu: Rule = ({ g, before, inputs, users }) => {
  const { alpha } = before.attributes;
  if (before.op !== "HardSigmoid" || (alpha as { float: number }).float !== 1e38) return undefined;
  if (!users(before.inputs[0]!).some(({ op }) => op === "Relu")) return undefined;
  return unary(g, "HardSigmoid", unary(g, "Relu", inputs[0]!), before.attributes);
};

/** The most outcomes of a softmax that is written out: the operator costs some 50 ns a row whatever its length. */
const NARROW = 32;

export const narrowSoftmax: Rule = ({ g, before, inputs }) => {
  const [x] = inputs;
  if (before.op !== "Softmax" || !x) return undefined;
  const axis = before.attributes["axis"] as number;
  if (axis !== x.shape.length - 1 || x.shape[axis]! > NARROW) return undefined;
  const e = unary(g, "Exp", sub(g, x, reduce(g, "ReduceMax", x, [axis], true)));
  return div(g, e, reduce(g, "ReduceSum", e, [axis], true));
};

/** x − (log Σ exp(x − max) + max) over many outcomes is LogSoftmax. */
export const wideLogSoftmax: Rule = ({ g, before, inputs }) => {
  const [x, normaliser] = inputs;
  if (before.op !== "Sub" || !x || !normaliser) return undefined;
  const axis = x.shape.length - 1;
  const [log, top] = madeBy(normaliser, "Add")?.inputs ?? [];
  const total = log && madeBy(log, "Log")?.inputs[0];
  const exp = total && madeBy(total, "ReduceSum")?.inputs[0];
  const shifted = exp && madeBy(exp, "Exp")?.inputs[0];
  const parts = shifted && madeBy(shifted, "Sub")?.inputs;
  if (!parts || !top || parts[0] !== x || parts[1] !== top || x.shape[axis]! <= NARROW) return undefined;
  const maximum = madeBy(top, "ReduceMax");
  const last = [...x.shape.slice(0, -1), 1];
  if (maximum?.inputs[0] !== x || !sameShape(top.shape, last) || !sameShape(total.shape, last))
    return undefined;
  return g.apply("LogSoftmax", [x], { axis }, x.shape);
};

/** relu(x) + log(1 + exp(−|x|)), without loss where the exponential is small. */
export const softplus: Rule = ({ g, before, inputs }) => {
  const [x] = inputs;
  if (before.op !== "Softplus" || !x) return undefined;
  return add(g, unary(g, "Relu", x), log1p(g, unary(g, "Exp", neg(g, unary(g, "Abs", x)))));
};

/**
 * log u − log(1 − u) of uniforms by one logarithm. Uniforms are odd multiples of 2⁻²⁴ in (0, 1): 1 − u is exact, and the
 * odds lie between 2⁻²⁴ and 2²⁴, where neither the quotient nor its logarithm loses more than rounding.
 */
export const logistic: Rule = ({ g, before, inputs }) => {
  if (before.op !== "Sub") return undefined;
  const [u, rest] = inputs.map((input) => madeBy(input, "Log")?.inputs[0]);
  const [one, from] = (rest && madeBy(rest, "Sub")?.inputs) ?? [];
  if (!u || !rest || !one || from !== u || scalarOf(one) !== 1) return undefined;
  if (u.source.kind !== "input" || !u.source.noise) return undefined;
  return unary(g, "Log", div(g, u, rest));
};

/** The most factors in a product. A product of 64 factors of at least ½ is far above the smallest float32. */
const GROUP = 64;

/**
 * Σ softplus(x) = Σ relu(x) − Σ log Π σ(|x|), the products over groups: one logarithm a group. σ(|x|) ≥ ½, so that
 * nothing underflows; log σ(x) itself must never be formed, σ being exactly 0 in ONNX Runtime far below 0.
 */
export const sumOfSoftplus: Rule = ({ g, before, inputs }) => {
  if (before.op !== "ReduceSum") return undefined;
  const made = summed(g, inputs[0]!, reducedAxes(before));
  return made && reshape(g, made, before.outputs[0]!.shape);
};

/** The sum over these axes, which are dropped. Undefined where the last is not among them or there is no softplus. */
function summed(g: Builder, x: Value, axes: readonly number[]): Value | undefined {
  const last = x.shape.length - 1;
  const flat = madeBy(x, "Reshape")?.inputs[0];
  if (flat && flat.shape.at(-1) === x.shape[last] && axes.length === 1 && axes[0] === last) return summed(g, flat, [flat.shape.length - 1]); // prettier-ignore
  const group = groupOf(x.shape[last] ?? 0);
  if (!axes.includes(last) || group === undefined) return undefined;
  const terms = termsOf(x);
  const fits = terms.every(({ value }) => sameShape(value.shape, x.shape));
  if (!fits || !terms.some(({ value }) => softplusOf(g, value))) return undefined;
  let plain: Value | undefined;
  let logs: Value | undefined;
  for (const { value, sign } of terms) {
    const inner = softplusOf(g, value);
    plain = accumulate(g, plain, inner ? unary(g, "Relu", inner) : value, sign);
    if (inner) logs = accumulate(g, logs, logOfProducts(g, inner, group), sign);
  }
  return sub(g, reduce(g, "ReduceSum", plain!, axes, false), reduce(g, "ReduceSum", logs!, axes, false));
}

/** x where the value is softplus(x), also if the leading axes were reshaped. */
function softplusOf(g: Builder, value: Value): Value | undefined {
  const direct = madeBy(value, "Softplus")?.inputs[0];
  const flat = madeBy(value, "Reshape")?.inputs[0];
  const inner = flat && madeBy(flat, "Softplus")?.inputs[0];
  return (
    direct ??
    (inner && inner.shape.at(-1) === value.shape.at(-1) ? reshape(g, inner, value.shape) : undefined)
  );
}

function logOfProducts(g: Builder, x: Value, group: number): Value {
  const n = x.shape.at(-1)!;
  const lead = x.shape.slice(0, -1);
  const factors = reshape(g, unary(g, "Sigmoid", unary(g, "Abs", x)), [...lead, n / group, group]);
  return unary(g, "Log", reduce(g, "ReduceProd", factors, [x.shape.length], false));
}

function groupOf(n: number): number | undefined {
  for (let k = Math.min(GROUP, n); k >= 8; k--) if (n % k === 0) return k;
  return undefined;
}

interface Term {
  readonly value: Value;
  readonly sign: 1 | -1;
}

/** The terms of a sum; a term without softplus is not split further. */
function termsOf(x: Value, sign: 1 | -1 = 1): Term[] {
  const node = madeBy(x, "Add", "Sub", "Neg");
  if (!node || !hasSoftplus(x)) return [{ value: x, sign }];
  const [a, b] = node.inputs;
  const opposite = sign === 1 ? -1 : 1;
  if (node.op === "Neg") return termsOf(a!, opposite);
  return [...termsOf(a!, sign), ...termsOf(b!, node.op === "Sub" ? opposite : sign)];
}

function hasSoftplus(x: Value): boolean {
  if (madeBy(x, "Softplus") || madeBy(madeBy(x, "Reshape")?.inputs[0] ?? x, "Softplus")) return true;
  return madeBy(x, "Add", "Sub", "Neg")?.inputs.some(hasSoftplus) ?? false;
}

function accumulate(g: Builder, sum: Value | undefined, x: Value, sign: 1 | -1): Value {
  if (!sum) return sign === 1 ? x : neg(g, x);
  return sign === 1 ? add(g, sum, x) : sub(g, sum, x);
}

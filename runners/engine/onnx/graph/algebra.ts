/**
 * Elementwise operations. An operand that is a broadcast copy (Expand) is used unexpanded and the result is expanded, so that a
 * value that autodiff copies over a batch is computed once.
 *
 * A product with a constant zero is zero, also where the other factor is infinite. Autodiff makes such products where there
 * is no dependence, and they would cost matrix products further on.
 */
import type { Attributes, Builder } from "./builder.ts";
import { type ElementType, type Value, broadcast, madeBy, sameShape, scalarOf, sizeOf } from "./value.ts";

const f = Math.fround;

/** Operators that are computed while tracing, where all operands are numbers, in float32. */
const folds: Readonly<Record<string, (...x: number[]) => number>> = {
  Add: (a, b) => f(a + b),
  Sub: (a, b) => f(a - b),
  Mul: (a, b) => f(a * b),
  Div: (a, b) => f(a / b),
  Neg: (a) => -a,
  Abs: (a) => Math.abs(a),
  Sqrt: (a) => f(Math.sqrt(a)),
  Exp: (a) => f(Math.exp(a)),
  Log: (a) => f(Math.log(a)),
  Relu: (a) => Math.max(a, 0),
  Reciprocal: (a) => f(1 / a),
};

/** The value that x is a broadcast copy of, or x itself. */
export const core = (x: Value): Value => madeBy(x, "Expand")?.inputs[0] ?? x;

export function expand(g: Builder, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  const inner = core(x);
  return g.apply("Expand", [inner, g.indices(shape)], {}, shape);
}

/** Reshape keeps the order of the elements. */
export function reshape(g: Builder, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  const inner = core(x);
  if (sizeOf(inner.shape) === 1) return expand(g, flat(g, inner, []), shape);
  return flat(g, madeBy(x, "Reshape")?.inputs[0] ?? x, shape);
}

function flat(g: Builder, x: Value, shape: readonly number[]): Value {
  if (sameShape(x.shape, shape)) return x;
  if (x.source.kind === "constant") return g.constant(x.source.elements, shape, x.type);
  return g.apply("Reshape", [x, g.indices(shape)], {}, shape);
}

/** Any elementwise operator of ONNX that broadcasts. Throws where the shapes do not. */
export function elementwise(
  g: Builder,
  op: string,
  operands: readonly Value[],
  type: ElementType = operands[0]!.type,
  attributes: Attributes = {},
): Value {
  const shape = broadcast(...operands.map((x) => x.shape));
  if (!shape) {
    const shapes = operands.map((x) => `[${x.shape.join()}]`).join(" and ");
    throw new Error(`the shapes ${shapes} of ${op} do not broadcast: each axis must be equal in all, or 1`);
  }
  const cores = operands.map(core);
  const numbers = cores.map(scalarOf);
  const fold = folds[op];
  if (fold && type === "float32" && numbers.every((x) => x !== undefined))
    return expand(g, g.scalar(fold(...numbers)), shape);
  return expand(g, onCores(g, op, cores, type, attributes), shape);
}

function onCores(g: Builder, op: string, cores: Value[], type: ElementType, attributes: Attributes): Value {
  const shape = broadcast(...cores.map((x) => x.shape))!;
  const inner = cores.flatMap((x) => madeBy(x, "Reshape")?.inputs[0] ?? []).find((x) => sizeOf(x.shape) > 1);
  const unshaped = inner && cores.map((x) => alignedTo(g, x, inner.shape, shape));
  // Reshapes move behind elementwise operators, so that products, biases and activations stay neighbours.
  if (unshaped?.every((x) => x !== undefined))
    return flat(g, onCores(g, op, unshaped, type, attributes), shape);
  return g.apply(op, cores, attributes, shape, type);
}

/** The operand of an operation of shape `outer`, for the same operation on elements laid out as `inner`. */
function alignedTo(
  g: Builder,
  x: Value,
  inner: readonly number[],
  outer: readonly number[],
): Value | undefined {
  if (sizeOf(x.shape) === 1) return flat(g, x, []);
  const size = sizeOf(x.shape);
  if (size === sizeOf(outer)) {
    const original = madeBy(x, "Reshape")?.inputs[0] ?? x;
    return size === sizeOf(inner) && sameShape(original.shape, inner) ? original : undefined;
  }
  const last = outer.at(-1);
  const isRow = size === last && x.shape.at(-1) === last && inner.at(-1) === last;
  return isRow && sizeOf(inner) === sizeOf(outer) ? flat(g, x, [size]) : undefined;
}

const isNumber = (x: Value, n: number) => scalarOf(core(x)) === n;
const shaped = (g: Builder, x: Value, other: Value) =>
  expand(g, x, broadcast(x.shape, other.shape) ?? x.shape);
const number = (g: Builder, x: number, like: Value) => g.scalar(x, like.type);

export function add(g: Builder, a: Value, b: Value): Value {
  if (isNumber(a, 0)) return shaped(g, b, a);
  if (isNumber(b, 0)) return shaped(g, a, b);
  const negative = madeBy(core(b), "Neg")?.inputs[0];
  if (negative && a.type === "float32") return sub(g, a, expand(g, negative, b.shape));
  return elementwise(g, "Add", [a, b]);
}

export function sub(g: Builder, a: Value, b: Value): Value {
  if (isNumber(b, 0)) return shaped(g, a, b);
  if (isNumber(a, 0)) return shaped(g, neg(g, b), a);
  const negative = madeBy(core(b), "Neg")?.inputs[0];
  if (negative && a.type === "float32") return add(g, a, expand(g, negative, b.shape));
  return elementwise(g, "Sub", [a, b]);
}

export function neg(g: Builder, x: Value): Value {
  const inner = madeBy(core(x), "Neg")?.inputs[0];
  return inner ? expand(g, inner, x.shape) : elementwise(g, "Neg", [x]);
}

export function mul(g: Builder, a: Value, b: Value): Value {
  if (isNumber(a, 0)) return shaped(g, core(a), elementwise(g, "Mul", [a, b]));
  if (isNumber(b, 0)) return shaped(g, core(b), elementwise(g, "Mul", [a, b]));
  if (isNumber(a, 1)) return shaped(g, b, a);
  if (isNumber(b, 1)) return shaped(g, a, b);
  if (isNumber(a, -1)) return shaped(g, neg(g, b), a);
  if (isNumber(b, -1)) return shaped(g, neg(g, a), b);
  return elementwise(g, "Mul", [a, b]);
}

export function div(g: Builder, a: Value, b: Value): Value {
  if (isNumber(b, 1)) return shaped(g, a, b);
  if (isNumber(a, 0)) return shaped(g, core(a), elementwise(g, "Div", [a, b]));
  return elementwise(g, "Div", [a, b]);
}

export const unary = (g: Builder, op: string, x: Value, attributes: Attributes = {}) =>
  elementwise(g, op, [x], x.type, attributes);
export const square = (g: Builder, x: Value) => mul(g, x, x);
export const plus = (g: Builder, x: Value, c: number) => add(g, x, number(g, c, x));
export const times = (g: Builder, x: Value, c: number) => mul(g, x, number(g, c, x));

/** log(1 + x) without loss near zero: log u + (x − (u − 1))/u with u = 1 + x. */
export function log1p(g: Builder, x: Value): Value {
  const u = plus(g, x, 1);
  return add(g, unary(g, "Log", u), div(g, sub(g, x, plus(g, u, -1)), u));
}

export function cast(g: Builder, x: Value, type: ElementType): Value {
  if (x.type === type) return x;
  const inner = core(x);
  const first = madeBy(inner, "Cast")?.inputs[0];
  // Truth values survive any type, and indices fit into both kinds of integer.
  if (first && (first.type === "bool" || (first.type === "int64" && inner.type === "int32")))
    return expand(g, cast(g, first, type), x.shape);
  const code = { float32: 1, int32: 6, int64: 7, bool: 9 }[type];
  const made = g.apply("Cast", [inner], { to: code }, inner.shape, type);
  return expand(g, made, x.shape);
}

export function where(g: Builder, condition: Value, a: Value, b: Value): Value {
  return elementwise(g, "Where", [cast(g, condition, "bool"), a, b], a.type);
}

/** Kernels that act on each element. */
import type { Builder } from "../graph/builder.ts";
import type { ElementType, Value } from "../graph/value.ts";
import {
  add,
  cast,
  div,
  elementwise,
  expand,
  log1p,
  mul,
  neg,
  plus,
  square,
  sub,
  times,
  unary,
  where,
} from "../graph/algebra.ts";
import type { KernelAttributes, Kernel, Kernels } from "./kernel.ts";

type One = (g: Builder, x: Value, attrs: KernelAttributes) => Value;
type Two = (g: Builder, a: Value, b: Value) => Value;
const one =
  (f: One): Kernel =>
  (g, inputs, attrs) =>
    f(g, (inputs["x"] ?? inputs["logits"] ?? inputs["input"])!, attrs);
const two =
  (f: Two): Kernel =>
  (g, { a, b }) =>
    f(g, a!, b!);
const named = (op: string) => one((g, x) => unary(g, op, x));
const pair = (op: string) => two((g, a, b) => elementwise(g, op, [a, b]));
const compared = (op: string) => two((g, a, b) => elementwise(g, op, [a, b], "bool"));
const logical = (op: string) =>
  two((g, a, b) => elementwise(g, op, [cast(g, a, "bool"), cast(g, b, "bool")], "bool"));
const filled = (n: number) => one((g, x) => expand(g, g.scalar(n, x.type), x.shape));

/** exp(x) − 1 without loss near zero, as tanh(x/2)·(exp(x) + 1). */
const expm1: One = (g, x) => {
  const e = unary(g, "Exp", x);
  const near = mul(g, unary(g, "Tanh", times(g, x, 0.5)), plus(g, e, 1));
  const small = elementwise(g, "Less", [unary(g, "Abs", x), g.scalar(1)], "bool");
  return where(g, small, near, plus(g, e, -1));
};

/** 1[x > 0] + alpha·1[x ≤ 0]; NaN stays NaN. Clip(x·1e38) has no branch. */
const step: One = (g, x, { alpha = 0 }) => {
  const input = x.type === "float32" ? x : cast(g, x, "float32");
  const hard = unary(g, "HardSigmoid", input, { alpha: { float: 1e38 }, beta: { float: 0 } });
  const value = alpha === 0 ? hard : plus(g, times(g, hard, 1 - (alpha as number)), alpha as number);
  return cast(g, value, x.type);
};

/** ⌊a/b⌋, exact for integers below 2²⁴. */
const floorDiv: Two = (g, a, b) => {
  const quotient = elementwise(g, "Div", [cast(g, a, "float32"), cast(g, b, "float32")]);
  return cast(g, unary(g, "Floor", quotient), a.type);
};

const atan2: Two = (g, y, x) => {
  const angle = unary(g, "Atan", div(g, y, x));
  const upper = elementwise(g, "GreaterOrEqual", [y, g.scalar(0)], "bool");
  const left = elementwise(g, "Less", [x, g.scalar(0)], "bool");
  const turned = add(g, angle, where(g, upper, g.scalar(Math.PI), g.scalar(-Math.PI)));
  return where(g, left, turned, angle);
};

const clip: One = (g, x, { clipValueMin, clipValueMax }) =>
  elementwise(g, "Min", [elementwise(g, "Max", [x, g.scalar(clipValueMin as number, x.type)]), g.scalar(clipValueMax as number, x.type)]); // prettier-ignore

const castTo: One = (g, x, { dtype }) => {
  if (dtype === "float32" || dtype === "int32" || dtype === "bool") return cast(g, x, dtype as ElementType);
  throw new Error(`dtype must be float32, int32 or bool in a compiled step, got ${String(dtype)}`);
};

const isFinite: One = (g, x) => {
  const largest = g.scalar(3.4028234663852886e38);
  return elementwise(g, "LessOrEqual", [unary(g, "Abs", x), largest], "bool");
};

const simple = {
  ...{ Abs: "Abs", Acos: "Acos", Acosh: "Acosh", Asin: "Asin", Asinh: "Asinh", Atan: "Atan", Atanh: "Atanh" },
  ...{ Ceil: "Ceil", Cos: "Cos", Cosh: "Cosh", Erf: "Erf", Exp: "Exp", Floor: "Floor", Log: "Log" },
  ...{ Reciprocal: "Reciprocal", Relu: "Relu", Round: "Round", Sigmoid: "Sigmoid", Sign: "Sign", Sin: "Sin" },
  ...{ Sinh: "Sinh", Sqrt: "Sqrt", Tan: "Tan", Tanh: "Tanh" },
};

export const elementwiseKernels: Kernels = {
  ...Object.fromEntries(Object.entries(simple).map(([kernel, op]) => [kernel, named(op)])),
  Identity: one((_g, x) => x),
  Cast: one(castTo),
  Neg: one(neg),
  Square: one(square),
  Rsqrt: one((g, x) => unary(g, "Reciprocal", unary(g, "Sqrt", x))),
  Log1p: one(log1p),
  Expm1: one(expm1),
  Softplus: one((g, x) => unary(g, "Softplus", x)),
  Step: one(step),
  Relu6: one((g, x) => clip(g, x, { clipValueMin: 0, clipValueMax: 6 })),
  Elu: one((g, x) => unary(g, "Elu", x)),
  Selu: one((g, x) => unary(g, "Selu", x)),
  LeakyRelu: one((g, x, { alpha }) => unary(g, "LeakyRelu", x, { alpha: { float: alpha as number } })),
  ClipByValue: one(clip),
  IsNan: one((g, x) => elementwise(g, "IsNaN", [x], "bool")),
  IsInf: one((g, x) => elementwise(g, "IsInf", [x], "bool")),
  IsFinite: one(isFinite),
  LogicalNot: one((g, x) => elementwise(g, "Not", [cast(g, x, "bool")], "bool")),
  ZerosLike: filled(0),
  OnesLike: filled(1),
  Add: two(add),
  Sub: two(sub),
  Multiply: two(mul),
  RealDiv: two(div),
  FloorDiv: two(floorDiv),
  Mod: two((g, a, b) => sub(g, a, mul(g, b, floorDiv(g, a, b)))),
  Pow: pair("Pow"),
  Maximum: pair("Max"),
  Minimum: pair("Min"),
  SquaredDifference: two((g, a, b) => square(g, sub(g, a, b))),
  Atan2: two(atan2),
  Equal: compared("Equal"),
  NotEqual: two((g, a, b) => elementwise(g, "Not", [elementwise(g, "Equal", [a, b], "bool")], "bool")),
  Greater: compared("Greater"),
  GreaterEqual: compared("GreaterOrEqual"),
  Less: compared("Less"),
  LessEqual: compared("LessOrEqual"),
  LogicalAnd: logical("And"),
  LogicalOr: logical("Or"),
  LogicalXor: logical("Xor"),
  AddN: (g, inputs) => Object.values(inputs).reduce((sum, x) => add(g, sum, x)),
  Select: (g, { condition, t, e }) => where(g, condition!, t!, e!),
  Prelu: (g, { x, alpha }) => {
    const positive = unary(g, "Relu", x!);
    return sub(g, positive, mul(g, alpha!, unary(g, "Relu", neg(g, x!))));
  },
  /** dy·(1 where y ≥ 0, else y + 1), y being the output of elu. */
  EluGrad: (g, { dy, y }) => mul(g, dy!, plus(g, elementwise(g, "Min", [y!, g.scalar(0)]), 1)),
};

/**
 * Many evaluations of a graph in one, with other noise in each: a value that depends on noise gets a leading axis of draws,
 * [count, ...shape], and any other is computed once for all draws.
 */
import { add, div, elementwise, expand, reshape } from "./graph/algebra.ts";
import { concat, matmul, reduce, reducedAxes, split, transpose, type Reduction } from "./graph/arrange.ts";
import { type Builder, createBuilder } from "./graph/builder.ts";
import { type Graph, type Node, type Value, prune, sizeOf } from "./graph/value.ts";
import type { OutputFactors } from "./product-outputs.ts";

/** A value of the graph before, in the new graph. */
interface Made {
  readonly value: Value;
  /** Whether it has the axis of draws. */
  readonly many: boolean;
}

interface RepeatSite {
  readonly g: Builder;
  readonly count: number;
  readonly node: Node;
  readonly inputs: readonly Made[];
}

/** The outputs with their axis of draws, given that some input has one. */
type RepeatRule = (site: RepeatSite) => Value | readonly Value[];

/** The value, its axis of draws before `rank` axes. */
const lifted = ({ g, count }: RepeatSite, { value, many }: Made, rank: number): Value => {
  if (!many) return value;
  const shape = value.shape.slice(1);
  return reshape(g, value, [count, ...new Array<number>(rank - shape.length).fill(1), ...shape]);
};

/** The value with the axis of draws, as copies if it had none. */
const whole = ({ g, count }: Pick<RepeatSite, "g" | "count">, { value, many }: Made): Value =>
  many ? value : expand(g, value, [count, ...value.shape]);

const outputShape = ({ node, count }: RepeatSite, index = 0) => [count, ...node.outputs[index]!.shape];

/** The numbers of a constant input, such as axes or sizes. */
const numbersOf = ({ value }: Made): number[] =>
  value.source.kind === "constant" ? Array.from(value.source.elements, Number) : [];

const next = (axis: number) => (axis < 0 ? axis : axis + 1);

/** An operator whose first input alone has the axis of draws, with other operands and attributes. */
const applied = (
  site: RepeatSite,
  operands: readonly Value[] = site.inputs.slice(1).map(({ value }) => value),
  attributes: Node["attributes"] = {},
): readonly Value[] =>
  site.g.applyAll(
    site.node.op,
    [whole(site, site.inputs[0]!), ...operands],
    { ...site.node.attributes, ...attributes },
    site.node.outputs.map(({ type }, i) => ({ type, shape: outputShape(site, i) })),
  );

const elementwiseRule: RepeatRule = (site) => {
  const { op, attributes, outputs } = site.node;
  const rank = outputs[0]!.shape.length;
  const operands = site.inputs.map((x) => lifted(site, x, rank));
  return expand(site.g, elementwise(site.g, op, operands, outputs[0]!.type, attributes), outputShape(site));
};

const alongAxis: RepeatRule = (site) =>
  applied(site, undefined, { axis: next(site.node.attributes["axis"] as number) });

/** The most terms of a sum that is written out, and the most sums side by side for which it pays. */
const [FEW_TERMS, FEW_SUMS] = [8, 64];

/**
 * ONNX Runtime takes 150 ns for a draw's sum along an axis that is not the last: a tenth of it where the sum is written out,
 * and less along a last axis.
 */
const reduceRule: RepeatRule = (site) => {
  const { g, node, inputs } = site;
  const x = inputs[0]!.value;
  const op = node.op as Reduction;
  const axes = reducedAxes(node).map(next);
  const [axis = 0, ...others] = axes;
  const [terms, sums] = [x.shape[axis]!, sizeOf(x.shape.slice(axis + 1))];
  const shape = outputShape(site);
  if (others.length > 0 || !["ReduceSum", "ReduceMean"].includes(op))
    return reduce(g, op, x, axes, node.attributes["keepdims"] === 1);
  if (sums === 1) return reshape(g, reduce(g, op, reshape(g, x, x.shape.slice(0, axis + 1)), [axis], true), shape); // prettier-ignore
  if (terms > FEW_TERMS || sums > FEW_SUMS) return reshape(g, reduce(g, op, x, axes, true), shape);
  const sum = split(g, x, new Array<number>(terms).fill(1), axis).reduce((a, b) => add(g, a, b));
  return reshape(g, op === "ReduceMean" ? div(g, sum, g.scalar(terms)) : sum, shape);
};

const productRule: RepeatRule = (site) => {
  const { g, node, inputs } = site;
  const rank = node.outputs[0]!.shape.length;
  const [a, b] = inputs.map((x) => lifted(site, x, rank)) as [Value, Value];
  return matmul(g, a, b, node.attributes["transA"] === 1, node.attributes["transB"] === 1);
};

/** Rows chosen by the indices of each draw, along the first axis after that of the draws. */
const gatherRule: RepeatRule = (site) => {
  const { g, node, inputs } = site;
  const axis = node.attributes["axis"] as number;
  const [x, indices] = inputs as [Made, Made];
  if (!indices.many) return alongAxis(site);
  const rank = x.value.shape.length - Number(x.many);
  const before = Array.from({ length: axis }, (_, i) => i);
  const after = Array.from({ length: rank - axis - 1 }, (_, i) => axis + 1 + i);
  const data = x.many
    ? transpose(g, x.value, [0, axis + 1, ...before.map(next), ...after.map(next)])
    : transpose(g, x.value, [axis, ...before, ...after]);
  const chosen = indices.value.shape;
  const shape = [...chosen, ...data.shape.slice(x.many ? 2 : 1)]; // [count, ...indices, ...before, ...after]
  const index64 = elementwise(g, "Cast", [indices.value], "int64", { to: 7 });
  const made = x.many
    ? g.apply("GatherND", [data, reshape(g, index64, [...chosen, 1])], { batch_dims: 1 }, shape)
    : g.apply("Gather", [data, indices.value], { axis: 0 }, shape);
  const places = chosen.slice(1).map((_, i) => 1 + i);
  const rest = 1 + places.length;
  const order = [0, ...before.map((i) => rest + i), ...places, ...after.map((_, i) => rest + axis + i)];
  return transpose(g, made, order);
};

/** Each index begins with the number of its draw. */
const scatterRule: RepeatRule = (site) => {
  const { g, count, node, inputs } = site;
  const [data, indices, updates] = inputs.map((x) => whole(site, x)) as [Value, Value, Value];
  const shape = [...indices.shape.slice(0, -1), 1];
  const draws = g.constant(BigInt64Array.from({ length: count }, (_, i) => BigInt(i)), [count, ...shape.slice(1).map(() => 1)], "int64"); // prettier-ignore
  const numbered = concat(g, [expand(g, draws, shape), indices], shape.length - 1);
  return g.apply("ScatterND", [data, numbered, updates], node.attributes, data.shape);
};

/** Draws as further images, or as groups of channels where their filters differ. */
const convolutionRule: RepeatRule = (site) => {
  const { g, count, node, inputs } = site;
  const [x, filter] = inputs as [Made, Made];
  const [n, channels, ...size] = node.outputs[0]!.shape as [number, number, ...number[]];
  const joined = (value: Value) => reshape(g, value, [count * value.shape[1]!, ...value.shape.slice(2)]);
  if (!filter.many) {
    const shape = [count * n, channels, ...size];
    const made = g.apply(node.op, [joined(x.value), filter.value], node.attributes, shape);
    return reshape(g, made, outputShape(site));
  }
  const images = whole(site, x);
  const [, rows, of, ...image] = images.shape as [number, number, number, ...number[]];
  const grouped = reshape(g, transpose(g, images, [1, 0, 2, 3, 4]), [rows, count * of, ...image]);
  const attributes = { ...node.attributes, group: count };
  const shape = [n, count * channels, ...size];
  const made = g.apply(node.op, [grouped, joined(filter.value)], attributes, shape);
  return transpose(g, reshape(g, made, [n, count, channels, ...size]), [1, 0, 2, 3, 4]);
};

/** The operators whose output at a place depends on the operands at that place alone. */
const ELEMENTWISE = (
  "Abs Acos Acosh Add And Asin Asinh Atan Atanh Cast Ceil Cos Cosh Div Elu Equal Erf Exp Floor " +
  "Greater GreaterOrEqual HardSigmoid IsInf IsNaN LeakyRelu Less LessOrEqual Log Max Min Mul Neg " +
  "Not Or Pow Reciprocal Relu Round Selu Sigmoid Sign Sin Sinh Softplus Sqrt Sub Tan Tanh Where " +
  "Xor"
).split(" ");

const rules: Readonly<Record<string, RepeatRule>> = {
  ...Object.fromEntries(ELEMENTWISE.map((op) => [op, elementwiseRule])),
  Expand: (site) => {
    const shape = outputShape(site);
    return expand(site.g, lifted(site, site.inputs[0]!, shape.length - 1), shape);
  },
  Reshape: (site) => reshape(site.g, site.inputs[0]!.value, outputShape(site)),
  Transpose: ({ g, node, inputs }) =>
    transpose(g, inputs[0]!.value, [0, ...(node.attributes["perm"] as readonly number[]).map(next)]),
  ...Object.fromEntries(
    ["ReduceSum", "ReduceMean", "ReduceMax", "ReduceMin", "ReduceProd"].map((op) => [op, reduceRule]),
  ),
  ...Object.fromEntries(["ArgMax", "ArgMin", "Softmax", "LogSoftmax", "TopK"].map((op) => [op, alongAxis])),
  CumSum: (site) => applied(site, [site.g.scalar(next(numbersOf(site.inputs[1]!)[0]!), "int64")]),
  Slice: (site) => {
    const [, from, to, axes, ...by] = site.inputs;
    const moved = site.g.indices(numbersOf(axes!).map(next));
    return applied(site, [from!.value, to!.value, moved, ...by.map(({ value }) => value)]);
  },
  Concat: (site) =>
    concat(site.g, site.inputs.map((x) => whole(site, x)), next(site.node.attributes["axis"] as number)), // prettier-ignore
  Pad: (site) => {
    const pads = numbersOf(site.inputs[1]!);
    const half = pads.length / 2;
    const moved = site.g.indices([0, ...pads.slice(0, half), 0, ...pads.slice(half)]);
    return applied(site, [moved, site.inputs[2]!.value]);
  },
  Tile: (site) => applied(site, [site.g.indices([1, ...numbersOf(site.inputs[1]!)])]),
  MatMul: productRule,
  Gemm: productRule,
  Gather: gatherRule,
  ScatterND: scatterRule,
  Conv: convolutionRule,
  ConvTranspose: convolutionRule,
};

/** The values that depend on noise. */
export function noisyValues({ noise, nodes }: Graph): Set<Value> {
  const found = new Set(Object.values(noise));
  for (const { inputs, outputs } of nodes)
    if (inputs.some((x) => found.has(x))) for (const output of outputs) found.add(output);
  return found;
}

/** The most bytes that the values of one draw take at one time, were each freed after its last use. */
export function bytesOfDraw(graph: Graph): number {
  const many = noisyValues(graph);
  const last = new Map<Value, number>();
  graph.nodes.forEach(({ inputs }, i) => inputs.forEach((x) => last.set(x, i)));
  for (const x of Object.values(graph.outputs)) last.set(x, graph.nodes.length);
  const bytes = (values: readonly Value[]) =>
    values.reduce((n, x) => n + (many.has(x) ? 4 * sizeOf(x.shape) : 0), 0);
  let live = bytes(Object.values(graph.noise));
  let most = live;
  graph.nodes.forEach(({ inputs, outputs }, i) => {
    live += bytes(outputs);
    most = Math.max(most, live);
    live -= bytes([...new Set(inputs)].filter((x) => last.get(x) === i));
  });
  return most;
}

/**
 * The graph of `count` evaluations: its noise and its outputs have the shapes [count, ...shape]. Those in `products` are
 * given by their factors, as `CompiledDraws` says.
 */
export function repeatGraph(
  graph: Graph,
  count: number,
  products: ReadonlyMap<string, OutputFactors> = new Map(),
): Graph {
  const g = createBuilder();
  const made = new Map<Value, Made>();
  const known = (value: Value) => made.get(value)!;
  for (const [many, values] of [
    [false, graph.inputs],
    [true, graph.noise],
  ] as const)
    for (const value of Object.values(values))
      if (value.source.kind === "input") {
        const shape = many ? [count, ...value.shape] : value.shape;
        made.set(value, { value: g.input(value.source.name, shape, many), many });
      }
  for (const value of graph.constants)
    if (value.source.kind === "constant")
      made.set(value, { value: g.constant(value.source.elements, value.shape, value.type), many: false });
  for (const node of graph.nodes) {
    const inputs = node.inputs.map(known);
    const many = inputs.some((x) => x.many);
    const rule = rules[node.op];
    if (many && rule === undefined)
      throw new Error(`engine onnx: repeat-graph.ts has no rule for many draws of the operator ${node.op}`);
    const values = many
      ? rule!({ g, count, node, inputs })
      : g.applyAll(node.op, inputs.map(({ value }) => value), node.attributes, node.outputs); // prettier-ignore
    for (const [i, value] of [values].flat().entries()) made.set(node.outputs[i]!, { value, many });
  }
  const outputs: Record<string, Value> = {};
  for (const [name, x] of Object.entries(graph.outputs)) {
    const factors = products.get(name);
    outputs[name] = whole({ g, count }, known(factors?.right ?? x));
    if (!factors) continue;
    const left = known(factors.left).value;
    outputs[`left of ${name}`] = left;
    outputs[`turned ${name}`] = matmul(g, matmul(g, left, left, false, true), outputs[name], false, false);
  }
  const noise = Object.fromEntries(Object.entries(graph.noise).map(([id, x]) => [id, known(x).value]));
  const inputs = Object.fromEntries(Object.entries(graph.inputs).map(([name, x]) => [name, known(x).value]));
  return prune(inputs, noise, outputs);
}

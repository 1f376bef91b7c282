/** Operations that move, join and reduce along axes, and matrix products. */
import { core, expand, reshape, times } from "./algebra.ts";
import type { Builder } from "./builder.ts";
import { type Node, type Value, broadcast, madeBy, sameShape, scalarOf, sizeOf } from "./value.ts";

export function transpose(g: Builder, x: Value, perm: readonly number[]): Value {
  if (perm.every((axis, i) => axis === i)) return x;
  const shape = perm.map((axis) => x.shape[axis]!);
  const moved = perm.filter((axis) => x.shape[axis] !== 1);
  // Only axes of length one move: the elements stay in order.
  if (moved.every((axis, i) => i === 0 || axis > moved[i - 1]!)) return reshape(g, x, shape);
  const inner = madeBy(x, "Transpose");
  if (inner) {
    const first = inner.attributes["perm"] as readonly number[];
    return transpose(g, inner.inputs[0]!, perm.map((axis) => first[axis]!)); // prettier-ignore
  }
  return g.apply("Transpose", [x], { perm }, shape);
}

const swapped = (rank: number) =>
  Array.from({ length: rank }, (_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i));

export type Reduction = "ReduceSum" | "ReduceMean" | "ReduceMax" | "ReduceMin" | "ReduceProd";

export function reduce(g: Builder, op: Reduction, x: Value, axes: readonly number[], keep: boolean): Value {
  if (axes.length === 0) return x;
  const shape = keep
    ? x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n))
    : x.shape.filter((_, axis) => !axes.includes(axis));
  if (axes.every((axis) => x.shape[axis] === 1)) return reshape(g, x, shape);
  const folded =
    (op === "ReduceProd" ? undefined : overCopies(g, op, x, axes)) ??
    (op === "ReduceSum" ? productOfStacks(g, x, axes) : undefined);
  if (folded) return reshape(g, folded, shape);
  return g.apply(op, [x, g.indices(axes)], { keepdims: Number(keep) }, shape);
}

/** The axes of a reduction. */
export function reducedAxes({ inputs }: Node): number[] {
  const { source } = inputs[1]!;
  return source.kind === "constant" ? [...(source.elements as BigInt64Array)].map(Number) : [];
}

/** Over copies a sum is a product, and a mean or an extremum is the copied value. Undefined where no axis was copied. */
function overCopies(g: Builder, op: Reduction, x: Value, axes: readonly number[]): Value | undefined {
  const inner = core(x);
  if (inner === x) return undefined;
  const ones = new Array<number>(x.shape.length - inner.shape.length).fill(1);
  const padded = reshape(g, inner, [...ones, ...inner.shape]);
  const copied = axes.filter((axis) => padded.shape[axis] === 1 && x.shape[axis] !== 1);
  if (copied.length === 0) return undefined;
  const rest = reduce(g, op, padded, axes.filter((axis) => padded.shape[axis] !== 1), true); // prettier-ignore
  const copies = op === "ReduceSum" ? copied.reduce((n, axis) => n * x.shape[axis]!, 1) : 1;
  return expand(g, times(g, rest, copies), x.shape.map((n, axis) => (axes.includes(axis) ? 1 : n))); // prettier-ignore
}

/** Σ over the stack of aᵀb is one product of the stacked rows: a weight's gradient over samples. */
function productOfStacks(g: Builder, x: Value, axes: readonly number[]): Value | undefined {
  const product = madeBy(x, "MatMul");
  const [left, b] = product?.inputs ?? [];
  const a = left && madeBy(left, "Transpose")?.inputs[0];
  const batch = x.shape.length - 2;
  if (!a || !b || axes.length !== batch || axes.some((axis) => axis >= batch)) return undefined;
  if (!sameShape(a.shape.slice(0, -1), b.shape.slice(0, -1))) return undefined;
  const [m, n] = [a.shape.at(-1)!, b.shape.at(-1)!];
  const [rowsOfA, rowsOfB] = [sizeOf(a.shape) / m, sizeOf(b.shape) / n];
  return matmul(g, reshape(g, a, [rowsOfA, m]), reshape(g, b, [rowsOfB, n]), true, false);
}

/** op(a)·op(b) over the last two axes, where op transposes or not; the leading axes broadcast. */
export function matmul(g: Builder, a: Value, b: Value, ta: boolean, tb: boolean): Value {
  const [m, k] = ends(a, ta);
  const [k2, n] = ends(b, tb);
  const lead = broadcast(a.shape.slice(0, -2), b.shape.slice(0, -2));
  if (k !== k2 || !lead) {
    const written = (x: Value, transposed: boolean) => `[${x.shape.join()}]${transposed ? "ᵀ" : ""}`;
    throw new Error(`cannot multiply matrices ${written(a, ta)} and ${written(b, tb)}`);
  }
  const shape = [...lead, m, n];
  if ([a, b].some((x) => scalarOf(core(x)) === 0)) return expand(g, g.scalar(0, a.type), shape);
  const [stackA, stackB] = [sizeOf(a.shape) / (m * k), sizeOf(b.shape) / (k * n)];
  if (stackB === 1 && (!ta || stackA === 1)) {
    const rows = ta ? reshape(g, a, [k, m]) : reshape(g, a, [stackA * m, k]);
    const columns = reshape(g, b, tb ? [n, k] : [k, n]);
    return reshape(g, gemm(g, rows, columns, ta, tb), shape);
  }
  const left = ta ? transpose(g, a, swapped(a.shape.length)) : a;
  const right = tb ? transpose(g, b, swapped(b.shape.length)) : b;
  return g.apply("MatMul", [left, right], {}, shape);
}

function ends(x: Value, transposed: boolean): [number, number] {
  const [rows, columns] = [x.shape.at(-2)!, x.shape.at(-1)!];
  return transposed ? [columns, rows] : [rows, columns];
}

function gemm(g: Builder, a: Value, b: Value, ta: boolean, tb: boolean): Value {
  const [left, right] = [madeBy(a, "Transpose")?.inputs[0], madeBy(b, "Transpose")?.inputs[0]];
  if (left) return gemm(g, left, b, !ta, tb);
  if (right) return gemm(g, a, right, ta, !tb);
  const shape = [a.shape[ta ? 1 : 0]!, b.shape[tb ? 0 : 1]!];
  return g.apply("Gemm", [a, b], { transA: Number(ta), transB: Number(tb) }, shape);
}

/** Elements begin ... begin + size − 1 of every axis. */
export function slice(g: Builder, x: Value, begin: readonly number[], size: readonly number[]): Value {
  if (sameShape(size, x.shape)) return x;
  if (sizeOf(core(x).shape) === 1) return expand(g, reshape(g, core(x), []), size);
  const axes = begin.flatMap((_, axis) => (size[axis] === x.shape[axis] ? [] : [axis]));
  const [from, to] = [axes.map((axis) => begin[axis]!), axes.map((axis) => begin[axis]! + size[axis]!)];
  return g.apply("Slice", [x, g.indices(from), g.indices(to), g.indices(axes)], {}, size);
}

/** Consecutive parts of these sizes along an axis. */
export function split(g: Builder, x: Value, sizes: readonly number[], axis: number): Value[] {
  let from = 0;
  return sizes.map((n) => {
    const part = slice(g, x, x.shape.map((_, i) => (i === axis ? from : 0)), x.shape.map((size, i) => (i === axis ? n : size))); // prettier-ignore
    from += n;
    return part;
  });
}

export function concat(g: Builder, parts: readonly Value[], axis: number): Value {
  const filled = parts.filter((x) => sizeOf(x.shape) > 0);
  if (filled.length === 1) return filled[0]!;
  const shape = filled[0]!.shape.map((n, i) =>
    i === axis ? filled.reduce((sum, x) => sum + x.shape[i]!, 0) : n,
  );
  return g.apply("Concat", filled, { axis }, shape);
}

/** Rows of x along an axis, chosen by integers of any shape. */
export function gather(g: Builder, x: Value, indices: Value, axis: number): Value {
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  return g.apply("Gather", [x, indices], { axis }, shape);
}

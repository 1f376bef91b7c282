/** The types of a traced graph. Its values have static shapes; each is an input, a constant or an output of an ONNX node. */
export type ElementType = "float32" | "int32" | "int64" | "bool";
export type Elements = Float32Array | Int32Array | BigInt64Array | Uint8Array;
export type Attribute = number | string | readonly number[] | { readonly float: number };

export interface Node {
  readonly op: string;
  readonly inputs: readonly Value[];
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly outputs: Value[];
}

export type ValueSource =
  | { readonly kind: "input"; readonly name: string; readonly noise: boolean }
  | { readonly kind: "constant"; readonly elements: Elements }
  | { readonly kind: "node"; readonly node: Node; readonly index: number };

export interface Value {
  readonly id: number;
  readonly type: ElementType;
  readonly shape: readonly number[];
  readonly source: ValueSource;
}

export interface ValueType {
  readonly type: ElementType;
  readonly shape: readonly number[];
}

/** Inputs, uniforms and outputs by name, and nodes in an order in which they can run. */
export interface Graph {
  readonly inputs: Readonly<Record<string, Value>>;
  readonly noise: Readonly<Record<string, Value>>;
  readonly outputs: Readonly<Record<string, Value>>;
  readonly nodes: readonly Node[];
  readonly constants: readonly Value[];
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((size, n) => size * n, 1);

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((n, i) => n === b[i]);

/** The shape of an elementwise operation on these operands, or undefined where they do not broadcast. */
export function broadcast(...shapes: readonly (readonly number[])[]): number[] | undefined {
  const rank = Math.max(0, ...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes)
    for (const [i, n] of shape.entries()) {
      const axis = rank - shape.length + i;
      if (n === 1 || n === result[axis]) continue;
      if (result[axis] !== 1) return undefined;
      result[axis] = n;
    }
  return result;
}

/** The node that makes the value, if its operator is one of these. */
export function madeBy(value: Value, ...ops: readonly string[]): Node | undefined {
  return value.source.kind === "node" && ops.includes(value.source.node.op) ? value.source.node : undefined;
}

/** The number in a constant of one element. */
export function scalarOf(value: Value): number | undefined {
  if (value.source.kind !== "constant" || value.source.elements.length !== 1) return undefined;
  return Number(value.source.elements[0]);
}

/** The graph of what the outputs need. */
export function prune(
  inputs: Readonly<Record<string, Value>>,
  noise: Readonly<Record<string, Value>>,
  outputs: Readonly<Record<string, Value>>,
): Graph {
  const nodes: Node[] = [];
  const constants: Value[] = [];
  const used = new Set<Value>();
  const done = new Set<Node>();
  const stack: { value: Value; ready: boolean }[] = Object.values(outputs)
    .reverse()
    .map((value) => ({ value, ready: false }));
  while (stack.length > 0) {
    const { value, ready } = stack.pop()!;
    if (value.source.kind !== "node") {
      if (!used.has(value) && value.source.kind === "constant") constants.push(value);
      used.add(value);
      continue;
    }
    const node = value.source.node;
    if (done.has(node)) continue;
    if (ready) {
      done.add(node);
      nodes.push(node);
      continue;
    }
    stack.push({ value, ready: true });
    for (const input of [...node.inputs].reverse()) stack.push({ value: input, ready: false });
  }
  const kept = (all: Readonly<Record<string, Value>>) =>
    Object.fromEntries(Object.entries(all).filter(([, value]) => used.has(value)));
  return { inputs: kept(inputs), noise: kept(noise), outputs, nodes, constants };
}

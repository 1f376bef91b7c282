/** Makes the values of one graph. An operator on the same values is made once, so that equal expressions are one value. */
import type { Attribute, Elements, ElementType, Node, Value, ValueSource, ValueType } from "./value.ts";
import { sizeOf } from "./value.ts";

export type Builder = ReturnType<typeof createBuilder>;
export type Attributes = Readonly<Record<string, Attribute>>;

/** Longer constants are not compared with earlier ones. */
const LONGEST_COMPARED = 4096;

export function createBuilder() {
  const made = new Map<string, Node>();
  const constants = new Map<string, Value>();
  let count = 0;
  const value = (type: ElementType, shape: readonly number[], source: ValueSource): Value => ({
    id: count++,
    type,
    shape: [...shape],
    source,
  });
  const constant = (elements: Elements, shape: readonly number[], type: ElementType): Value => {
    if (elements.length !== sizeOf(shape))
      throw new Error(`A constant of shape [${shape.join()}] cannot have ${elements.length} elements.`);
    const make = () => value(type, shape, { kind: "constant", elements });
    if (elements.length > LONGEST_COMPARED) return make();
    // Bytes, so that −0 and 0 stay apart.
    const bytes = Buffer.from(elements.buffer, elements.byteOffset, elements.byteLength).toString("base64");
    const key = `${type}[${shape.join()}]${bytes}`;
    if (!constants.has(key)) constants.set(key, make());
    return constants.get(key)!;
  };

  const applyAll = (
    op: string,
    inputs: readonly Value[],
    attributes: Attributes,
    outputs: readonly ValueType[],
  ): Value[] => {
    const key = `${op}(${inputs.map(({ id }) => id).join()})${JSON.stringify(attributes)}`;
    const existing = made.get(key);
    if (existing) return existing.outputs;
    const node: Node = { op, inputs, attributes, outputs: [] };
    for (const [index, { type, shape }] of outputs.entries())
      node.outputs.push(value(type, shape, { kind: "node", node, index }));
    made.set(key, node);
    return node.outputs;
  };

  return {
    input: (name: string, shape: readonly number[], noise: boolean) =>
      value("float32", shape, { kind: "input", name, noise }),
    constant,
    /** A constant of shape []. */
    scalar: (x: number, type: ElementType = "float32") => constant(arrayOf(type, [x]), [], type),
    /** An int64 vector, as shapes, axes and indices are. */
    indices: (values: readonly number[]) =>
      constant(BigInt64Array.from(values, BigInt), [values.length], "int64"),
    /** An operator with one output, of the type of its first input unless `type` says another. */
    apply: (
      op: string,
      inputs: readonly Value[],
      attributes: Attributes,
      shape: readonly number[],
      type: ElementType = inputs[0]!.type,
    ) =>
      // prettier-ignore
      applyAll(op, inputs, attributes, [{ type, shape }])[0]!,
    applyAll,
  };
}

/** Numbers as the elements of a type. */
function arrayOf(type: ElementType, values: readonly number[]): Elements {
  if (type === "float32") return Float32Array.from(values);
  if (type === "int32") return Int32Array.from(values);
  if (type === "int64") return BigInt64Array.from(values, (x) => BigInt(x));
  return Uint8Array.from(values, (x) => (x === 0 ? 0 : 1));
}

/** A graph as an ONNX model: IR version 8, opset 18 of the standard domain. Field numbers are those of onnx.proto3. */
import type { Attribute, ElementType, Graph, Node, Value } from "./graph/value.ts";
import { bytes, float, integer, message, text } from "../../../reports/format/protobuf.ts";

const IR_VERSION = 8;
const OPSET = 18;

/** TensorProto.DataType */
const typeCode: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };
/** AttributeProto.AttributeType */
const kinds = { float: 1, integer: 2, text: 3, integers: 7 };

/** The name under which a value is known in the model. */
export const nameOf = (value: Value): string =>
  value.source.kind === "input" ? `in/${value.source.name}` : `v${value.id}`;
/** The name of an output. An Identity gives it where one value is several outputs, or an input as well. */
export const outputName = (name: string): string => `out/${name}`;

/** The name of the first output with `sequenceFirst`, a sequence of tensors. outputs-in-place.ts says what it is for. */
export const SEQUENCE = "sequence";

/** The bytes of the model. */
export function model(graph: Graph, { sequenceFirst = false } = {}): Uint8Array {
  return Buffer.concat([
    integer(1, IR_VERSION),
    text(2, "estimator-bench"),
    message(7, ...graphFields(graph, sequenceFirst)),
    message(8, text(1, ""), integer(2, OPSET)),
  ]);
}

function graphFields(graph: Graph, sequenceFirst: boolean): Uint8Array[] {
  const names = outputNames(graph);
  const known = (value: Value) => names.get(value) ?? nameOf(value);
  const outputs = Object.entries(graph.outputs);
  const renamed = outputs.filter(([name, value]) => known(value) !== outputName(name));
  const element = `${SEQUENCE} element`;
  const inputs = [...Object.values(graph.inputs), ...Object.values(graph.noise)];
  return [
    ...graph.nodes.map((node) => nodeField(node, known)),
    ...renamed.map(([name, value]) => unaryNode("Identity", known(value), outputName(name))),
    ...(sequenceFirst ? [unaryNode("SequenceConstruct", element, SEQUENCE)] : []),
    text(2, "step"),
    ...graph.constants.map((value) => constantField(known(value), value)),
    ...(sequenceFirst
      ? [
          message(
            5,
            integer(1, 1),
            integer(2, typeCode.float32),
            text(8, element),
            bytes(9, new Uint8Array(4)),
          ),
        ]
      : []),
    ...inputs.map((value) => message(11, ...infoFields(known(value), value))),
    ...(sequenceFirst ? [message(12, text(1, SEQUENCE), sequenceType)] : []),
    ...outputs.map(([name, value]) => message(12, ...infoFields(outputName(name), value))),
  ];
}

/** A sequence of float tensors. */
const sequenceType = message(2, message(4, message(1, message(1, integer(1, typeCode.float32)))));

/** A value made by a node takes the name of the first output that it is. */
function outputNames(graph: Graph): Map<Value, string> {
  const names = new Map<Value, string>();
  for (const [name, value] of Object.entries(graph.outputs))
    if (value.source.kind === "node" && !names.has(value)) names.set(value, outputName(name));
  return names;
}

const unaryNode = (op: string, from: string, to: string) =>
  message(1, text(1, from), text(2, to), text(3, `name ${to}`), text(4, op));

const nodeField = (node: Node, known: (value: Value) => string) =>
  message(
    1,
    ...node.inputs.map((input) => text(1, known(input))),
    ...node.outputs.map((output) => text(2, known(output))),
    text(3, `${node.op} ${known(node.outputs[0]!)}`),
    text(4, node.op),
    ...Object.entries(node.attributes).map(([name, attribute]) =>
      message(5, text(1, name), ...attributeFields(attribute)),
    ),
  );

function attributeFields(attribute: Attribute): Uint8Array[] {
  if (typeof attribute === "number") return [integer(3, attribute), integer(20, kinds.integer)];
  if (typeof attribute === "string") return [text(4, attribute), integer(20, kinds.text)];
  if ("float" in attribute) return [float(2, attribute.float), integer(20, kinds.float)];
  return [...attribute.map((n) => integer(8, n)), integer(20, kinds.integers)];
}

function constantField(name: string, { shape, type, source }: Value): Uint8Array {
  if (source.kind !== "constant") throw new Error(`${name} is not a constant.`);
  const { buffer, byteOffset, byteLength } = source.elements;
  const raw = new Uint8Array(buffer, byteOffset, byteLength);
  return message(
    5,
    ...shape.map((n) => integer(1, n)),
    integer(2, typeCode[type]),
    text(8, name),
    bytes(9, raw),
  );
}

function infoFields(name: string, { shape, type }: Value): Uint8Array[] {
  const dimensions = shape.map((n) => message(1, integer(1, n)));
  const tensor = message(1, integer(1, typeCode[type]), message(2, ...dimensions));
  return [text(1, name), message(2, tensor)];
}

/**
 * A graph as an ONNX model: IR version 8, opset 18 of the standard domain. Field numbers are those of onnx.proto3.
 */
import type { Attribute, Elements, ElementType, Graph, Node, Value } from "./graph/value.ts";
import type { Message } from "./protobuf.ts";
import { message } from "./protobuf.ts";

const IR_VERSION = 8;
export const OPSET = 18;

/** TensorProto.DataType */
const typeCode: Readonly<Record<ElementType, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };
/** AttributeProto.AttributeType */
const kinds = { float: 1, integer: 2, text: 3, integers: 7 };

/** The name under which a value is known in the model. */
export const nameOf = (value: Value): string =>
  value.source.kind === "input" ? `in/${value.source.name}` : `v${value.id}`;
/** The name of an output, given by an Identity, since one value may be several outputs or an input as well. */
export const outputName = (name: string): string => `out/${name}`;

export interface ModelOptions {
  /** Whether a first output is of sequence type, which onnxruntime-node cannot hand over: see unfetched.ts. */
  readonly barrier?: boolean;
}
export const BARRIER = "barrier of outputs";

export function model(graph: Graph, options: ModelOptions = {}): Uint8Array {
  const opset = message().text(1, "").integer(2, OPSET);
  return message()
    .integer(1, IR_VERSION)
    .text(2, "estimator-bench")
    .message(7, graphProto(graph, options))
    .message(8, opset)
    .finish();
}

function graphProto(graph: Graph, { barrier }: ModelOptions): Message {
  const proto = message();
  const names = outputNames(graph);
  const known = (value: Value) => names.get(value) ?? nameOf(value);
  for (const node of graph.nodes) proto.message(1, nodeProto(node, known));
  for (const [name, value] of Object.entries(graph.outputs))
    if (known(value) !== outputName(name)) proto.message(1, identity(known(value), outputName(name)));
  if (barrier) proto.message(1, sequenceOf("barrier", BARRIER));
  proto.text(2, "step");
  for (const value of graph.constants)
    proto.message(5, tensorProto(known(value), value, (value.source as { elements: Elements }).elements));
  if (barrier) proto.message(5, message().integer(1, 1).integer(2, 1).text(8, "barrier").bytes(9, new Uint8Array(4))); // prettier-ignore
  for (const value of [...Object.values(graph.inputs), ...Object.values(graph.noise)])
    proto.message(11, valueInfo(known(value), value));
  if (barrier) proto.message(12, sequenceInfo(BARRIER));
  for (const [name, value] of Object.entries(graph.outputs))
    proto.message(12, valueInfo(outputName(name), value));
  return proto;
}

/** A value made by a node takes the name of the first output that it is. */
function outputNames(graph: Graph): Map<Value, string> {
  const names = new Map<Value, string>();
  for (const [name, value] of Object.entries(graph.outputs))
    if (value.source.kind === "node" && !names.has(value)) names.set(value, outputName(name));
  return names;
}

const identity = (from: string, to: string) =>
  message().text(1, from).text(2, to).text(3, `name ${to}`).text(4, "Identity");

const sequenceOf = (from: string, to: string) =>
  message().text(1, from).text(2, to).text(3, `name ${to}`).text(4, "SequenceConstruct");

function sequenceInfo(name: string): Message {
  const element = message().message(1, message().integer(1, 1)); // a float tensor
  return message()
    .text(1, name)
    .message(2, message().message(4, message().message(1, element)));
}

function nodeProto(node: Node, known: (value: Value) => string): Message {
  const proto = message();
  for (const input of node.inputs) proto.text(1, known(input));
  for (const output of node.outputs) proto.text(2, known(output));
  proto.text(3, `${node.op} ${known(node.outputs[0]!)}`).text(4, node.op);
  for (const [name, attribute] of Object.entries(node.attributes))
    proto.message(5, attributeProto(name, attribute));
  return proto;
}

function attributeProto(name: string, attribute: Attribute): Message {
  const proto = message().text(1, name);
  if (typeof attribute === "number") return proto.integer(3, attribute).integer(20, kinds.integer);
  if (typeof attribute === "string") return proto.text(4, attribute).integer(20, kinds.text);
  if ("float" in attribute) return proto.float(2, attribute.float).integer(20, kinds.float);
  for (const n of attribute) proto.integer(8, n);
  return proto.integer(20, kinds.integers);
}

function tensorProto(name: string, value: Value, elements: Elements): Message {
  const proto = message();
  for (const n of value.shape) proto.integer(1, n);
  const raw = new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength);
  return proto.integer(2, typeCode[value.type]).text(8, name).bytes(9, raw);
}

function valueInfo(name: string, value: Value): Message {
  const shape = message();
  for (const n of value.shape) shape.message(1, message().integer(1, n));
  const tensor = message().integer(1, typeCode[value.type]).message(2, shape);
  return message().text(1, name).message(2, message().message(1, tensor));
}

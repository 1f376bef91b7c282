/**
 * Fields in the wire format of protocol buffers, as far as an ONNX model and TensorBoard's events need it. A field is a key
 * (number · 8 + wire type) and a value: integers are base-128 varints, texts, bytes and messages are preceded by their length.
 * A message is its fields one after another.
 */
const VARINT = 0;
const FIXED64 = 1;
const DELIMITED = 2;
const FIXED32 = 5;

function varint(x: number): number[] {
  let rest = BigInt.asUintN(64, BigInt(x));
  const bytes: number[] = [];
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}

const key = (field: number, wireType: number) => varint(field * 8 + wireType);

export const integer = (field: number, x: number): Uint8Array =>
  Uint8Array.from([...key(field, VARINT), ...varint(x)]);

/** A number as float32. */
export const float = (field: number, x: number): Uint8Array =>
  Uint8Array.from([...key(field, FIXED32), ...new Uint8Array(Float32Array.of(x).buffer)]);

/** A number as float64. */
export const double = (field: number, x: number): Uint8Array =>
  Uint8Array.from([...key(field, FIXED64), ...new Uint8Array(Float64Array.of(x).buffer)]);

export const bytes = (field: number, x: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.from([...key(field, DELIMITED), ...varint(x.length)]), x]);

export const text = (field: number, x: string): Uint8Array => bytes(field, new TextEncoder().encode(x));

/** A field that is itself a message of these fields. */
export const message = (field: number, ...fields: Uint8Array[]): Uint8Array =>
  bytes(field, Buffer.concat(fields));

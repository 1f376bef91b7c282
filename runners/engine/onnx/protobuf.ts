/**
 * The wire format of protocol buffers, as much of it as an ONNX model needs: a message is a sequence of fields, each a
 * key (number · 8 + wire type) and a value; integers are base-128 varints, anything else is length-delimited.
 */
const VARINT = 0;
const DELIMITED = 2;
const FIXED32 = 5;

export interface Message {
  integer(field: number, x: number | bigint): Message;
  float(field: number, x: number): Message;
  text(field: number, x: string): Message;
  bytes(field: number, x: Uint8Array): Message;
  message(field: number, x: Message): Message;
  /** Packed, as proto3 writes repeated numbers. */
  integers(field: number, x: readonly number[]): Message;
  readonly length: number;
  finish(): Uint8Array;
}

function varint(x: number | bigint): number[] {
  let rest = BigInt.asUintN(64, BigInt(x));
  const bytes: number[] = [];
  while (rest > 127n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return bytes;
}

export function message(): Message {
  const parts: Uint8Array[] = [];
  let length = 0;
  const push = (bytes: Uint8Array) => {
    parts.push(bytes);
    length += bytes.length;
  };
  const head = (field: number, wire: number, ...rest: number[]) =>
    push(Uint8Array.from([...varint(field * 8 + wire), ...rest]));
  const delimited = (field: number, size: number) => head(field, DELIMITED, ...varint(size));
  const self: Message = {
    integer(field, x) {
      head(field, VARINT, ...varint(x));
      return self;
    },
    float(field, x) {
      const bytes = new Uint8Array(4);
      new DataView(bytes.buffer).setFloat32(0, x, true);
      head(field, FIXED32, ...bytes);
      return self;
    },
    text: (field, x) => self.bytes(field, new TextEncoder().encode(x)),
    bytes(field, x) {
      delimited(field, x.length);
      push(x);
      return self;
    },
    message: (field, x) => self.bytes(field, x.finish()),
    integers: (field, x) => self.bytes(field, Uint8Array.from(x.flatMap(varint))),
    get length() {
      return length;
    },
    finish() {
      const whole = new Uint8Array(length);
      let at = 0;
      for (const part of parts) {
        whole.set(part, at);
        at += part.length;
      }
      return whole;
    },
  };
  return self;
}

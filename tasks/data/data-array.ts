/** Arrays of numbers from files of the user: their types in files, and what they are checked for. */
import type { Values32 } from "../task.ts";
import { DataError } from "./data-error.ts";

/** The numbers of a file. */
export interface DataArray extends Values32 {
  /** The file's name and its MD5, for `sums` of a task and so for the manifest. */
  readonly sums: Readonly<Record<string, string>>;
}

/** What a file must hold, and how its values are scaled. */
export interface Expected {
  /** The size of each axis; `undefined` stands for any. */
  readonly shape?: readonly (number | undefined)[];
  /** The smallest and the largest value in the file. */
  readonly range?: readonly [number, number];
  /** The values of the file are divided by it once their range is checked: 255 for the bytes of images. */
  readonly divisor?: number;
}

interface NumberType {
  readonly size: number;
  readonly whole: boolean;
  readonly read: (view: DataView, at: number, little: boolean) => number;
}

const type = (size: number, whole: boolean, read: NumberType["read"]): NumberType => ({ size, whole, read });

/** Types of numbers in files, by NumPy's names. */
export const numberTypes = {
  b1: type(1, true, (view, at) => (view.getUint8(at) === 0 ? 0 : 1)),
  u1: type(1, true, (view, at) => view.getUint8(at)),
  i1: type(1, true, (view, at) => view.getInt8(at)),
  u2: type(2, true, (view, at, little) => view.getUint16(at, little)),
  i2: type(2, true, (view, at, little) => view.getInt16(at, little)),
  u4: type(4, true, (view, at, little) => view.getUint32(at, little)),
  i4: type(4, true, (view, at, little) => view.getInt32(at, little)),
  i8: type(8, true, (view, at, little) => Number(view.getBigInt64(at, little))),
  f4: type(4, false, (view, at, little) => view.getFloat32(at, little)),
  f8: type(8, false, (view, at, little) => view.getFloat64(at, little)),
} as const satisfies Readonly<Record<string, NumberType>>;
export type NumberTypeName = keyof typeof numberTypes;

/** Whole numbers up to here are exact in 32-bit floats. */
const exact = 2 ** 24;

const product = (sizes: readonly number[]): number => sizes.reduce((a, b) => a * b, 1);

export const sizesText = (shape: readonly (number | undefined)[]): string =>
  shape.length === 0 ? "a single number" : shape.map((size) => size ?? "any").join(" × ");

/** The index on each axis of an element in row-major order, as NumPy writes it. */
function indexText(at: number, shape: readonly number[]): string {
  const index: number[] = [];
  for (const size of shape.toReversed()) {
    index.unshift(at % size);
    at = Math.floor(at / size);
  }
  return `[${index.join(", ")}]`;
}

/** An array in the bytes of a file. */
export interface Encoded {
  /** The format and the path, as errors begin. */
  readonly who: string;
  readonly bytes: Uint8Array;
  readonly type: NumberTypeName;
  readonly shape: readonly number[];
  readonly littleEndian: boolean;
  /** Whether the first index changes fastest. */
  readonly columnMajor?: boolean;
}

/**
 * The array in row-major order, checked and scaled. Throws a DataError for another shape, an array without elements, bytes
 * that are too few or too many, missing values, values out of range, and values that 32-bit floats do not hold.
 */
export function decode(encoded: Encoded, { shape: wanted, range, divisor = 1 }: Expected): Values32 {
  const { who, bytes, shape, type: name, littleEndian, columnMajor = false } = encoded;
  const { size, whole, read } = numberTypes[name];
  const fail = (what: string) => new DataError(`${who} ${what}.`);
  const count = product(shape);
  if (wanted && !fitsShape(shape, wanted))
    throw fail(`has shape ${sizesText(shape)}; expected ${sizesText(wanted)}`);
  if (count === 0) throw fail(`has shape ${sizesText(shape)} and so no values`);
  if (bytes.length !== count * size)
    throw fail(
      `holds ${bytes.length} bytes of values, but ${sizesText(shape)} of type ${name} need ${count * size}`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const stored = columnMajor ? columnMajorOffsets(shape) : (at: number) => at;
  const values = new Float32Array(count);
  for (let at = 0; at < count; at++) {
    const value = read(view, stored(at) * size, littleEndian);
    const wrong = faultOf(value, whole, range);
    if (wrong !== undefined) throw fail(`${wrong} at ${indexText(at, shape)}`);
    values[at] = value / divisor;
  }
  return { shape, values };
}

const fitsShape = (shape: readonly number[], wanted: readonly (number | undefined)[]): boolean =>
  shape.length === wanted.length && wanted.every((size, i) => size === undefined || size === shape[i]);

/** What is wrong with a value, if anything. */
export function faultOf(value: number, whole: boolean, range: Expected["range"]): string | undefined {
  if (Number.isNaN(value)) return "has a missing value (NaN)";
  if (!Number.isFinite(Math.fround(value)))
    return `holds ${value}, which is no number that 32-bit floats hold,`;
  if (whole && Math.abs(value) > exact) return `holds ${value}, which 32-bit floats do not hold exactly,`;
  if (range && (value < range[0] || value > range[1]))
    return `holds ${value}, which is not in ${range[0]} ... ${range[1]},`;
  return undefined;
}

/** From the place of an element in row-major order to its place in column-major order. */
function columnMajorOffsets(shape: readonly number[]): (at: number) => number {
  const strides = shape.map((_, i) => product(shape.slice(0, i)));
  return (at) => {
    let offset = 0;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      offset += (at % shape[axis]!) * strides[axis]!;
      at = Math.floor(at / shape[axis]!);
    }
    return offset;
  };
}

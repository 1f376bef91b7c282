/** Reads NPY and NPZ, the formats of NumPy: one array, and a ZIP archive of arrays. */
import { type DataArray, decode, type Expected, type NumberTypeName, numberTypes } from "./data-array.ts";
import { DataError } from "./data-error.ts";
import { type FilePath, readDataFile } from "./data-file.ts";
import type { Values32 } from "../task.ts";
import { unzip } from "./zip.ts";

/**
 * Reads an NPY file of booleans, whole numbers or floats of 4 or 8 bytes, in either order of bytes and of axes, plain or
 * compressed with gzip.
 *
 * Rejects with a DataError if the file cannot be read or does not hold what is expected.
 */
export async function readNpy(path: FilePath, expected: Expected = {}): Promise<DataArray> {
  const { who, name, bytes, sum } = await readDataFile("NPY", path);
  return { ...parseNpy(bytes, who, expected), sums: { [name]: sum } };
}

/**
 * Reads arrays of an NPZ file by name: those named in `expected`, else all. Plain and compressed archives are read by
 * Node's zlib.
 *
 * Rejects with a DataError if the file cannot be read, lacks an array, or one does not hold what is expected.
 */
export async function readNpz<Name extends string = string>(
  path: FilePath,
  expected?: Readonly<Record<Name, Expected>>,
): Promise<Record<Name, DataArray>> {
  const { who, name: file, bytes, sum } = await readDataFile("NPZ", path);
  const entries = [...unzip(bytes, who)].filter(([name]) => name.endsWith(".npy"));
  const arrays = new Map(entries.map(([name, array]) => [name.slice(0, -".npy".length), array]));
  const read = (name: string): [string, DataArray] => {
    const array = arrays.get(name);
    if (array === undefined)
      throw new DataError(`${who} has no array "${name}"; it has ${quoted([...arrays.keys()])}.`);
    const parsed = parseNpy(array, `${who}: array "${name}"`, expected?.[name as Name] ?? {});
    return [name, { ...parsed, sums: { [file]: sum } }];
  };
  const names = Object.keys(expected ?? Object.fromEntries(arrays));
  return Object.fromEntries(names.map(read)) as Record<Name, DataArray>;
}

const quoted = (names: readonly string[]): string =>
  names.length === 0 ? "none" : names.map((name) => `"${name}"`).join(", ");

const magic = "\x93NUMPY";

function parseNpy(bytes: Uint8Array, who: string, expected: Expected): Values32 {
  const fail = (what: string) => new DataError(`${who} ${what}.`);
  const start = Buffer.from(bytes.subarray(0, magic.length)).toString("latin1");
  if (start !== magic) throw fail(`is no NPY file: it does not begin with ${magic.slice(1)}`);
  const version = bytes[magic.length] ?? 0;
  if (version < 1 || version > 3) throw fail(`has version ${version} of the format; expected 1 to 3`);
  const [at, size] = version === 1 ? [8, 2] : [8, 4];
  if (bytes.length < at + size) throw fail("ends within its header");
  const length = Buffer.from(bytes.subarray(at, at + size)).readUIntLE(0, size);
  const body = at + size + length;
  if (bytes.length < body) throw fail("ends within its header");
  const header = Buffer.from(bytes.subarray(at + size, body)).toString("latin1");
  const [, order, type] = /'descr': *'([<>|=])(\w+)'/.exec(header) ?? [];
  const [, columnMajor] = /'fortran_order': *(True|False)/.exec(header) ?? [];
  const [, sizes] = /'shape': *\(([\d, ]*)\)/.exec(header) ?? [];
  if (type === undefined || !Object.hasOwn(numberTypes, type))
    throw fail(
      `has type ${type ?? header.trim()}; expected a single type of ${Object.keys(numberTypes).join(", ")}`,
    );
  if (columnMajor === undefined || sizes === undefined)
    throw fail(`has the header ${header.trim()}, without shape or fortran_order`);
  return decode(
    {
      who,
      bytes: bytes.subarray(body),
      type: type as NumberTypeName,
      shape: sizes
        .split(",")
        .filter((text) => text.trim() !== "")
        .map(Number),
      littleEndian: order !== ">",
      columnMajor: columnMajor === "True",
    },
    expected,
  );
}

/** Writes arrays in NumPy's formats. */
import { zipSync } from "fflate";
import type { Arrays } from "../../tasks/task.ts";

/** One array of float32 as an NPY file of version 1.0. */
function npy({ shape, values }: Arrays[string]): Uint8Array {
  const sizes = shape.map((size) => `${size},`).join("");
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${sizes}), }`;
  const length = 64 * Math.ceil((10 + header.length + 1) / 64) - 10;
  const bytes = Buffer.alloc(10 + length + 4 * values.length);
  bytes.write("\x93NUMPY\x01\x00", "latin1");
  bytes.writeUInt16LE(length, 8);
  bytes.write(`${header.padEnd(length - 1)}\n`, 10, "latin1");
  values.forEach((value, i) => void bytes.writeFloatLE(value, 10 + length + 4 * i));
  return bytes;
}

/** Named arrays as an NPZ archive: the same bytes for the same arrays. */
export const npz = (arrays: Arrays): Uint8Array =>
  zipSync(Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${name}.npy`, npy(array)])), {
    level: 0,
    mtime: "1980-01-01T00:00:00",
  });

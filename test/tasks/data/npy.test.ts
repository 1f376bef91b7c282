import test from "ava";
import fc from "fast-check";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DataError, readNpy, readNpz } from "../../../tasks/data/index.ts";
import { unzip } from "../../../tasks/data/zip.ts";
import { folder, npy, numbers, zip } from "./made.ts";

const floats = (values: readonly number[]) => numbers("f4", values, true);
const good = npy("<f4", [2, 3], floats([1, 2, 3, 4, 5, 6]));

test("readNpy reads arrays in either order of axes, plain and in gzip", async (t) => {
  const at = await folder({
    plain: good,
    packed: gzipSync(good),
    columns: npy("<f4", [2, 3], floats([1, 4, 2, 5, 3, 6]), true),
    booleans: npy("|b1", [2], Buffer.from([1, 0])),
    big: npy(">i4", [1, 2], numbers("i4", [-7, 9], false)),
  });
  for (const name of ["plain", "packed", "columns"]) {
    const { shape, values, sums } = await readNpy(join(at, name), { divisor: 2 });
    t.deepEqual(shape, [2, 3]);
    t.deepEqual([...values], [0.5, 1, 1.5, 2, 2.5, 3]);
    t.deepEqual(Object.keys(sums), [name]);
  }
  t.deepEqual([...(await readNpy(join(at, "booleans"))).values], [1, 0]);
  t.deepEqual([...(await readNpy(join(at, "big"))).values], [-7, 9]);
});

const broken = (from: string, to: string) => Buffer.from(good.toString("latin1").replace(from, to), "latin1");

for (const [what, bytes, message] of [
  ["another format", Buffer.from("a,b\n1,2\n"), /is no NPY file: it does not begin with NUMPY\.$/],
  ["another version", broken("NUMPY\x01", "NUMPY\x09"), /has version 9 of the format; expected 1 to 3\.$/],
  ["a header cut short", good.subarray(0, 40), /ends within its header\.$/],
  ["a header of two bytes", good.subarray(0, 9), /ends within its header\.$/],
  ["values cut short", good.subarray(0, -1), /holds 23 bytes of values, but 2 × 3 of type f4 need 24\.$/],
  ["text", npy("<U5", [1], Buffer.alloc(20)), /has type U5; expected a single type of b1, u1, /],
  ["objects", npy("|O", [1], Buffer.alloc(8)), /has type O; expected/],
  ["several types", broken("'<f4'", "[('a', '<f4')]"), /has type \{'descr': \[\('a', '<f4'\)\].*; expected/],
  ["no shape", broken("'shape'", "'sharp'"), /has the header \{.*\}, without shape or fortran_order\.$/],
  [
    "a missing value",
    npy("<f4", [2, 2], floats([1, 2, NaN, 4])),
    /has a missing value \(NaN\) at \[1, 0\]\.$/,
  ],
  ["an empty file", Buffer.alloc(0), /is empty\.$/],
] as const)
  test(`readNpy refuses ${what}`, async (t) => {
    const at = await folder({ f: bytes });
    await t.throwsAsync(readNpy(join(at, "f")), { instanceOf: DataError, message });
  });

test("readNpz reads all arrays of plain and compressed archives, or those that are asked for", async (t) => {
  const files = { "x.npy": good, "y.npy": npy("<i8", [2], numbers("i8", [3, 4], true)), "notes.txt": good };
  for (const compressed of [false, true]) {
    const at = await folder({ f: zip(files, compressed) });
    const all = await readNpz(join(at, "f"));
    t.deepEqual(Object.keys(all), ["x", "y"]);
    const { x, y } = await readNpz(join(at, "f"), { x: { shape: [undefined, 3] }, y: {} });
    t.deepEqual([...x.values], [1, 2, 3, 4, 5, 6]);
    t.deepEqual([...y.values], [3, 4]);
    t.deepEqual(x.sums, y.sums);
    t.deepEqual(Object.keys(await readNpz(join(at, "f"), { y: {} })), ["y"]);
  }
});

for (const [what, bytes, message] of [
  ["an array that is not there", zip({ "x.npy": good }, true), /has no array "z"; it has "x"\.$/],
  ["an archive without arrays", zip({ "x.txt": good }, true), /has no array "z"; it has none\.$/],
  ["what is no archive", good, /is no complete ZIP archive\.$/],
  ["an archive cut short", zip({ "z.npy": good }, false).subarray(0, -30), /is no complete ZIP archive\.$/],
  ["a damaged array", damaged(), /holds z\.npy with a wrong checksum\.$/],
  ["an array of wrong shape", zip({ "z.npy": good }, true), /f: array "z" has shape 2 × 3; expected 3\.$/],
] as const)
  test(`readNpz refuses ${what}`, async (t) => {
    const at = await folder({ f: bytes });
    await t.throwsAsync(readNpz(join(at, "f"), { z: { shape: [3] } }), { instanceOf: DataError, message });
  });

function damaged(): Buffer {
  const archive = zip({ "z.npy": good }, false);
  archive[100]! ^= 1;
  return archive;
}

test("unzip answers any change of an archive with the same files or a DataError", (t) => {
  const archive = zip({ "a.npy": good, "b.npy": good }, true);
  const change = fc.tuple(fc.nat(archive.length - 1), fc.nat(255));
  fc.assert(
    fc.property(fc.array(change, { maxLength: 3 }), fc.nat(archive.length), (changes, length) => {
      const copy = Buffer.from(archive);
      for (const [at, byte] of changes) copy[at] = byte;
      try {
        unzip(copy.subarray(0, length), "f");
        return true;
      } catch (error) {
        return error instanceof DataError;
      }
    }),
    { seed: 1, numRuns: 2000 },
  );
  t.pass();
});

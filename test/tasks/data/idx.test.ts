import test from "ava";
import fc from "fast-check";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DataError } from "../../../tasks/data/data-error.ts";
import { parseIdx, readIdx } from "../../../tasks/data/idx.ts";
import { folder, idx } from "./made.ts";

const good = idx([2, 1, 3], [1, 2, 3, 4, 5, 6]);

test("readIdx reads plain and gzipped files alike, whatever their names", async (t) => {
  const at = await folder({ plain: good, packed: gzipSync(good) });
  const plain = await readIdx(join(at, "plain"), [1, 3]);
  t.deepEqual(
    { ...plain, values: [...plain.values] },
    { rows: 2, values: [1, 2, 3, 4, 5, 6], sum: plain.sum },
  );
  t.deepEqual(await readIdx(join(at, "packed"), [1, 3]), plain);
});

test("readIdx sums the uncompressed bytes with MD5", async (t) => {
  const at = await folder({ a: gzipSync(idx([1], [7])) });
  // printf '\0\0\10\1\0\0\0\1\7' | md5sum
  t.is((await readIdx(join(at, "a"), [])).sum, "069704a432bbfaa4be602cfa29dcc9b4");
});

test("readIdx names a file that is not there, and one that is a folder", async (t) => {
  const at = await folder({});
  await t.throwsAsync(readIdx(join(at, "none"), []), {
    instanceOf: DataError,
    message: `IDX file ${join(at, "none")} cannot be read (ENOENT).`,
  });
  await t.throwsAsync(readIdx(at, []), { instanceOf: DataError, message: /cannot be read \(EISDIR\)\.$/ });
});

test("readIdx says when compression is cut short or broken", async (t) => {
  const packed = gzipSync(good);
  const at = await folder({ short: packed.subarray(0, packed.length - 9), broken: packed.fill(255, 12, 16) });
  for (const name of ["short", "broken"]) {
    await t.throwsAsync(readIdx(join(at, name), [1, 3]), {
      instanceOf: DataError,
      message: /^IDX file .* cannot be uncompressed \(.+\)\.$/,
    });
  }
});

const magic = "00 00 08 03 (unsigned bytes, rank 3)";
for (const [what, bytes, fault] of [
  ["an empty file", Buffer.alloc(0), "is empty"],
  ["another format", Buffer.from("PNG!"), `begins with 50 4e 47 21; expected ${magic}`],
  ["labels", idx([1], [1]), `begins with 00 00 08 01; expected ${magic}`],
  ["half a header", good.subarray(0, 9), "has 9 bytes; its header alone needs 16"],
  ["another shape", idx([1, 3, 1], [1, 2, 3]), "holds rows of 3 × 1; expected 1 × 3"],
  ["no rows", idx([0, 1, 3], []), "holds no rows"],
  ["a file cut short", good.subarray(0, 20), "holds 4 bytes after its header, but its 2 rows need 6"],
  ["a file too long", Buffer.concat([good, good]), "holds 28 bytes after its header, but its 2 rows need 6"],
] as const)
  test(`parseIdx refuses ${what}`, (t) => {
    t.throws(() => parseIdx(bytes, "FILE", [1, 3]), {
      instanceOf: DataError,
      message: `IDX file FILE ${fault}.`,
    });
  });

test("parseIdx answers any bytes with rows or a DataError", (t) => {
  const start = fc.constantFrom([], [0, 0, 8, 3], [...good.subarray(0, 12)], [...good.subarray(0, 16)]);
  fc.assert(
    fc.property(start, fc.uint8Array({ maxLength: 20 }), (first, rest) => {
      try {
        const { rows, values } = parseIdx(Uint8Array.from([...first, ...rest]), "FILE", [1, 3]);
        return rows * 3 === values.length;
      } catch (error) {
        return error instanceof DataError && error.exit === 3;
      }
    }),
    { seed: 3 },
  );
  t.pass();
});

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
    message: `data: ${join(at, "none")} must be a readable file, got ENOENT`,
  });
  await t.throwsAsync(readIdx(at, []), {
    instanceOf: DataError,
    message: /must be a readable file, got EISDIR$/,
  });
});

test("readIdx says when compression is cut short or broken", async (t) => {
  const packed = gzipSync(good);
  const at = await folder({ short: packed.subarray(0, packed.length - 9), broken: packed.fill(255, 12, 16) });
  for (const name of ["short", "broken"]) {
    await t.throwsAsync(readIdx(join(at, name), [1, 3]), {
      instanceOf: DataError,
      message: /^data: .* must be whole where it is compressed, got ".*"$/,
    });
  }
});

const WRONG: readonly [string, Uint8Array, string][] = [
  [
    "an empty file",
    Buffer.alloc(0),
    "begin with 00 00 08 03 (IDX, unsigned bytes, rank 3), got an empty file",
  ],
  [
    "another format",
    Buffer.from("PNG!"),
    "begin with 00 00 08 03 (IDX, unsigned bytes, rank 3), got 50 4e 47 21",
  ],
  ["labels", idx([1], [1]), "begin with 00 00 08 03 (IDX, unsigned bytes, rank 3), got 00 00 08 01"],
  ["half a header", good.subarray(0, 9), "begin with an IDX header of 16 bytes, got 9 in all"],
  ["another shape", idx([1, 3, 1], [1, 2, 3]), "hold rows of 1 × 3, got 3 × 1"],
  ["no rows", idx([0, 1, 3], []), "hold at least one row, got none"],
  [
    "a file cut short",
    good.subarray(0, 20),
    "hold 6 bytes after its header, as the 2 rows in it say, got 4 (is the file cut short?)",
  ],
  [
    "a file too long",
    Buffer.concat([good, good]),
    "hold 6 bytes after its header, as the 2 rows in it say, got 28 (is the file cut short?)",
  ],
];

for (const [what, bytes, must] of WRONG) {
  test(`parseIdx refuses ${what}`, (t) => {
    t.throws(() => parseIdx(bytes, "FILE", [1, 3]), {
      instanceOf: DataError,
      message: `data: FILE must ${must}`,
    });
  });
}

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

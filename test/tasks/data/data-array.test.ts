import test from "ava";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { decode, type NumberTypeName, numberTypes } from "../../../tasks/data/data-array.ts";
import { DataError, readersIn, readIdxFile, withLabels } from "../../../tasks/data/index.ts";
import { folder, idx, numbers } from "./made.ts";

const array = (shape: readonly number[], values: readonly number[]) => ({
  ...{ shape, values: Float32Array.from(values), sums: { f: "0" } },
});

test("decode reads each type in both orders of bytes", (t) => {
  for (const type of Object.keys(numberTypes) as NumberTypeName[])
    for (const littleEndian of [true, false]) {
      const given = type === "b1" ? [0, 1] : type.startsWith("u") ? [200, 3] : [-100, 3];
      const bytes = numbers(type, given, littleEndian);
      const { values } = decode({ who: "f", bytes, type, shape: [2], littleEndian }, {});
      t.deepEqual([...values], given, `${type} ${littleEndian}`);
    }
});

test("decode brings arrays of any rank from column-major to row-major order", (t) => {
  const [A, B, C] = [2, 3, 4];
  const value = (a: number, b: number, c: number) => 100 * a + 10 * b + c;
  const stored = [];
  for (let c = 0; c < C; c++)
    for (let b = 0; b < B; b++) for (let a = 0; a < A; a++) stored.push(value(a, b, c));
  const bytes = numbers("f4", stored, true);
  const encoded = {
    who: "f",
    bytes,
    type: "f4",
    shape: [A, B, C],
    littleEndian: true,
    columnMajor: true,
  } as const;
  const { values } = decode(encoded, {});
  let at = 0;
  for (let a = 0; a < A; a++)
    for (let b = 0; b < B; b++) for (let c = 0; c < C; c++) t.is(values[at++], value(a, b, c));
});

test("readIdxFile reads numbers of any type and rank, divides them and gives their MD5", async (t) => {
  const at = await folder({ "x-idx2": idx([2, 3], [0, 51, 102, 153, 204, 255]) });
  const { shape, values, sums } = await readIdxFile(join(at, "x-idx2"), {
    ...{ shape: [undefined, 3], range: [0, 255], divisor: 255 },
  });
  t.deepEqual(shape, [2, 3]);
  t.deepEqual(values, Float32Array.from([0, 0.2, 0.4, 0.6, 0.8, 1]));
  t.deepEqual(Object.keys(sums), ["x-idx2"]);
  t.regex(sums["x-idx2"]!, /^\w{32}$/);

  const header = Buffer.from([0, 0, 0x0e, 1, 0, 0, 0, 2]);
  const floats = await folder({ f: Buffer.concat([header, numbers("f8", [1.5, -2], false)]) });
  t.deepEqual([...(await readIdxFile(pathToFileURL(join(floats, "f")))).values], [1.5, -2]);
});

for (const [what, bytes, expected, message] of [
  [
    "another magic word",
    Buffer.from("P5 2 2 255"),
    {},
    /begins with 50 35 20 32; expected 00 00, one of 08 09/,
  ],
  ["an unknown type", Buffer.from([0, 0, 0x0a, 1, 0, 0, 0, 0]), {}, /begins with 00 00 0a 01/],
  ["a header cut short", Buffer.from([0, 0, 8, 2, 0, 0]), {}, /has 6 bytes; its header alone needs 12\.$/],
  ["values cut short", idx([2, 3], [1, 2]), {}, /holds 2 bytes of values, but 2 × 3 of type u1 need 6\.$/],
  ["values too many", idx([1], [1, 2]), {}, /holds 2 bytes of values, but 1 of type u1 need 1\.$/],
  ["no values", idx([0, 3], []), {}, /has shape 0 × 3 and so no values\.$/],
  ["another shape", idx([1, 2], [1, 2]), { shape: [undefined, 3] }, /has shape 1 × 2; expected any × 3\.$/],
  ["another rank", idx([2], [1, 2]), { shape: [2, 1] }, /has shape 2; expected 2 × 1\.$/],
  [
    "a value out of range",
    idx([2, 2], [0, 1, 7, 1]),
    { range: [0, 1] },
    /holds 7, which is not in 0 \.\.\. 1, at \[1, 0\]\.$/,
  ],
  ["an empty file", Buffer.alloc(0), {}, /is empty\.$/],
] as const)
  test(`readIdxFile refuses ${what}`, async (t) => {
    const at = await folder({ f: bytes });
    await t.throwsAsync(readIdxFile(join(at, "f"), expected), { instanceOf: DataError, message });
  });

test("decode refuses what 32-bit floats do not hold, and says where", (t) => {
  for (const [type, value, message] of [
    ["f8", NaN, "f has a missing value (NaN) at [1]."],
    ["f4", Infinity, "f holds Infinity, which is no number that 32-bit floats hold, at [1]."],
    ["f8", 1e39, "f holds 1e+39, which is no number that 32-bit floats hold, at [1]."],
    ["i4", 16777217, "f holds 16777217, which 32-bit floats do not hold exactly, at [1]."],
    ["i8", -(2 ** 40), "f holds -1099511627776, which 32-bit floats do not hold exactly, at [1]."],
  ] as const) {
    const bytes = numbers(type, [1, value], true);
    const read = () => decode({ who: "f", bytes, type, shape: [2], littleEndian: true }, {});
    t.throws(read, { instanceOf: DataError, message });
  }
});

test("readersIn looks up relative paths from its folder, and others as they are", async (t) => {
  const at = await folder({ f: idx([1], [4]) });
  const { readIdxFile: read } = readersIn(at);
  t.deepEqual([...(await read("./f")).values], [4]);
  t.deepEqual([...(await read(join(at, "f"))).values], [4]);
  await t.throwsAsync(readersIn(join(at, "none")).readIdxFile("f"), {
    message: /none\/f cannot be read \(ENOENT\)\.$/,
  });
});

test("withLabels names the classes in rising order, and refuses labels that are none", (t) => {
  const rows = array([3, 1], [0, 0, 0]);
  const { labels } = withLabels(rows, array([3], [10, 9, 10]));
  t.deepEqual(labels.classes, ["9", "10"]);
  t.deepEqual([...labels.codes], [1, 0, 1]);
  t.throws(() => withLabels(rows, array([2], [1, 2])), {
    message: /have shape 2; expected one label for each of 3 rows\.$/,
  });
  t.throws(() => withLabels(rows, array([3], [1, 0.5, 2])), {
    message: /must be whole numbers, got 0\.5 in row 1\.$/,
  });
});

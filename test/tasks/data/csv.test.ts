import test from "ava";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type CsvOptions, DataError, readCsv } from "../../../tasks/data/index.ts";
import { folder } from "./made.ts";

const read = async (text: string | Uint8Array, options?: CsvOptions) =>
  readCsv(
    join(await folder({ "t.csv": typeof text === "string" ? Buffer.from(text) : text }), "t.csv"),
    options,
  );

test("readCsv takes the first line as a header if none of its cells is a number", async (t) => {
  const named = await read("height,width\n1,2\n3,4.5e1\n");
  t.deepEqual(named.columns, ["height", "width"]);
  t.deepEqual(named.shape, [2, 2]);
  t.deepEqual([...named.values], [1, 2, 3, 45]);
  const bare = await read("1,2\n3,4\n");
  t.deepEqual(bare.columns, ["0", "1"]);
  t.deepEqual(bare.shape, [2, 2]);
  t.deepEqual((await read("0,1\n5,6\n", { header: true })).columns, ["0", "1"]);
  t.deepEqual((await read("5,a\n6,b\n", { label: 1 })).shape, [2, 1]);
});

test("readCsv takes columns by name or index in the given order, and labels as text", async (t) => {
  const text = "a,kind,b\n1,cat,3\n4,ant,6\n7,cat,9\n";
  const { columns, values, labels } = await read(text, {
    columns: ["b", 0],
    label: "kind",
    range: [0, 9],
    divisor: 2,
  });
  t.deepEqual(columns, ["b", "a"]);
  t.deepEqual([...values], [1.5, 0.5, 3, 2, 4.5, 3.5]);
  t.deepEqual(labels?.classes, ["ant", "cat"]);
  t.deepEqual([...labels!.codes], [1, 0, 1]);
  t.deepEqual((await read(text, { label: "kind" })).columns, ["a", "b"]);
});

test("readCsv reads quotes, other delimiters, line ends, a byte-order mark and gzip alike", async (t) => {
  const expected = [1, 2, 3, 4];
  for (const [text, options] of [
    ["x,y\r\n1,2\r\n3,4", {}],
    ["\uFEFFx,y\n 1 , 2\n3,4\n\n", {}],
    ["x;y\n1;2\n3;4\n", { delimiter: ";" }],
    ['"x, in m","y\n(line 2)"\n"1",2\n3,"4"\n', {}],
    [gzipSync("x,y\n1,2\n3,4\n"), {}],
  ] as const) {
    const table = await read(text, options);
    t.deepEqual([...table.values], expected);
    t.deepEqual(table.shape, [2, 2]);
    t.deepEqual(Object.keys(table.sums), ["t.csv"]);
  }
});

for (const [what, text, options, message] of [
  ["an empty file", "", {}, /is empty\.$/],
  ["only empty lines", "\n\n", {}, /holds no lines\.$/],
  ["a header alone", "a,b\n", {}, /holds a header and no rows\.$/],
  ["rows of unequal length", "a,b\n1,2\n3\n", {}, /has 1 cells in line 3 and 2 in its first line\.$/],
  ["an empty line between rows", "a,b\n1,2\n\n3,4\n", {}, /has 1 cells in line 3 and 2/],
  ["an empty cell", "a,b\n1,2\n3,\n", {}, /has a missing value \(""\) in line 3, column "b"\.$/],
  ["NA", "1,2\nNA,4\n", {}, /has a missing value \("NA"\) in line 2, column 0\.$/],
  ["text for a number", "a,b\n1,2\n3,4 m\n", {}, /holds "4 m", which is no number, in line 3, column "b"\.$/],
  [
    "an infinite number",
    "a\nInfinity\n",
    { header: true },
    /holds Infinity, which .* in line 2, column "a"\.$/,
  ],
  [
    "a value out of range",
    "a\n0.5\n1.5\n",
    { range: [0, 1] },
    /holds 1\.5, which is not in 0 \.\.\. 1, in line 3, column "a"\.$/,
  ],
  ["a missing label", "a,b\n1,x\n2,\n", { label: "b" }, /has a missing label in line 3, column "b"\.$/],
  ["an unknown column", "a,b\n1,2\n", { columns: ["c"] }, /has no column "c"; its columns are "a", "b"\.$/],
  ["a name without a header", "1,2\n", { label: "c" }, /has no column "c"; its columns are 0 \.\.\. 1\.$/],
  ["an index too large", "a,b\n1,2\n", { columns: [2] }, /has no column 2; its columns are "a", "b"\.$/],
  ["labels alone", "a\nx\n", { label: "a", header: true }, /has no columns of numbers beside its labels\.$/],
  ["a quote that stays open", 'a,b\n"1,2\n', {}, /cannot be parsed: Quote Not Closed: .* at line 2\.$/],
] as const)
  test(`readCsv refuses ${what}`, async (t) => {
    await t.throwsAsync(read(text, options), { instanceOf: DataError, message });
  });

test("readCsv names a file that is not there", async (t) => {
  const at = await folder({});
  await t.throwsAsync(readCsv(join(at, "none.csv")), {
    ...{ instanceOf: DataError, message: `CSV file ${join(at, "none.csv")} cannot be read (ENOENT).` },
  });
});

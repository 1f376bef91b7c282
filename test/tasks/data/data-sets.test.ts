import test from "ava";
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { DataError } from "../../../tasks/data/data-error.ts";
import { dataSetNames } from "../../../tasks/data/data-set-names.ts";
import { dataSetOf, loadDataSet, placeOf } from "../../../tasks/data/data-sets.ts";
import { readMat } from "../../../tasks/data/mat.ts";
import { mnistFolder } from "../../../tasks/data/mnist.ts";
import { loadOmniglot } from "../../../tasks/data/omniglot.ts";
import { checkSum } from "../../../tasks/data/published-sums.ts";
import { atSide } from "../../../tasks/data/scale.ts";
import { folder, idx, images, numbers } from "./made.ts";

test("the digits are a part of the package, in three splits with labels", async (t) => {
  const { splits, sums, width } = await loadDataSet("digits");
  t.is(width, 8);
  t.deepEqual(
    Object.values(splits).map(({ rows, pixels, labels }) => [rows, pixels.length / 64, labels!.length]),
    [1197, 300, 300].map((rows) => [rows, rows, rows]),
  );
  // The first image and the first labels of scikit-learn's load_digits, in sixteenths.
  t.deepEqual(
    [...splits.train.pixels.subarray(0, 8)],
    [0, 0, 5, 13, 9, 1, 0, 0].map((grey) => Math.round((255 * grey) / 16)),
  );
  t.deepEqual([...splits.train.labels!.subarray(0, 10)], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  t.deepEqual(sums, { "digits/digits-8x8": "7696c07daa6d85010f8268703ab8b067" });
});

test("atSide leaves images as they are at side 28, and refuses a side that does not divide theirs", async (t) => {
  const digits = await loadDataSet("digits");
  t.is(atSide(digits, 28), digits);
  t.is(atSide(digits, 4).width, 4);
  t.throws(() => atSide(digits, 7), {
    instanceOf: DataError,
    message: /^side=7 does not divide .* images, 8\.$/,
  });
});

test("a file of another data set is told from one of an unknown one", (t) => {
  const fashion = "f4a8712d7a061bf5bd6d2ca38dc4d50a";
  const mnist = "6bbc9ace898e44ae57da46a324031adb";
  const name = "train-images-idx3-ubyte";
  const check = (set: "mnist" | "fashion", exactly: boolean, sum: string, as: string = name) =>
    checkSum(set, exactly, "d/f", as, sum);
  t.throws(() => check("mnist", false, fashion), {
    message: "IDX file d/f is a file of the data set fashion; write dataset=fashion for it.",
  });
  t.throws(() => check("fashion", true, mnist), {
    message: /is a file of the data set mnist; write dataset=mnist/,
  });
  t.throws(() => check("fashion", true, "00"), {
    message: `IDX file d/f has MD5 00; the published sum is ${fashion}.`,
  });
  t.throws(() => check("fashion", true, fashion, "valid-images-idx3-ubyte"), {
    message: /none of the published files/,
  });
  t.notThrows(() => check("mnist", false, "00"));
  t.notThrows(() => check("fashion", true, fashion));
});

test("fashion refuses a folder of MNIST, and one of other files", async (t) => {
  await t.throwsAsync(loadDataSet("fashion", mnistFolder()), {
    instanceOf: DataError,
    message: /file of the data set mnist/,
  });
  const file = images(6, (i) => i % 251);
  const at = await folder({ "train-images-idx3-ubyte": file, "t10k-images-idx3-ubyte": file });
  await t.throwsAsync(loadDataSet("fashion", at), { message: /has MD5 \w+; the published sum is f4a8712d/ });
  t.is((await loadDataSet("mnist", at)).splits.test.rows, 6);
});

test("a folder of data sets gives those that it has, and others are where they are without it", async (t) => {
  const at = await folder({});
  await mkdir(join(at, "omniglot"));
  t.deepEqual(placeOf("omniglot", at), { own: join(at, "omniglot"), found: join(at, "omniglot") });
  t.deepEqual(placeOf("mnist", at), { found: mnistFolder() });
  t.deepEqual(placeOf("digits", at), { found: "built in" });
  const plain = await folder({});
  t.deepEqual(placeOf("mnist", plain), { own: plain, found: plain });
  t.throws(() => placeOf("omniglot"), {
    instanceOf: DataError,
    message:
      "The data set omniglot is not here. Give --data a folder with chardata.mat of the code of Burda et al. (2015).",
  });
});

test("dataSetOf names the data set of a file in a manifest", (t) => {
  t.is(dataSetOf("train-images-idx3-ubyte"), "mnist");
  for (const name of dataSetNames.slice(1)) t.is(dataSetOf(`${name}/file`), name);
  t.is(dataSetOf("table.csv"), undefined);
});

/** An element of a MAT file. */
function element(type: number, body: Uint8Array): Buffer {
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(type, 0);
  tag.writeUInt32LE(body.length, 4);
  return Buffer.concat([tag, body, Buffer.alloc((8 - (body.length % 8)) % 8)]);
}

/** A matrix of doubles, its values by columns. */
function matrix(
  name: string,
  shape: readonly number[],
  values: readonly number[],
  compressed: boolean,
): Buffer {
  const short = Buffer.from([1, 0, name.length, 0, ...Buffer.from(name.padEnd(4, "\0"))]);
  const body = Buffer.concat([
    element(6, numbers("u4", [6, 0], true)),
    element(5, numbers("i4", shape, true)),
    name.length <= 4 ? short : element(1, Buffer.from(name)),
    element(9, numbers("f8", values, true)),
  ]);
  if (!compressed) return element(14, body);
  const packed = deflateSync(element(14, body));
  const tag = Buffer.alloc(8);
  tag.writeUInt32LE(15, 0);
  tag.writeUInt32LE(packed.length, 4);
  return Buffer.concat([tag, packed]);
}

const mat = (...parts: readonly Buffer[]) => {
  const header = Buffer.alloc(128, " ");
  header.set([0, 1, 0x49, 0x4d], 124);
  return Buffer.concat([header, ...parts]);
};

/** Images in which pixel (row, column) of image i is (28 row + column + i) / 1000, by columns. */
const columns = (rows: number) =>
  Array.from({ length: rows * 784 }, (_, at) => {
    const [image, pixel] = [Math.floor(at / 784), at % 784];
    return (28 * (pixel % 28) + Math.floor(pixel / 28) + image) / 1000;
  });

test("omniglot is read from chardata.mat, plain and compressed, with upright images", async (t) => {
  for (const compressed of [false, true]) {
    const bytes = mat(
      matrix("data", [784, 3], columns(3), compressed),
      matrix("testdata", [784, 2], columns(2), compressed),
    );
    const at = await folder({ "chardata.mat": bytes });
    const sum = createHash("md5").update(bytes).digest("hex");
    const { splits, sums, width } = await loadOmniglot(at, sum, 1);
    t.deepEqual([splits.train.rows, splits.valid.rows, splits.test.rows, width], [2, 1, 2, 28]);
    const grey = (thousandths: number) => Math.round(255 * Math.fround(thousandths / 1000));
    const firsts = [...splits.train.pixels, ...splits.valid.pixels].filter((_, i) => i % 784 === 0);
    t.deepEqual(firsts.sort(), [grey(0), grey(1), grey(2)]);
    const upright = Array.from({ length: 1568 }, (_, i) => grey((i % 784) + Math.floor(i / 784)));
    t.deepEqual([...splits.test.pixels], upright);
    t.deepEqual(sums, { "chardata.mat": sum });
    await t.throwsAsync(loadOmniglot(at), {
      message: /has MD5 \w{32}; the published sum is 21ecaf34373511aa7691cf2e0802aa3d\.$/,
    });
  }
});

for (const [what, bytes, message] of [
  ["another format", idx([1], [1]), /is no MAT file of version 5/],
  [
    "a file cut short",
    mat(matrix("data", [784, 3], columns(3), false)).subarray(0, 900),
    /is damaged \(it is cut short\)\.$/,
  ],
  ["a damaged compression", mat(element(15, Buffer.alloc(64, 7))), /is damaged \(/],
] as const)
  test(`readMat refuses ${what}`, async (t) => {
    const at = await folder({ f: bytes });
    await t.throwsAsync(readMat(join(at, "f")), { instanceOf: DataError, message });
  });

test("omniglot refuses a file without its arrays, or with other shapes", async (t) => {
  for (const parts of [[], [matrix("data", [100, 2], new Array<number>(200).fill(0), false)]]) {
    const bytes = mat(...parts);
    const at = await folder({});
    await writeFile(join(at, "chardata.mat"), bytes);
    const sum = createHash("md5").update(bytes).digest("hex");
    await t.throwsAsync(loadOmniglot(at, sum), {
      instanceOf: DataError,
      message: /has no array data of 784 × images\.$/,
    });
  }
});

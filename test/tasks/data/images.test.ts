import test from "ava";
import { chmod, copyFile, open, symlink } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { DataError } from "../../../tasks/data/data-error.ts";
import { loadFolder } from "../../../tasks/data/folder.ts";
import { loadImages } from "../../../tasks/data/load-images.ts";
import { loadMnist, mnistFolder } from "../../../tasks/data/mnist.ts";
import { SUMS } from "../../../tasks/data/published-sums.ts";
import { folder, idx, images } from "./made.ts";

const grey = (i: number): number => i % 251;

test("loadImages finds MNIST in its package, whole and verified", async (t) => {
  const mnist = await loadImages({});
  t.deepEqual(mnist.sums, { ...SUMS });
  t.false(mnist.binary);
  for (const [split, rows] of [
    ["train", 50_000],
    ["valid", 10_000],
    ["test", 10_000],
  ] as const) {
    const { pixels, labels, ...rest } = mnist.splits[split];
    t.deepEqual(rest, { rows });
    t.is(pixels.length, rows * 784);
    t.is(labels?.length, rows);
  }
  // The first labels of the training and test files, and the one with which the validation rows begin.
  t.deepEqual([...mnist.splits.train.labels!.subarray(0, 5)], [5, 0, 4, 1, 9]);
  t.deepEqual([...mnist.splits.test.labels!.subarray(0, 5)], [7, 2, 1, 0, 4]);
  t.is(mnist.splits.valid.labels![0], 3);
});

test("loadImages reads a source once, and again after a failure", async (t) => {
  t.is(await loadImages({}), await loadImages({}));
  const at = await folder({ "train-images-idx3-ubyte": images(6, grey) });
  await t.throwsAsync(loadImages({ folder: at }), { instanceOf: DataError });
  await copyFile(join(at, "train-images-idx3-ubyte"), join(at, "t10k-images-idx3-ubyte"));
  t.is((await loadImages({ folder: at })).splits.test.rows, 6);
});

test("loadMnist names a file whose sum is not the published one", async (t) => {
  const at = await folder({});
  for (const name of Object.keys(SUMS)) {
    if (name.startsWith("train-labels")) await copyFile(join(mnistFolder(), name), join(at, name));
    else await symlink(join(mnistFolder(), name), join(at, name));
  }
  const labels = await open(join(at, "train-labels-idx1-ubyte"), "r+");
  await labels.write(Uint8Array.of(9), 0, 1, 100);
  await labels.close();
  await t.throwsAsync(loadMnist(at), {
    instanceOf: DataError,
    message:
      /train-labels-idx1-ubyte has MD5 \w{32}; the published sum is a25bea736e30d166cdddb491f175f624\.$/,
  });
});

test("loadFolder takes the four original names, and validates on the last sixth", async (t) => {
  const at = await folder({
    "train-images-idx3-ubyte": images(12, grey),
    "train-labels-idx1-ubyte.gz": gzipSync(idx([12], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1])),
    "t10k-images-idx3-ubyte.gz": gzipSync(images(3, grey)),
  });
  const { splits, binary, sums } = await loadFolder(at);
  t.false(binary);
  t.deepEqual([splits.train.rows, splits.valid.rows, splits.test.rows], [10, 2, 3]);
  t.deepEqual([...splits.valid.labels!], [0, 1]);
  t.is(splits.test.labels, undefined);
  t.is(splits.valid.pixels[0], grey(10 * 784));
  t.deepEqual(Object.keys(sums).sort(), [
    "t10k-images-idx3-ubyte",
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
  ]);
});

test("loadFolder takes a validation file where there is one, and all of the training file", async (t) => {
  const at = await folder({
    "train-images-idx3-ubyte": images(6, grey),
    "valid-images-idx3-ubyte": images(4, grey),
    "test-images-idx3-ubyte": images(5, grey),
  });
  const { splits } = await loadFolder(at);
  t.deepEqual([splits.train.rows, splits.valid.rows, splits.test.rows], [6, 4, 5]);
});

test("loadFolder holds binary files as black and white, whether they say 1 or 255", async (t) => {
  for (const white of [1, 255]) {
    const file = images(4, (i) => (i % 3 === 0 ? white : 0));
    const at = await folder({ "train-images-idx3-ubyte": file, "test-images-idx3-ubyte": file });
    const { binary, splits } = await loadFolder(at);
    t.true(binary);
    t.deepEqual([...splits.test.pixels.subarray(0, 4)], [255, 0, 0, 255]);
  }
});

test("loadFolder takes values 0, 1 and 255 together as grey", async (t) => {
  const at = await folder({
    "train-images-idx3-ubyte": images(4, (i) => i % 2),
    "test-images-idx3-ubyte": images(4, (i) => (i % 2) * 255),
  });
  const { binary, splits } = await loadFolder(at);
  t.false(binary);
  t.is(splits.train.pixels[1], 1);
});

test("loadFolder tells a folder that is not there from one without data", async (t) => {
  const empty = await folder({});
  const absent = await t.throwsAsync(loadFolder(join(empty, "none")), { instanceOf: DataError });
  t.is(absent.message, `Folder ${join(empty, "none")} of IDX files cannot be read (ENOENT).`);
  t.is(absent.exit, 2);
  const bare = await t.throwsAsync(loadFolder(empty), { instanceOf: DataError });
  t.is(bare.message, `Folder ${empty} has no train-images-idx3-ubyte, with or without .gz.`);
  t.is(bare.exit, 3);
});

// Serial: the superuser, who may read everything, becomes nobody for a moment.
test.serial("loadFolder answers 3 for a folder it may not read", async (t) => {
  const closed = await folder({});
  await chmod(closed, 0o000);
  const superuser = process.geteuid?.() === 0;
  if (superuser) process.seteuid!(65534);
  try {
    const error = await t.throwsAsync(loadFolder(closed), { instanceOf: DataError });
    t.is(error.exit, 3);
  } finally {
    if (superuser) process.seteuid!(0);
  }
});

for (const [what, files, message] of [
  [
    "images of another size",
    { "train-images-idx3-ubyte": images(2, grey, 32) },
    /holds rows of 32 × 32; expected 28 × 28\.$/,
  ],
  [
    "a single image to train and validate on",
    { "train-images-idx3-ubyte": images(1, grey) },
    /holds 1 image; training and validation need at least 2\.$/,
  ],
  ["too few labels", { "train-labels-idx1-ubyte": idx([2], [1, 2]) }, /holds 2 labels for 6 images\.$/],
  [
    "a label that is no digit",
    { "train-labels-idx1-ubyte": idx([6], [1, 2, 10, 0, 0, 0]) },
    /labels must be 0 to 9, got 10 in row 2\.$/,
  ],
  ["no test images", { "test-images-idx3-ubyte": Buffer.alloc(0) }, /is empty\.$/],
] as const)
  test(`loadFolder refuses ${what}`, async (t) => {
    const file = images(6, grey);
    const at = await folder({ "train-images-idx3-ubyte": file, "test-images-idx3-ubyte": file, ...files });
    await t.throwsAsync(loadFolder(at), { instanceOf: DataError, message });
  });

import test from "ava";
import { existsSync } from "node:fs";
import { loadFolder } from "../../../tasks/data/folder.ts";
import { loadImages } from "../../../tasks/data/load-images.ts";
import { BINARISATIONS, gatherRows, meanImage, pixels } from "../../../tasks/data/pixels.ts";
import { fillUniform, key } from "../../../tasks/noise.ts";
import { needing } from "../../require.ts";
import { folder, images } from "./made.ts";

const larochelle = new URL("../../../../shared/data/binarized-mnist/", import.meta.url);

const rows = Int32Array.of(3, 0, 3);

async function greys() {
  const file = images(12, (i) => (i * 7) % 256);
  return loadFolder(await folder({ "train-images-idx3-ubyte": file, "test-images-idx3-ubyte": file }));
}

test("gatherRows gives grey in [0, 1], in the order of the rows asked for", async (t) => {
  const made = await greys();
  const expected = [...rows].flatMap((row) =>
    Array.from({ length: 784 }, (_, i) => Math.fround((((row * 784 + i) * 7) % 256) / 255)),
  );
  for (const treatment of ["grey", "dynamic"] as const) {
    t.deepEqual([...gatherRows(made, "train", treatment, rows)], expected);
  }
});

test("gatherRows thresholds above 127", async (t) => {
  const values = gatherRows(await greys(), "test", "threshold", Int32Array.of(0));
  t.true(values.every((x, i) => x === ((i * 7) % 256 >= 128 ? 1 : 0)));
});

test("gatherRows binarises with the protocol's noise: u < grey/255, element row × 784 + pixel", async (t) => {
  const made = await greys();
  for (const split of ["train", "valid", "test"] as const) {
    const u = new Float32Array(784);
    fillUniform(key(0, "binarisation", "fixed", split), u, 784);
    const grey = made.splits[split].pixels.subarray(784, 2 * 784);
    t.deepEqual(
      [...gatherRows(made, split, "fixed", Int32Array.of(1))],
      [...u].map((at, i) => (at * 255 < grey[i]! ? 1 : 0)),
    );
  }
});

test("gatherRows refuses a row that is not there", async (t) => {
  const made = await greys();
  t.throws(() => gatherRows(made, "valid", "grey", Int32Array.of(2)), {
    message: "Rows of split valid must be in 0 ... 1, got 2.",
  });
});

test("pixels makes a treatment of a split once", async (t) => {
  const made = await greys();
  t.is(pixels(made, "train", "fixed").pixels, pixels(made, "train", "fixed").pixels);
  t.not(pixels(made, "train", "fixed").pixels, pixels(made, "train", "threshold").pixels);
});

test("meanImage is the mean over the training rows of what is modelled", async (t) => {
  const made = await greys();
  for (const treatment of BINARISATIONS) {
    const all = gatherRows(
      made,
      "train",
      treatment,
      Int32Array.from({ length: 10 }, (_, i) => i),
    );
    const mean = meanImage(made, treatment);
    for (const pixel of [0, 1, 400, 783]) {
      const sum = Array.from({ length: 10 }, (_, row) => all[row * 784 + pixel]!).reduce((a, b) => a + b);
      t.true(Math.abs(mean[pixel]! - sum / 10) < 1e-6);
    }
  }
});

test("MNIST's fixed binarisation is pinned", async (t) => {
  const mnist = await loadImages({});
  const ones = (["train", "valid", "test"] as const).map((split) =>
    pixels(mnist, split, "fixed").pixels.reduce((sum, x) => sum + x, 0),
  );
  t.deepEqual(ones, [5_133_337, 1_013_183, 1_039_389]);
});

const withFiles = needing("Larochelle's files in ../shared/data", existsSync(larochelle));

withFiles("binary data are the same under every treatment, and Larochelle's files load", async (t) => {
  const fixed = await loadFolder(larochelle.pathname);
  t.true(fixed.binary);
  t.deepEqual(
    Object.values(fixed.splits).map((split) => split.rows),
    [50_000, 10_000, 10_000],
  );
  const [first, ...others] = BINARISATIONS.map((treatment) => gatherRows(fixed, "test", treatment, rows));
  for (const other of others) t.deepEqual(other, first);
  // The means that come with the files.
  for (const [split, mean] of [
    ["train", 0.13056],
    ["valid", 0.13113],
    ["test", 0.13251],
  ] as const) {
    const { pixels: values, scale } = pixels(fixed, split, "fixed");
    t.is((values.reduce((sum, x) => sum + x, 0) / values.length / scale).toFixed(5), mean.toFixed(5));
  }
});

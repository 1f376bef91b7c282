import test from "ava";
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import { loadCifar10 } from "../../../tasks/data/cifar10.ts";
import { loadDataSet } from "../../../tasks/data/data-sets.ts";
import { folder } from "./made.ts";

/** A TAR archive of these files, in a folder of its own as in the published one. */
function tar(files: Readonly<Record<string, Uint8Array>>): Buffer {
  const parts = Object.entries(files).flatMap(([name, bytes]) => {
    const header = Buffer.alloc(512);
    header.write(`cifar-10-batches-bin/${name}`);
    header.write(bytes.length.toString(8).padStart(11, "0"), 124);
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)];
  });
  return gzipSync(Buffer.concat([...parts, Buffer.alloc(1024)]));
}

/** One picture of one colour. */
const record = (label: number, [r, g, b]: readonly [number, number, number]) =>
  Buffer.concat([Uint8Array.of(label), Buffer.alloc(1024, r), Buffer.alloc(1024, g), Buffer.alloc(1024, b)]);

const batches = Object.fromEntries(
  [1, 2, 3, 4, 5].map((i) => [`data_batch_${i}.bin`, record(i, [10 * i, 0, 0])]),
);
const sumOf = (bytes: Uint8Array) => createHash("md5").update(bytes).digest("hex");

test("cifar10 is read from its archive, as greys with labels, the last training images for validation", async (t) => {
  const archive = tar({ "readme.html": Buffer.from("text"), ...batches, "test_batch.bin": record(9, [50, 100, 200]) }); // prettier-ignore
  const at = await folder({ "cifar-10-binary.tar.gz": archive });
  const { splits, width, sums } = await loadCifar10(at, sumOf(archive), 2);
  t.is(width, 32);
  t.deepEqual([...splits.train.labels!, ...splits.valid.labels!, ...splits.test.labels!], [1, 2, 3, 4, 5, 9]);
  t.deepEqual([splits.train.rows, splits.valid.rows, splits.test.rows], [3, 2, 1]);
  t.deepEqual([...splits.test.pixels], new Array(1024).fill(Math.round(0.299 * 50 + 0.587 * 100 + 0.114 * 200))); // prettier-ignore
  t.is(splits.valid.pixels[1024], Math.round(0.299 * 50));
  t.deepEqual(sums, { "cifar-10-binary.tar.gz": sumOf(archive) });
});

test("cifar10 refuses another archive, one without its batches, and a folder without it", async (t) => {
  const archive = tar({ ...batches, "test_batch.bin": Buffer.alloc(3072) });
  const at = await folder({ "cifar-10-binary.tar.gz": archive });
  await t.throwsAsync(loadDataSet("cifar10", at), {
    message: /has MD5 [0-9a-f]{32}; the published sum is c32a1d4ab5d03f1284b67883e8d87530\.$/,
  });
  await t.throwsAsync(loadCifar10(at, sumOf(archive)), {
    message: /has no file test_batch\.bin of records of 3073 bytes\.$/,
  });
  await t.throwsAsync(loadDataSet("cifar10", await folder({})), { message: /cannot be read \(ENOENT\)\.$/ });
  await t.throwsAsync(loadDataSet("cifar10"), { message: /^The data set cifar10 is not here\. Give --data/ });
});

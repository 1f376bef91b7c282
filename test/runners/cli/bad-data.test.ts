/** Data that are not what they must be, command by command. */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { idx, images } from "../../tasks/data/made.ts";
import { refused, type Bad } from "./refused.ts";

const names = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte"] as const;
const [train, labels, tests] = names;
const grey = images(12, (i) => i % 251);
const good = { [train]: grey, [tests]: images(3, (i) => i % 251) };
const verify = ["data", "verify", "--data", "d"];

/** A row of data files in the folder `d`, each perhaps instead of a good one. */
const data = (
  what: string,
  files: Readonly<Record<string, string | Uint8Array>>,
  says: RegExp,
  more: Partial<Bad> = {},
): Bad => ({
  ...{ argv: verify, what: `with ${what}`, says, status: 3 },
  files: Object.fromEntries(
    Object.entries({ ...good, ...files }).map(([name, bytes]) => [`d/${name}`, bytes]),
  ),
  ...more,
});

const onData = ["--data", "d", "--engine", "cpu", "--quick", "--steps", "1"];
const badData: readonly Bad[] = [
  data(
    "images cut short",
    { [train]: grey.subarray(0, 2000) },
    /train-images\S+ must hold 9408 bytes .* cut short/,
  ),
  data("images too long", { [train]: Buffer.concat([grey, grey]) }, /must hold 9408 bytes after its header/),
  data("half a header", { [train]: grey.subarray(0, 9) }, /must begin with an IDX header of 16 bytes, got 9/),
  data(
    "an empty file",
    { [tests]: new Uint8Array() },
    /t10k-images\S+ must begin with .*, got an empty file/,
  ),
  data(
    "another magic",
    { [train]: "PNG!" },
    /train-images\S+ must begin with 00 00 08 03 .*, got 50 4e 47 21/,
  ),
  data(
    "labels for images",
    { [train]: idx([12], new Array(12).fill(1)) },
    /must begin with 00 00 08 03 .*, got 00 00 08 01/,
  ),
  data("images of 14 × 14", { [train]: images(12, () => 0, 14) }, /must hold rows of 28 × 28, got 14 × 14/),
  data("no rows", { [tests]: idx([0, 28, 28], []) }, /must hold at least one row, got none/),
  data("one training image", { [train]: images(1, () => 9) }, /must hold at least 2 images .*, got 1/),
  data(
    "labels too few",
    { [labels]: idx([11], new Array(11).fill(1)) },
    /must hold a label for each of 12 images, got 11/,
  ),
  data(
    "a label of 10",
    { [labels]: idx([12], new Array(12).fill(10)) },
    /must hold labels from 0 to 9, got 10 in row 0/,
  ),
  data("images for labels", { [labels]: grey }, /train-labels\S+ must begin with 00 00 08 01/),
  data(
    "a torn archive",
    { [`${train}.gz`]: gzipSync(grey).subarray(0, 60), [train]: "" },
    /must begin with|must be whole where it is compressed/,
  ),
  data("no test images", {}, /d must hold test-images-idx3-ubyte or t10k-images-idx3-ubyte, .* got neither/, {
    given: (cwd) => rmSync(join(cwd, "d", tests)),
  }),
  data("a folder for a file", {}, /t10k-images\S+ must be a readable file, got EISDIR/, {
    given: (cwd) => (rmSync(join(cwd, "d", tests)), mkdirSync(join(cwd, "d", tests))),
  }),
  {
    argv: verify,
    files: { "d/letter.txt": "x" },
    what: "with none of its files",
    status: 3,
    says: /d must hold train-images-idx3-ubyte, .* got neither/,
  },
  {
    argv: verify,
    files: { d: "x" },
    what: "where it is a file",
    says: /d must be a readable folder of IDX files, got ENOTDIR/,
  },
  { argv: verify, what: "where there is none", says: /d must be a readable folder of IDX files, got ENOENT/ },
  {
    argv: ["data", "verify", "mnits"],
    says: /the set must be one there is, got "mnits"\. Did you mean "mnist"\?/,
  },
  data("images alone", {}, /task semi: the data must have labels/, {
    argv: ["run", "-e", "gs", "-t", "semi", ...onData],
  }),
  ...(["cat10", "bern2", "sbn2"] as const).map((task) =>
    data(
      "images cut short",
      { [tests]: grey.subarray(0, 2000) },
      /t10k-images\S+ must hold \d+ bytes after its header/,
      {
        argv: ["run", "-e", "gs", "-t", task, ...onData],
      },
    ),
  ),
  data("images cut short", { [tests]: grey.subarray(0, 2000) }, /must hold \d+ bytes/, {
    argv: ["variance", "-e", "gs", "-t", "cat10", "--data", "d"],
  }),
  data("images cut short", { [tests]: grey.subarray(0, 2000) }, /must hold \d+ bytes/, {
    argv: ["bank", "cat10", "--data", "d"],
  }),
];

refused(badData);

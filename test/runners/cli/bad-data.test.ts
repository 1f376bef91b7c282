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
const short = { [tests]: grey.subarray(0, 2000) };
const badData: readonly Bad[] = [
  data(
    "images cut short",
    { [train]: grey.subarray(0, 2000) },
    /train-images\S+ holds \d+ bytes after its header/,
  ),
  data("labels too few", { [labels]: idx([11], new Array(11).fill(1)) }, /holds 11 labels for 12 images\./),
  data(
    "a torn archive",
    { [`${train}.gz`]: gzipSync(grey).subarray(0, 60), [train]: "" },
    /is empty|cannot be uncompressed/,
  ),
  data("no test images", {}, /d has no test-images-idx3-ubyte or t10k-images-idx3-ubyte, with or without/, {
    given: (cwd) => rmSync(join(cwd, "d", tests)),
  }),
  data("a folder for a file", {}, /t10k-images\S+ cannot be read \(EISDIR\)/, {
    given: (cwd) => (rmSync(join(cwd, "d", tests)), mkdirSync(join(cwd, "d", tests))),
  }),
  {
    argv: verify,
    files: { d: "x" },
    what: "where it is a file",
    says: /d of IDX files cannot be read \(ENOTDIR\)/,
  },
  { argv: verify, what: "where there is none", says: /d of IDX files cannot be read \(ENOENT\)/ },
  { argv: ["data", "verify", "mnits"], says: /"mnits"\.? Did you mean "mnist"\?/ },
  {
    argv: ["data", "verify", "omniglot"],
    says: /The data set omniglot is not here\. Give --data a folder with/,
    status: 3,
  },
  data("no published files", {}, /train-images\S+ has MD5 \w+; the published sum is f4a8712d/, {
    argv: ["run", "-e", "gs", "-t", "cat10:dataset=fashion", ...onData],
  }),
  {
    argv: ["run", "-e", "gs", "-t", "cat10:dataset=digits,side=14", "--steps", "1"],
    says: /side=14 does not divide the side of these images, 8\./,
  },
  data("images alone", {}, /Task semi needs labelled images; leave --data out/, {
    argv: ["run", "-e", "gs", "-t", "semi", ...onData],
  }),
  ...[
    ["run", "-e", "gs", "-t", "cat10", ...onData],
    ["variance", "-e", "gs", "-t", "cat10", "--data", "d"],
    ["bank", "cat10", "--data", "d"],
  ].map((argv) =>
    data("images cut short", short, /t10k-images\S+ holds \d+ bytes after its header/, { argv }),
  ),
];

refused(badData);

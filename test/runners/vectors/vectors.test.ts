import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import test from "ava";
import { readNpz } from "../../../tasks/data/npy.ts";
import { bench, temporaryFolder } from "../cli/call.ts";
import { everything } from "../../require.ts";

interface Index {
  readonly vectors: readonly {
    readonly file: string;
    readonly estimator: string;
    readonly task: string;
    readonly options: Readonly<Record<string, unknown>>;
    readonly arrays: Readonly<Record<string, readonly number[]>>;
  }[];
}

const schema = JSON.parse(
  readFileSync(new URL("../../../docs/vectors.schema.json", import.meta.url), "utf8"),
) as object;

async function exported(...argv: string[]) {
  const folder = temporaryFolder();
  const called = await bench(["export-vectors", ...argv, "-o", folder]);
  const index =
    called.status === 0 ? (JSON.parse(readFileSync(join(folder, "index.json"), "utf8")) as Index) : undefined;
  return { ...called, folder, index: index! };
}

const few = ["exact", "gs", "rebar", "rloo:samples=2", "nvil", "average", "vimco", "unordered-set", "arm"];

test.serial(
  "bench export-vectors writes an index of its schema and files with the arrays that it names",
  async (t) => {
    const { folder, index, out, err } = await exported(...(everything ? [] : few));
    const validate = new Ajv2020({ strict: false }).compile(schema);
    t.true(validate(index), JSON.stringify(validate.errors));
    t.true(index.vectors.length >= 2 * few.length);
    t.true(out.startsWith(`${index.vectors.length} vectors: `), err);
    const files = readdirSync(folder).filter((name) => name !== "index.json");
    t.deepEqual(files.sort(), index.vectors.map(({ file }) => file).sort());
    for (const { file, arrays } of index.vectors) {
      const read = await readNpz(join(folder, file));
      t.deepEqual(Object.fromEntries(Object.entries(read).map(([name, { shape }]) => [name, [...shape]])), arrays as object, file); // prettier-ignore
      for (const [name, { values }] of Object.entries(read)) t.true(values.every(Number.isFinite), `${file} ${name}`); // prettier-ignore
      if (file.startsWith("exact.")) t.deepEqual(read["gradient"]!.values, read["exact"]!.values);
    }
  },
);

test.serial("vectors are the same bytes each time, at a temperature that is not 1", async (t) => {
  const [first, second] = [await exported("gs"), await exported("gs", "gs")];
  t.is(first.index.vectors.length, 3);
  for (const { file, options } of first.index.vectors) {
    t.deepEqual(readFileSync(join(first.folder, file)), readFileSync(join(second.folder, file)));
    t.is(options["temperature"], 1.5);
  }
  const { index } = await exported("gs:temperature=0.5");
  t.deepEqual([...new Set(index.vectors.map(({ options }) => options["temperature"]))], [0.5]);
});

test.serial("a folder with other files is refused", async (t) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "thesis.tex"), "");
  const { status, err } = await bench(["export-vectors", "gs", "-o", folder]);
  t.is(status, 2);
  t.regex(err, /holds other files than vectors: thesis\.tex/);
  t.deepEqual(readdirSync(folder), ["thesis.tex"]);
});

test.serial("an unknown estimator is refused with a suggestion", async (t) => {
  const { status, err } = await exported("gz");
  t.is(status, 2);
  t.regex(err, /Unknown estimator "gz".*"gs"/);
});

/** The package in python/, on vectors and a run that the test makes. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { needing, pythonWith } from "./require.ts";
import { bench, temporaryFolder } from "./runners/cli/call.ts";

const [withNumpy, withPandas] = [pythonWith("numpy"), pythonWith("pandas")];
const estimators = ["exact", "reinforce", "rloo", "gs", "st-gs", "st", "rebar", "vimco"];

function python(program: string | undefined, args: readonly string[], env: Record<string, string> = {}) {
  const paths = ["python", "python/tests"].map((path) => resolve(path)).join(":");
  const { status, stdout, stderr } = spawnSync(program!, args, {
    encoding: "utf8",
    env: { ...process.env, PYTHONPATH: paths, PYTHONDONTWRITEBYTECODE: "1", ...env },
  });
  return { status, text: stdout + stderr };
}

let exported: Promise<string> | undefined;
const vectors = () =>
  (exported ??= (async () => {
    const folder = temporaryFolder();
    const { status, err } = await bench(["export-vectors", ...estimators, "-o", folder]);
    if (status !== 0) throw new Error(err);
    return folder;
  })());

needing("NumPy", withNumpy !== undefined)(
  "the tests of the Python package pass on vectors of this build",
  async (t) => {
    const BENCH_VECTORS = await vectors();
    const { status, text } = python(
      withPandas ?? withNumpy,
      ["-m", "unittest", "discover", "-s", "python/tests"],
      { BENCH_VECTORS },
    );
    t.is(status, 0, text);
    t.regex(text, /^Ran 13 tests in/m);
    t.is(text.trim().split("\n").at(-1), withPandas === undefined ? "OK (skipped=1)" : "OK");
  },
);

needing("NumPy", withNumpy !== undefined)(
  "the Python package fails an implementation with the noise of the wrong sign",
  async (t) => {
    const program = `
import sys
from estimator_bench import check, load
from implementations import gs, negative_noise
vectors = load(sys.argv[1])
print(check({"gs": gs}, vectors))
report = check({"gs": negative_noise}, vectors)
print(report)
sys.exit(0 if report.ok else 3)
`;
    const { status, text } = python(withNumpy, ["-c", program, await vectors()]);
    t.is(status, 3, text);
    t.is(text.match(/ pass$/gm)?.length, 3, text);
    t.is(text.match(/ FAIL$/gm)?.length, 3, text);
  },
);

needing("pandas", withPandas !== undefined)(
  "a run of bench reads into pandas, row for row and number for number",
  async (t) => {
    const run = join(temporaryFolder(), "run");
    const { status, err } = await bench(
      ["run", "-e", "gs:temperature=0.5", "-t", "bits", "--seeds", "2", "--steps", "20", "-q", "-o", run], // prettier-ignore
    );
    t.is(status, 0, err);
    const [header, ...rows] = readFileSync(join(run, "results.csv"), "utf8").trim().split("\n");
    const program = `
import json, sys
from estimator_bench import read_run
frame = read_run(sys.argv[1])
print(json.dumps({"columns": list(frame), "rows": len(frame), "seeds": sorted(set(frame["seed"].tolist())),
  "estimator": frame["estimator"][0], "options": frame["estimatorOptions"][0], "values": frame["value"].notna().all().item(),
  "steps": str(frame["step"].dtype), "value": str(frame["value"].dtype)}))
`;
    const { status: read, text } = python(withPandas, ["-c", program, run]);
    t.is(read, 0, text);
    const frame = JSON.parse(text) as Record<string, unknown>;
    t.deepEqual(frame, {
      ...{ columns: header!.split(","), rows: rows.length, seeds: [0, 1], estimator: "gs" },
      ...{ options: frame["options"], values: true, steps: "int64", value: "float64" },
    });
    t.regex(String(frame["options"]), /temperature=0.5/);
  },
);

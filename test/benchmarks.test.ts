/** What the programs of measurement print: its form, not its numbers. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import test from "ava";

test("bench:step --json prints a row a program and step, with the median and the spread of its rounds", (t) => {
  const program = fileURLToPath(new URL("../benchmarks/step.ts", import.meta.url));
  const only = ["--steps", "belief net", "--programs", "onnx,onnx-copied", "--threads", "1", "--rounds", "2"];
  const argv = ["--import=./test/loader/index.mjs", program, "--json", ...only];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, { encoding: "utf8" });
  t.is(status, 0, stderr);
  const { rows } = JSON.parse(stdout) as { rows: Record<string, unknown>[] };
  t.deepEqual(
    rows.map(({ program: name, step, threads }) => [name, step, threads]),
    [
      ["onnx", "belief net", 1],
      ["onnx-copied", "belief net", 1],
    ],
  );
  for (const row of rows) {
    t.deepEqual(Object.keys(row).sort(), ["milliseconds", "program", "spread", "step", "threads"]);
    t.true(Number(row["milliseconds"]) > 0 && Number(row["spread"]) >= 0);
  }
});

import test from "ava";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CurveRow } from "../../../reports/format/records.ts";
import { bench, temporaryFolder } from "../cli/call.ts";

test("a toy's cost is a mean over many draws, whatever the batch, and is stored once", async (t) => {
  const cwd = temporaryFolder();
  const argv = ["run", "-e", "reinforce", "-t", "bits:t=0.45,p=0.5,learning-rate=0", "--steps", "1"];
  const { status, err } = await bench([...argv, "--quick", "--engine", "cpu", "--name", "A"], { cwd });
  t.is(status, 0, err);
  const cells = join(cwd, "runs/A/cells");
  const curve = readFileSync(join(cells, readdirSync(cells)[0]!, "curve.ndjson"), "utf8");
  const rows = curve
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as CurveRow);
  const costs = rows.filter(({ metric }) => metric === "cost");
  t.deepEqual(
    costs.map(({ split, step }) => `${split} ${step}`),
    ["train 0", "train 1"],
  );
  for (const { value, standardError } of costs) {
    // The mean of .55² and .45², whose deviation is .05: a thousand draws, five standard errors.
    t.true(
      Math.abs(Number(value) - (0.55 ** 2 + 0.45 ** 2) / 2) < (5 * 0.05) / Math.sqrt(1000),
      String(value),
    );
    t.true(Math.abs(Number(standardError) - 0.05 / Math.sqrt(1000)) < 1e-4, String(standardError));
  }
});

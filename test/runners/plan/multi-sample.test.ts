import test from "ava";
import { BenchError } from "../../../runners/errors.ts";
import { prepare } from "../../../runners/plan/prepare.ts";
import { openRegistry } from "../../../runners/plan/registry.ts";

const registry = await openRegistry();
const prepared = (estimators: readonly string[]) =>
  prepare(
    { estimators, tasks: ["bits"], grids: [], plugins: [], seeds: "1", engine: "cpu", quick: false },
    registry,
  );
const why = "vimco optimises a multi-sample bound; bits has none.";

test("an estimator of a multi-sample bound is refused where a task has none", async (t) => {
  const error = await t.throwsAsync(prepared(["vimco"]), { instanceOf: BenchError, message: why });
  t.is(error.exit, 2);
});

test("one that a pattern chose is left out with a note, and the others are planned", async (t) => {
  const { plan, notes } = await prepared(["vimc*", "gs"]);
  t.deepEqual(
    plan.cells.map(({ label }) => label),
    ["gs"],
  );
  t.deepEqual(notes, [`Skipped: ${why}`]);
});

test("a plan in which nothing fits is refused", async (t) => {
  const message = `No estimator fits a task. Skipped: ${why}`;
  await t.throwsAsync(prepared(["vimc*"]), { instanceOf: BenchError, message });
});

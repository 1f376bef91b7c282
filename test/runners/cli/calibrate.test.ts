import test from "ava";
import { bench } from "./call.ts";
import { everything } from "../../require.ts";
import { refused } from "./refused.ts";

const brief = ["calibrate", "--engine", "cpu", "-e", "rloo", "-t", "bits", "--steps", "3"];

test("bench calibrate compares disjoint groups of seeds of one estimator, and repeats its numbers", async (t) => {
  const argv = [...brief, "--seeds", "60", "--json"];
  const first = await bench(argv);
  t.is(first.err, "");
  const { rows, estimator } = JSON.parse(first.out) as {
    estimator: string;
    rows: { estimators: number; seeds: number; comparisons: number; wrong: number }[];
  };
  t.is(estimator, "rloo");
  t.deepEqual(
    rows.map(({ comparisons }) => comparisons),
    [10, 6, 3, 4, 2, 1],
  );
  t.true(rows.every(({ wrong, comparisons }) => wrong <= comparisons));
  if (!everything) return;
  const { out } = await bench(argv.slice(0, -1));
  t.regex(out, /estimators +seeds +comparisons +wrong +% +95% from +to\n/);
  for (const row of rows)
    t.regex(out, new RegExp(` ${row.estimators} +${row.seeds} +${row.comparisons} +${row.wrong} `));
});

refused([
  { argv: [...brief, "--seeds", "49"], says: /--seeds must be at least 50, got 49\./ },
  {
    argv: ["calibrate", "-e", "gs,rloo"],
    says: /compares one estimator with itself on one task; name one of each/,
  },
  {
    argv: ["calibrate", "-t", "cat10"],
    says: /needs a toy, on which seeds differ in their noise alone; cat10 is none/,
  },
]);

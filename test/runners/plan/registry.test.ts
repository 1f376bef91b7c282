import test from "ava";
import { BenchError } from "../../../runners/errors.ts";
import { chooseMatrix } from "../../../runners/plan/matrix.ts";
import { openRegistry } from "../../../runners/plan/registry.ts";

const registry = await openRegistry();
const chosen = (estimators: readonly string[], grids: readonly string[] = []) =>
  chooseMatrix(
    { estimators, tasks: ["bits"], grids, plugins: [], seeds: "1", engine: "cpu", quick: false },
    registry,
  ).estimators;

test("of names the inner estimator, whose options follow as of.NAME", (t) => {
  const [one] = chosen(["average:of=rloo,of.samples=2,draws=3"]);
  t.is(one!.label, "average:of=rloo,of.samples=2,draws=3");
  t.is(one!.entry.estimator.title, "Average of REINFORCE leave-one-out");
  t.deepEqual(one!.options, { of: "rloo", "of.samples": 2, draws: 3 });
});

test("combinators nest", (t) => {
  const [one] = chosen(["average:of=normalise,of.of=rloo"]);
  t.is(one!.entry.estimator.claims.unbiased, "direction");
  const [other] = chosen(["average:of=average,of.of=arm"]);
  t.true(other!.entry.estimator.claims.requires.includes("bits"));
});

test("another inner estimator is another source", (t) => {
  const hashes = ["average:of=rloo", "average:of=arm", "average"].map((text) =>
    chosen([text])[0]!.entry.sourceHash(),
  );
  t.is(new Set(hashes).size, 3);
});

test("a grid varies an inner option, or the inner estimator itself", (t) => {
  const labels = (grid: string) => chosen(["average:draws=2"], [grid]).map(({ label }) => label);
  t.deepEqual(labels("average.of.samples=1|2"), [
    "average:draws=2,of.samples=1",
    "average:draws=2,of.samples=2",
  ]);
  const bits = chosen(["average:draws=2"], ["average.of=rloo|arm"]).map(({ entry }) =>
    entry.estimator.claims.requires.includes("bits"),
  );
  t.deepEqual(bits, [false, true]);
});

test("what cannot be combined is one sentence", (t) => {
  const refused = (text: string) => t.throws(() => chosen([text]), { instanceOf: BenchError }).message;
  t.regex(refused("normalise:of=vimco"), /^normalise: it wraps estimators with a learning signal/);
  t.regex(refused("normalise:of=normalise"), /^normalise: it wraps an estimator once/);
  t.regex(refused("average:of=rlo"), /^Unknown estimator "rlo"\. Did you mean "rloo"\?$/);
  t.regex(refused("average:of=arm,of.samples=2"), /^Unknown option of average: "of.samples"\./);
});

test("mixed has an estimator for each layer, which the layer's name names", (t) => {
  const [one] = chosen(["mixed:a=exact,b=rloo,b.samples=2"]);
  t.is(one!.label, "mixed:a=exact,b=rloo,b.samples=2");
  t.deepEqual(one!.options, { a: "exact", b: "rloo", "b.samples": 2 });
  const hashes = ["mixed:a=exact", "mixed:a=rloo", "mixed"].map((text) =>
    chosen([text])[0]!.entry.sourceHash(),
  );
  t.is(new Set(hashes).size, 3);
  const refused = (text: string) => t.throws(() => chosen([text]), { instanceOf: BenchError }).message;
  t.regex(refused("mixed:a=rlo"), /^Unknown estimator "rlo"\. Did you mean "rloo"\?$/);
  t.regex(refused("mixed:a=nvil"), /^mixed: it mixes exact enumeration, .*; nvil is none of these$/);
  t.regex(refused("mixed:b=exact,a.samples=2"), /^Unknown option of mixed: "a.samples"\./);
});

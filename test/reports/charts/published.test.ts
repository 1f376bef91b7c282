import test from "ava";
import { curveSpec } from "../../../reports/charts/curve-spec.ts";
import { chartsOf } from "../../../reports/charts/index.ts";
import { inkFor } from "../../../reports/charts/palette.ts";
import { firstView } from "../../../reports/charts/panels.ts";
import { publishedSpec } from "../../../reports/charts/published-chart.ts";
import { speedSpec } from "../../../reports/charts/speed-chart.ts";
import { reproductionMarkdown } from "../../../reports/export/reproduction-files.ts";
import type { PublishedRecord, RunRecords } from "../../../reports/format/records.ts";
import type { ReproducedRow, Reproduction } from "../../../reports/format/reproduction-record.ts";
import { madeUpRun } from "../fixture.ts";
import { drawn, schemaJudge } from "./drawn.ts";

const made = madeUpRun({ seeds: 3 });
const value: PublishedRecord = {
  ...{ task: "cat10", estimator: "gs", metric: "elbo", split: "valid" },
  ...{ value: -101.5, title: "GS, Jang 2016", source: "jang2016, Table 1, row 4" },
};
const run: RunRecords = { ...made, manifest: { ...made.manifest, published: [value] } };
const inks = inkFor(["gs", "st-gs", "st", "rloo:samples=4"]);

/** The panels that show published values. */
const panelsOf = (records: RunRecords) =>
  chartsOf(records)
    .flatMap(({ panels }) => panels.filter((panel) => panel.shape === "curves"))
    .filter(({ references }) => references !== undefined);

test("a published value is a line with its name in the panel of its metric and split, and nowhere else", async (t) => {
  const [panel, ...others] = panelsOf(run);
  t.is(others.length, 0);
  t.is(panel!.references![0]!.value, -101.5);
  t.true(panel!.notes.some((note) => note.includes("jang2016, Table 1, row 4")));
  const { svg, warnings } = await drawn(curveSpec(panel!, inks, firstView(panel!)));
  t.deepEqual(warnings, []);
  t.regex(svg, /GS, Jang 2016/);
});

test("a published value follows the axis: negated on a logarithm of negatives, gone with its estimator", async (t) => {
  const panel = panelsOf(run)[0]!;
  const log = curveSpec(panel, inks, { ...firstView(panel), yScale: "log" });
  t.regex(JSON.stringify(log), /"value":101\.5/);
  t.deepEqual((await drawn(log)).warnings, []);
  const without = curveSpec(panel, inks, { ...firstView(panel), hidden: ["gs"] });
  t.notRegex(JSON.stringify(without["layer"]), /"name":"published"/);
});

test("a run without published values, or with those of an estimator it has not, draws no line", (t) => {
  t.deepEqual(panelsOf(made), []);
  const other = { ...value, estimator: "rebar" };
  t.deepEqual(panelsOf({ ...made, manifest: { ...made.manifest, published: [other] } }), []);
});

const speed = [5, 10].map((classes) => ({
  ...{ experiment: "figure-5", classes, sampling: 100, marginal: 50, ratio: classes / 4 },
  ...{ low: classes / 5, high: classes / 3, model: classes / 3, published: classes === 10 ? 2 : null },
}));

test("the chart of speeds is valid, and shows measured, cost model and published", async (t) => {
  const spec = speedSpec(speed);
  t.is(schemaJudge()(spec), undefined);
  const { svg, warnings } = await drawn(spec);
  t.deepEqual(warnings, []);
  for (const name of ["measured", "cost model", "published"]) t.regex(svg, new RegExp(name));
});

const measured = { mean: 60.04, low: 59.6, high: 60.5, over: "rows", n: 1 } as const;
const row: ReproducedRow = {
  ...{ experiment: "sbn", title: "SBN", source: "Table 1, row 1", column: "GS", task: "sbn2" },
  ...{
    estimator: "gs",
    quantity: "test NLL",
    unit: "nats",
    decimals: 1,
    published: 58.5,
    derived: false,
    measured,
  },
  ...{ difference: 1.54, verdict: "worse", unequal: ["steps: fewer"], steps: 30_000, learningRate: 1e-3 },
  tried: [
    { rate: 1e-3, value: -61.2 },
    { rate: 3e-3, value: null },
  ],
  ...{ seeds: 1, samples: 1000, rows: 10_000, states: "done", cells: ["a"] },
};

test("the chart of published and measured values is valid; a derived value and one not measured are left out", async (t) => {
  const rows = [row, { ...row, column: "ST" }, { ...row, derived: true }, { ...row, measured: null }];
  const spec = publishedSpec(rows)!;
  t.is(schemaJudge()(spec), undefined);
  const [panel, ...others] = spec["concat"] as { data: { values: object[] } }[];
  t.is(others.length, 0);
  t.is(panel!.data.values.length, 4);
  const { svg, warnings } = await drawn(spec);
  t.deepEqual(warnings, []);
  for (const name of ["published", "measured", "GS", "ST"]) t.regex(svg, new RegExp(name));
  t.is(publishedSpec([{ ...row, published: null }]), undefined);
});

test("the reproduction's Markdown has every value, its verdict, what was given up and what is unequal", (t) => {
  const record: Reproduction = {
    version: 1,
    paper: { key: "jang2016", citation: "Jang, Gu & Poole 2016", link: "https://example.org" },
    ...{
      command: "bench reproduce jang2016",
      budget: "hour",
      settings: {},
      complete: false,
      engine: "onnx",
      jobs: 1,
    },
    ...{ data: "ours", stated: ["it says"], chosen: ["we chose"], gaveUp: ["steps: 30,000"] },
    ...{ seconds: { estimated: 60, spent: 3600 }, rows: [row], orders: [], speed },
  };
  const text = reproductionMarkdown(record);
  t.regex(text, /\| GS \| 58\.5 \| 60\.0 ± 0\.5 \| \+1\.5 \| worse\* \| 30000 \| 1e−3 \| 1 \| done \|/);
  t.regex(text, /m = 1000, 10,000 rows, ± 95 % over rows of the split, one training/);
  t.regex(text, /Not complete/);
  t.regex(text, /!\[Published and measured values\]\(published\.svg\)/);
  t.regex(text, /What this budget gave up\n\n- steps: 30,000/);
  t.regex(text, /What is unequal\n\n- steps: fewer/);
  t.regex(text, /\| sbn \| GS \| −61\.20 \| diverged \|/);
  t.regex(text, /\| 10 \| 100\.0 \| 50\.0 \| 2\.50 \| 2\.00–3\.33 \| 3\.33 \| 2 \|/);
});

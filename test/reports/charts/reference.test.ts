import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import test from "ava";
import * as vega from "vega";
import { compile } from "vega-lite";
import type { TopLevelSpec } from "vega-lite";
import { chartsOf } from "../../../reports/charts/index.ts";
import { firstView, lineSpec } from "../../../reports/charts/line.ts";
import { inkFor } from "../../../reports/charts/palette.ts";
import { reproductionMarkdown } from "../../../reports/export/reproduction-files.ts";
import type { ReproducedRow, Reproduction } from "../../../reports/format/reproduction-record.ts";
import { speedSpec } from "../../../reports/charts/speed-chart.ts";
import type { PublishedRecord, RunRecords } from "../../../reports/format/records.ts";
import { madeUpRun } from "../fixture.ts";

const made = madeUpRun({ seeds: 3 });
const value: PublishedRecord = {
  ...{ task: "cat10", estimator: "gs", metric: "elbo", split: "valid" },
  ...{ value: -101.5, title: "GS, Jang 2016", source: "jang2016, Table 1, row 4" },
};
const run: RunRecords = { ...made, manifest: { ...made.manifest, published: [value] } };
const inks = inkFor(["gs", "st-gs", "st", "rloo:samples=4"]);

const panelOf = (records: RunRecords) =>
  chartsOf(records)
    .flatMap((chart) => (chart.shape === "line" && chart.kind === "quality" ? chart.panels : []))
    .find(({ references }) => references !== undefined);

const validator = () => {
  const path = createRequire(import.meta.url).resolve("vega-lite/vega-lite-schema.json");
  return new Ajv({ strict: false, validateFormats: false }).compile(
    JSON.parse(readFileSync(path, "utf8")) as object,
  );
};

async function drawn(spec: Record<string, unknown>): Promise<{ svg: string; warnings: string[] }> {
  const warnings: string[] = [];
  const heard = (...words: unknown[]) => void warnings.push(words.map(String).join(" "));
  const logger = vega.logger(vega.Warn, undefined, (_method, _level, words) => heard(...words));
  const compiled = compile(spec as unknown as TopLevelSpec, { logger }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none", logger });
  const svg = await view.toSVG();
  view.finalize();
  return { svg, warnings };
}

test("a published value is a rule with its name in the panel of its metric and split, and nowhere else", async (t) => {
  const found = chartsOf(run).flatMap((chart) =>
    chart.shape === "line" ? chart.panels.filter(({ references }) => references !== undefined) : [],
  );
  t.is(found.length, 1);
  t.is(found[0]!.references![0]!.value, -101.5);
  t.true(found[0]!.notes.some((note) => note.includes("jang2016, Table 1, row 4")));
  const { svg, warnings } = await drawn(lineSpec(found[0]!, inks, firstView(found[0]!)));
  t.deepEqual(warnings, []);
  t.regex(svg, /GS, Jang 2016/);
});

test("a published value follows the axis: negated on a logarithm of negatives, gone with its estimator", async (t) => {
  const panel = panelOf(run)!;
  const log = lineSpec(panel, inks, { ...firstView(panel), yScale: "log" });
  t.regex(JSON.stringify(log), /"value":101\.5/);
  t.deepEqual((await drawn(log)).warnings, []);
  const without = lineSpec(panel, inks, { ...firstView(panel), hidden: ["gs"] });
  t.notRegex(JSON.stringify(without["layer"]), /"name":"published"/);
});

test("a run without published values, or with those of an estimator it has not, draws no rule", (t) => {
  t.is(panelOf(made), undefined);
  const other = { ...value, estimator: "rebar" };
  t.is(panelOf({ ...made, manifest: { ...made.manifest, published: [other] } }), undefined);
});

const speed = [5, 10].map((classes) => ({
  ...{ experiment: "figure-5", classes, sampling: 100, marginal: 50, ratio: classes / 4 },
  ...{ low: classes / 5, high: classes / 3, model: classes / 3, published: classes === 10 ? 2 : null },
}));

test("the chart of speeds is valid, and shows measured, cost model and published", async (t) => {
  const spec = speedSpec(speed);
  const valid = validator();
  t.true(valid(spec), JSON.stringify(valid.errors?.slice(0, 3)));
  const { svg, warnings } = await drawn(spec);
  t.deepEqual(warnings, []);
  for (const name of ["measured", "cost model", "published"]) t.regex(svg, new RegExp(name));
});

test("the reproduction's Markdown has every value, its verdict, what was given up and what is unequal", (t) => {
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
  t.regex(text, /What this budget gave up\n\n- steps: 30,000/);
  t.regex(text, /What is unequal\n\n- steps: fewer/);
  t.regex(text, /\| sbn \| GS \| −61\.20 \| diverged \|/);
  t.regex(text, /\| 10 \| 100\.0 \| 50\.0 \| 2\.50 \| 2\.00–3\.33 \| 3\.33 \| 2 \|/);
});

import { execFileSync } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { DiskError } from "../../../reports/format/bench-error.ts";
import { formatInterval, formatNumber } from "../../../reports/aggregate/numbers.ts";
import { escape, html } from "../../../reports/page/html.ts";
import { tilesPng } from "../../../reports/page/png.ts";
import { latexText, tableCsv, tableLatex, tableMarkdown } from "../../../reports/page/table.ts";
import { resultsTable } from "../../../reports/format/results-csv.ts";
import { writeReport } from "../../../reports/export/write-report.ts";
import { readState, writeState } from "../../../reports/page/client/address-state.ts";
import { madeUpRun, writeRun, type Shape } from "../fixture.ts";

test("writeReport leaves results.csv, charts, summary.json and report.html, and nothing half-written", async (t) => {
  const folder = await writeRun(madeUpRun());
  const { html: path, summary, files } = await writeReport(folder);
  t.is(path, join(folder, "report.html"));
  t.deepEqual(
    JSON.parse(await readFile(join(folder, "summary.json"), "utf8")),
    JSON.parse(JSON.stringify(summary)),
  );
  for (const file of files) t.true((await readFile(file, "utf8")).length > 0);
  const charts = await readdir(join(folder, "charts"));
  t.true(charts.includes("cat10-quality.vl.json"));
  t.deepEqual(
    [...(await readdir(folder)), ...charts].filter((name) => name.includes(".part")),
    [],
  );
});

test("writeReport removes what a killed process left half-written, and nothing that a living one writes", async (t) => {
  const folder = await writeRun(madeUpRun({ estimators: ["gs"], pictures: false }));
  const gone = execFileSync(process.execPath, ["-p", "process.pid"], { encoding: "utf8" }).trim();
  const names = [gone, String(process.ppid)].map((pid) => `report.html.${hostname()}.${pid}.part`);
  for (const name of [...names, `report.html.elsewhere.${gone}.part`])
    await writeFile(join(folder, name), "<");
  await writeReport(folder);
  t.deepEqual(
    (await readdir(folder)).filter((name) => name.includes(".part")).sort(),
    [names[1]!, `report.html.elsewhere.${gone}.part`].sort(),
  );
});

const small: Shape = { tasks: ["cat10"], estimators: ["gs", "st"], pictures: false };

test("writeReport of the same records twice is the same file", async (t) => {
  const folder = await writeRun(madeUpRun({ ...small, pictures: true }));
  const once = await readFile((await writeReport(folder)).html, "utf8");
  t.is(await readFile((await writeReport(folder)).html, "utf8"), once);
});

test("writeReport merges several runs into the folder it is told", async (t) => {
  const a = await writeRun(madeUpRun({ tasks: ["cat10"], estimators: ["gs"], name: "a" }));
  const b = await writeRun(madeUpRun({ tasks: ["cat10"], estimators: ["rloo"], name: "b" }));
  const out = join(a, "both");
  const { html: path, summary } = await writeReport([a, b], { out });
  t.is(path, join(out, "report.html"));
  t.deepEqual(
    summary.tasks[0]?.ranking.map(({ estimator }) => estimator),
    ["rloo", "gs"],
  );
  t.is(summary.name, "a + b");
});

test("writeReport says in a sentence which file it cannot write, and leaves the earlier report", async (t) => {
  const folder = await writeRun(madeUpRun(small));
  const { html: path } = await writeReport(folder);
  const before = await readFile(path, "utf8");
  const blocked = await writeRun(madeUpRun(small));
  await mkdir(join(blocked, "results.csv"));
  await t.throwsAsync(writeReport(blocked), {
    instanceOf: DiskError,
    message: /results\.csv: it is a folder, not a file\.$/,
  });
  t.deepEqual(
    (await readdir(blocked)).filter((name) => name.includes(".part")),
    [],
  );
  t.is(await readFile(path, "utf8"), before);
});

test("resultsTable is tidy: the columns of the reference, a row per number, text that no spreadsheet runs", (t) => {
  const run = madeUpRun({ tasks: ["cat10"], estimators: ["@SUM(1)"], seeds: 1, points: 2, states: {} });
  const [header, first, ...rows] = resultsTable(run.cells).trimEnd().split("\n");
  t.is(
    header,
    "task,taskOptions,estimator,estimatorOptions,seed,engine,split,metric,step,forward,backward,seconds,value,standardError,protocol,cell",
  );
  t.true(first?.startsWith("cat10,,'@SUM(1),,0,wasm,valid,elbo,0,0,0,0,-5"));
  t.true(rows.some((row) => row.includes(",gradients,variance-estimator,0,0,0,0,")));
  const { curve, gradients } = run.cells[0] as (typeof run.cells)[number];
  t.is(rows.length + 1, curve.length + gradients.length * 13);
});

test("a value that was not finite is empty in resultsTable", (t) => {
  const run = madeUpRun({ tasks: ["cat10"], estimators: ["st"], seeds: 2 });
  t.regex(resultsTable(run.cells), /valid,elbo,400,400,400,[\d.]+,,,,/);
});

test("html escapes whatever it is given, and joins lists", (t) => {
  t.is(
    html`<a title="${'"><script>'}">${["<b>", html`<i>${"&"}</i>`, null, false, 3]}</a>`.markup,
    '<a title="&quot;&gt;&lt;script&gt;">&lt;b&gt;<i>&amp;</i>3</a>',
  );
});

test("escape leaves no way out of text or attribute, for any text", (t) => {
  fc.assert(
    fc.property(
      fc.string({ unit: "binary" }),
      (text) => !/[<>"']/.test(escape(text)) && !escape(text).includes("\u0000"),
    ),
  );
  t.pass();
});

const table = {
  id: "x",
  caption: "x",
  columns: [{ title: "estimator" }, { title: "ELBO", numeric: true }, { title: "bar", drawn: true }],
  rows: [{ name: "a|b_c", cells: [{ text: "a|b_c" }, { text: "−1.0 [−2, 0]" }, { text: "hidden" }] }],
};

test("a table is copied as Markdown, CSV and LaTeX, escaped for each, without what is only drawn", (t) => {
  t.is(tableMarkdown(table), "| estimator | ELBO |\n| --- | ---: |\n| a\\|b_c | −1.0 [−2, 0] |\n");
  t.is(tableCsv(table), 'estimator,ELBO\na|b_c,"-1.0 [-2, 0]"\n');
  t.true(tableLatex(table).includes("  a|b\\_c & $-$1.0 [$-$2, 0] \\\\\n"));
  t.is(latexText("100 % \\x{y}^2"), "100 \\% \\textbackslash{}x\\{y\\}\\textasciicircum{}2");
});

test("formatInterval shows two digits of the half width", (t) => {
  t.is(formatInterval({ mean: 1.8234, low: 0.9191, high: 2.6408 }), "1.82 [0.92, 2.64]");
  t.is(formatInterval({ mean: -104.23456, low: -104.5, high: -103.9 }), "−104.23 [−104.50, −103.90]");
  t.is(formatInterval({ mean: 12, low: null, high: null }), "12.00");
  // A geometric mean of equal values is off by rounding.
  t.is(formatInterval({ mean: 2000, low: 2000 - 2e-12, high: 2000 + 3e-12 }), "2000.00 [2000.00, 2000.00]");
  t.is(formatInterval(null), "–");
  t.is(formatNumber(1.5e-7), "1.50e−7");
});

test("readState reads what writeState wrote, for any state", (t) => {
  const state = fc.record({
    x: fc.constantFrom("step" as const, "evaluations" as const, "seconds" as const),
    "x-scale": fc.constantFrom("linear" as const, "log" as const),
    range: fc.constantFrom("settled" as const, "all" as const, "late" as const),
    seeds: fc.constantFrom("mean" as const, "all" as const),
    theme: fc.constantFrom("" as const, "light" as const, "dark" as const),
    hidden: fc.array(fc.string()),
    filter: fc.string(),
    at: fc.string(),
    sorts: fc.dictionary(fc.string(), fc.record({ column: fc.nat(99), descending: fc.boolean() }), {
      noNullPrototype: true,
    }),
    charts: fc.dictionary(
      fc.string(),
      fc.record({
        panel: fc.integer({ min: 1, max: 9 }),
        scale: fc.constantFrom("" as const, "log" as const),
      }),
      { noNullPrototype: true },
    ),
  });
  fc.assert(fc.property(state, (given) => t.deepEqual(readState(writeState(given)), given)));
});

test("readState keeps a chart of the name __proto__ apart from all objects", (t) => {
  const { charts } = readState("#chart.__proto__=6:log");
  t.deepEqual(Object.entries(charts), [["__proto__", { panel: 6, scale: "log" }]]);
  t.is(Object.getPrototypeOf(charts), Object.prototype);
});

test("readState takes nonsense for the first state", (t) => {
  t.deepEqual(readState("#x=%00&chart.a=-7:cubic&hide=<b>"), {
    ...readState(""),
    hidden: ["<b>"],
    charts: { a: { panel: 0, scale: "" } },
  });
});

test("tilesPng lays tiles out by columns, in a PNG that says its size", (t) => {
  const tile = Buffer.alloc(4, 255).toString("base64");
  const { png, width, height } = tilesPng({
    name: "",
    title: "",
    caption: "",
    width: 2,
    height: 2,
    columns: 3,
    tiles: [tile, tile, tile, tile],
  });
  t.deepEqual([width, height], [8, 5]);
  t.is(png.toString("latin1", 1, 4), "PNG");
  t.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [8, 5]);
});

import test from "ava";
import { curveOf, mostPoints, thin } from "../../../reports/aggregate/curves.ts";
import { visibleCurves, curveSpec } from "../../../reports/charts/curve-spec.ts";
import { labelPlaces } from "../../../reports/charts/dot-labels.ts";
import { chartsOf, slug, taskIds } from "../../../reports/charts/index.ts";
import { inkFor } from "../../../reports/charts/palette.ts";
import { panelSpec } from "../../../reports/charts/panel-spec.ts";
import { firstView } from "../../../reports/charts/panels.ts";
import type { ChartView, CurvePanel, ScatterPanel } from "../../../reports/charts/panels.ts";
import { markFront } from "../../../reports/charts/pareto-panels.ts";
import { scatterSpec } from "../../../reports/charts/scatter-spec.ts";
import { symlogAxis } from "../../../reports/charts/vega-spec.ts";
import { everything } from "../../require.ts";
import { madeUpRun } from "../fixture.ts";
import { drawn, schemaJudge } from "./drawn.ts";

const run = madeUpRun({ seeds: 5 });
const charts = chartsOf(run);
const inks = inkFor(["gs", "st-gs", "st", "rloo:samples=4"]);

const xs = ["step", "evaluations", "seconds"] as const;
const xScales = ["linear", "log"] as const;
/** Every choice of a panel's view together with every choice of another kind, at least once. */
const views = (panel: CurvePanel): ChartView[] =>
  xs.flatMap((x, i) =>
    xScales.map((xScale, j) => {
      const yScale = panel.scales[(i + j) % panel.scales.length]!;
      return { ...firstView(panel), x, xScale, yScale, seeds: xScale === "log" };
    }),
  );
const curvePanels = (id: string) =>
  charts.find((chart) => chart.id === id)!.panels.filter((panel) => panel.shape === "curves");

for (const id of ["quality", "variance", "gradients", "gap", "schedule"].map((kind) => `cat10-${kind}`))
  test(`${id} compiles under every pair of a view's choices without a warning, and its legend is alive`, async (t) => {
    for (const [index, panel] of curvePanels(id).entries()) {
      // Panels of a chart differ in their data: one is drawn under every choice, the others at first sight and the last.
      const chosen = index === 0 || everything ? views(panel) : [firstView(panel), views(panel).at(-1)!];
      for (const view of chosen) {
        const { text, warnings, svg } = await drawn(curveSpec(panel, inks, view));
        t.deepEqual(warnings, [], `${panel.name} ${JSON.stringify(view)}`);
        if (visibleCurves(panel, view).means.length > 0) t.regex(text, /"interactive":true/);
        t.notRegex(svg, /NaN|Infinity/);
      }
    }
  });

test("every specification is valid by Vega-Lite's own schema", (t) => {
  const judge = schemaJudge();
  for (const { id, panels } of charts)
    for (const panel of panels) t.is(judge(panelSpec(panel, inks, firstView(panel))), undefined, id);
});

test("the charts are ELBO, variance, bias and the like, relaxation gap and temperature, task by task", (t) => {
  t.deepEqual(
    charts.map(({ id }) => id),
    ["cat10", "bern2-variant-blog"].flatMap((task) =>
      ["quality", "variance", "gradients", "pareto", "gap", "schedule"].map((kind) => `${task}-${kind}`),
    ),
  );
  t.is(charts[0]?.panels[0]?.name, "validation ELBO");
});

test("a variance chart names its protocol, and says that parameters differ", (t) => {
  const [panel] = curvePanels("cat10-variance");
  t.regex(panel?.title ?? "", /protocol own/);
  t.regex(panel?.notes.join(" ") ?? "", /parameters, which differ between estimators/);
});

test("values that are not finite are left out, and the chart says how many", (t) => {
  const [panel] = curvePanels("cat10-quality");
  t.regex(panel?.notes.join(" ") ?? "", /Left out because not finite: 1 value\./);
});

test("a chart says where seeds end and its mean is of those that are left", (t) => {
  const [panel] = curvePanels("cat10-quality");
  t.regex(panel?.notes.join(" ") ?? "", /the mean goes on over the others: st from 5 to 4 at step 4[05]0\./);
  const whole = chartsOf(madeUpRun({ seeds: 5, states: {} }))[0]?.panels[0];
  t.notRegex(whole?.notes.join(" ") ?? "", /end early/);
});

test("evaluations are forward and backward together, as in the ranking", (t) => {
  for (const [id, label] of [
    ["cat10-quality", "gs"],
    ["cat10-variance", "gs"],
    ["cat10-quality", "rloo:samples=4"],
  ] as const) {
    const last = curvePanels(id)[0]
      ?.curves.find((curve) => curve.label === label)
      ?.rows.at(-1);
    const { curve, gradients } = run.cells.find(({ record }) => record.label === label)!;
    const rows = id === "cat10-quality" ? curve : gradients;
    const { forward, backward } = rows.find(({ step }) => step === last?.step)!;
    t.true(backward > 0);
    t.is(last?.evaluations, forward + backward);
  }
});

const mean = (step: number, value: number, low: number | null = null, high: number | null = null) => ({
  ...{ step, evaluations: step, seconds: step, mean: value, low, high, seeds: low === null ? 1 : 3 },
});

const zeros: CurvePanel = {
  ...{ shape: "curves", name: "zeros", title: "zeros", notes: [], y: "variance", scales: ["log"] },
  curves: [{ label: "exact", rows: [mean(0, 0), mean(1, 2, 0, 4)], seeds: [] }],
};

test("zeros are dropped from a logarithmic axis, and the chart says how many", async (t) => {
  const spec = curveSpec(zeros, inkFor(["exact"]), firstView(zeros));
  t.regex(JSON.stringify(spec["title"]), /Not shown on the logarithmic axis: 1 value at or below zero/);
  t.is(visibleCurves(zeros, firstView(zeros)).means.length, 1);
  t.is(visibleCurves(zeros, firstView(zeros)).means[0]?.low, null);
  t.deepEqual((await drawn(spec)).warnings, []);
});

test("an ELBO is shown as its negative on a logarithmic axis, intervals turned with it", (t) => {
  const elbo: CurvePanel = {
    ...zeros,
    curves: [{ label: "gs", rows: [mean(0, -100, -110, -90)], seeds: [] }],
  };
  const { means, negated } = visibleCurves(elbo, firstView(elbo));
  t.true(negated);
  t.deepEqual([means[0]?.mean, means[0]?.low, means[0]?.high], [100, 90, 110]);
});

test("curveOf gives the mean, the t interval from three seeds on, and the number of seeds", (t) => {
  const point = (seed: number, value: number | null) => ({
    seed,
    step: 5,
    evaluations: 10,
    seconds: seed,
    value,
  });
  const { rows, notFinite } = curveOf("gs", [point(0, 1), point(1, 2), point(2, 3), point(3, null)]);
  const [row] = rows;
  t.like(row, { step: 5, evaluations: 10, seconds: 1, mean: 2, seeds: 3 });
  t.true(Math.abs((row?.high ?? 0) - (2 + 4.302652729749464 / Math.sqrt(3))) < 1e-6);
  t.is(notFinite, 1);
  t.like(curveOf("gs", [point(0, 1), point(1, 3)]).rows[0], { mean: 2, low: null, high: null, seeds: 2 });
});

test("thin keeps the first and the last, and no more than it may", (t) => {
  const items = Array.from({ length: 1000 }, (_, k) => k);
  const kept = thin(items);
  t.is(kept.length, mostPoints);
  t.deepEqual([kept[0], kept.at(-1)], [0, 999]);
  t.is(new Set(kept).size, mostPoints);
});

test("inkFor gives forty estimators forty looks", (t) => {
  const looks = inkFor(Array.from({ length: 40 }, (_, k) => String(k))).map(
    ({ colour, dash }) => `${colour} ${dash.join()}`,
  );
  t.is(new Set(looks).size, 40);
});

test("slug and taskIds give names that are safe in paths, and unique", (t) => {
  t.is(slug("../Été <b>:x=1"), "t-b-x-1");
  t.deepEqual([...taskIds(["a:b", "a=b", "…"]).values()], ["a-b", "a-b-2", "task"]);
});

const alone = (mean: number) => ({ mean, low: null, high: null });
const at = (x: number, y: number) => ({ x: alone(x), y: alone(y) });

test("the front of bias, variance and cost holds exactly what nothing dominates", (t) => {
  const dot = (label: string, x: number, y: number) => ({ label, ...at(x, y), seeds: 3, biasZ: null });
  const marked = markFront([dot("a", 0, 9), dot("b", 1, 3), dot("c", 2, 4), dot("d", 2, 3), dot("e", 5, 1)]);
  t.deepEqual(
    marked.filter(({ front }) => front).map(({ label }) => label),
    ["a", "b", "e"],
  );
});

test("bias, variance and cost are shown only under fair protocols, without a warning on any scale", async (t) => {
  const scatters = charts.find(({ id }) => id === "cat10-pareto")!.panels as ScatterPanel[];
  t.deepEqual(
    scatters.map(({ name }) => name),
    ["bias and variance × evaluations, start: frozen, step 0", "variance and time, start: frozen, step 0"],
  );
  for (const panel of scatters)
    for (const yScale of panel.scales) {
      const { warnings, svg } = await drawn(scatterSpec(panel, inks, { ...firstView(panel), yScale }));
      t.deepEqual(warnings, []);
      t.regex(svg, /rloo:samples=4/);
    }
});

const scatterOf = (dots: ScatterPanel["dots"], scale: "linear" | "symlog" = "linear") => {
  const panel: ScatterPanel = {
    ...{
      shape: "scatter",
      name: "x",
      title: "x",
      notes: [],
      x: "bias",
      y: "variance",
      scales: [scale],
      dots,
    },
  };
  return scatterSpec(panel, inks, firstView(panel));
};

const curve = (label: string, values: readonly number[]): CurvePanel["curves"][number] => ({
  label,
  rows: values.map((value, k) => mean(k, value)),
  seeds: [],
});

test("the axis of a zoomed panel shows the last 80% of training, and says so; all shows the beginning", (t) => {
  const panel: CurvePanel = {
    ...{ ...zeros, scales: ["linear"], zoomed: true },
    curves: [curve("gs", [-550, -200, -104, -103, -102, -101])],
  };
  const view = firstView(panel);
  const { domain, zoomed } = visibleCurves(panel, view);
  t.true(zoomed && domain !== null && domain[0] > -210 && domain[1] > -101 && domain[1] < -90);
  t.regex(JSON.stringify(curveSpec(panel, inkFor(["gs"]), view)["title"]), /zoomed to the last 80%/);
  t.false(visibleCurves(panel, { ...view, range: "all" }).zoomed);
  t.false(visibleCurves({ ...panel, zoomed: false }, view).zoomed);
  const level: CurvePanel = { ...panel, curves: [curve("gs", [-3, -2, -1, 0, 1, 2])] };
  t.is(visibleCurves(level, view).domain, null);
});

test("a symmetric logarithmic axis turns linear at the smallest value that is not zero", async (t) => {
  t.deepEqual(symlogAxis([0, 0.002, -0.3]), {
    constant: 0.002,
    ticks: [-1, -0.1, -0.01, -0.001, 0, 0.001, 0.01, 0.1, 1],
  });
  t.deepEqual(symlogAxis([0]), { constant: 1, ticks: [0, 1] });
  const panel: CurvePanel = { ...zeros, scales: ["symlog"], curves: [curve("gs", [0, 0.002, 0.3])] };
  const { svg, warnings } = await drawn(curveSpec(panel, inkFor(["gs"]), firstView(panel)));
  t.deepEqual(warnings, []);
  t.regex(svg, />0\.01</);
  const dots = [
    { label: "gs", ...at(0.002, 1), seeds: 3, biasZ: null, front: true },
    { label: "st", ...at(0.3, 2), seeds: 3, biasZ: null, front: false },
  ];
  t.regex(JSON.stringify(scatterOf(dots, "symlog")), /"constant":0\.002/);
});

test("one value stands in an axis with room, whose ticks are not its rounding errors", async (t) => {
  const panel: CurvePanel = { ...zeros, scales: ["linear"], curves: [curve("gs", [-545.5026])] };
  const { domain } = visibleCurves(panel, firstView(panel));
  t.true(domain !== null && domain[1] - domain[0] > 50);
  const { svg } = await drawn(curveSpec(panel, inkFor(["gs"]), firstView(panel)));
  t.notRegex(svg, />−545\.50/);
  t.regex(svg, />−550</);
});

test("names of dots keep clear of dots, of one another and of the edges; one without room is left out, and said", async (t) => {
  const spots = Array.from({ length: 12 }, (_, k) => ({
    label: `estimator-${k}`,
    x: 20 + 9 * k,
    y: 100 + 4 * (k % 3),
  }));
  const places = labelPlaces(spots, 600, 200);
  const boxes = spots.flatMap(({ label, x, y }, k) => {
    const place = places[k];
    if (place === null || place === undefined) return [];
    const long = 6.4 * label.length;
    const left = x + place.dx - { left: 0, center: long / 2, right: long }[place.align];
    return [{ left, right: left + long, top: y + place.dy - 6, bottom: y + place.dy + 6 }];
  });
  t.true(boxes.length >= 4 && boxes.length < 12);
  for (const [k, box] of boxes.entries()) {
    t.true(box.left >= 0 && box.right <= 600 && box.top >= 0 && box.bottom <= 200);
    for (const other of boxes.slice(k + 1))
      t.false(
        box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom,
      );
  }
  const dots = spots.map(({ label }, k) => ({
    ...{ label, ...at(k < 11 ? 1 : 2, 1), seeds: 5, biasZ: k, front: k === 0 },
  }));
  const spec = scatterOf(dots);
  t.regex(JSON.stringify(spec["title"]), /Labels without room: \d; hover over a dot/);
  t.deepEqual((await drawn(spec)).warnings, []);
});

test("intervals stand beside the dots from three seeds on, and a detected bias is a square", async (t) => {
  const y = { mean: 2, low: 1.5, high: 2.7 };
  const dots = [
    { ...{ label: "gs", x: { mean: 0.3, low: 0.2, high: 0.4 }, y }, seeds: 5, biasZ: 12, front: true },
    { ...{ label: "st", x: alone(0.01), y }, seeds: 2, biasZ: -0.4, front: true },
  ];
  const { svg, warnings } = await drawn(scatterOf(dots));
  t.deepEqual(warnings, []);
  t.is(svg.match(/aria-roledescription="rule mark"/g)?.length, 3);
  t.is(svg.match(/aria-roledescription="point"/g)?.length, 2);
  // A circle is drawn with arcs, a square with lines.
  const path = (label: string) =>
    new RegExp(`estimator: ${label};[^>]*aria-roledescription="point"[^>]* d="([^"]*)"`).exec(svg)?.[1];
  t.notRegex(path("gs") ?? "A", /A/);
  t.regex(path("st") ?? "", /A/);
});

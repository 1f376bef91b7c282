/** The folder that `bench variance` leaves: its chart of a sweep says no more than was measured. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { compile, type TopLevelSpec } from "vega-lite";
import { parse, View } from "vega";
import type { VarianceRow } from "../../../reports/format/variance-row.ts";
import { writeVariance } from "../../../reports/export/variance-files.ts";

const row = (temperature: number, z: number): VarianceRow => ({
  estimator: `gs:temperature=${temperature}`,
  task: "coupled-bits",
  protocol: "frozen",
  step: 0,
  draws: 100,
  reference: "exact",
  referenceError: null,
  evaluations: { forward: 1, backward: 1 },
  gradient: { norm: 2, parameters: null, exact: null },
  bias: {
    ...{ norm: 0.2, relative: 0.1, z, squared: 0.04, squaredError: 0.01 },
    ...{ standardError: null, relativeError: null },
  },
  variance: { parameters: 2 / temperature, logits: 1, standardError: 0.1, logitsError: 0.1 },
  ...{ deviation: null, deviationError: null, cosine: 0.5, cosineError: null },
  ...{ signalToNoise: null, signalToNoiseError: null, notFinite: 0 },
  ...{ secondsPerDraw: 1, varianceTimesEvaluations: 1, varianceTimesSeconds: 1 },
  ...{ meanSquaredError: 1, meanSquaredErrorPerEvaluation: 1 },
});

/** The chart that rows leave, and its picture; no chart where they are no sweep. */
async function chartOf<Shape>(t: ExecutionContext, rows: readonly VarianceRow[]) {
  const folder = mkdtempSync(join(tmpdir(), "bench-variance-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  await writeVariance(folder, rows);
  const file = join(folder, "variance.vl.json");
  if (!existsSync(file)) return null;
  const spec = JSON.parse(readFileSync(file, "utf8")) as TopLevelSpec & Shape;
  return { spec, svg: await new View(parse(compile(spec).spec), { renderer: "none" }).toSVG() };
}

const noStatistics = {
  ...{ varianceEstimator: null, varianceEstimatorError: null, varianceLogits: null },
  ...{ norm: null, signalToNoise: null, deviation: null },
};

interface Datum {
  readonly estimator: string;
  readonly task: string;
  readonly at: number;
  readonly quantity: string;
  readonly hollow: boolean;
}

test("a sweep's chart draws a bias that cannot be told from none hollow, and concludes nothing", async (t) => {
  interface Sweep {
    data: { values: Datum[] };
    title: { subtitle: string[] };
  }
  const { spec, svg } = (await chartOf<Sweep>(t, [row(0.1, 0.4), row(1, 2.9), row(2, 8)]))!;
  const hollow = spec.data.values.filter((datum) => datum.hollow);
  t.deepEqual(
    hollow.map(({ at, quantity }) => [at, quantity]),
    [
      [0.1, "squared bias"],
      [1, "squared bias"],
    ],
  );
  t.notRegex(spec.title.subtitle.join(" "), /falls|grows/);
  t.is(svg.match(/<path[^>]*fill="white"[^>]*stroke=/g)?.length, 2);
});

interface SweepPanel {
  readonly title: { readonly text: string };
  readonly data: { readonly values: readonly Datum[] };
  readonly spec: {
    readonly encoding: { readonly x: { readonly title: string; readonly scale: { readonly type: string } } };
  };
}

test("a sweep is charted against every numeric option, on a logarithmic axis where its values span a decade above zero", async (t) => {
  const at = (estimator: string, task: string) => ({ ...row(1, 8), estimator, task });
  const rows = [
    ...[2, 4, 32].map((samples) => at(`rloo:samples=${samples}`, "kool")),
    ...[0, 0.5, 10].map((scale) => at(`average:of=rebar,of.scale=${scale}`, "kool")),
    ...[0.2, 0.4].map((p) => at("reinforce:baseline=none", `bits:p=${p}`)),
    at("gs:temperature=1", "kool"),
    ...["none", "average"].map((baseline) => at(`reinforce:baseline=${baseline}`, "kool")),
  ];
  const { spec, svg } = (await chartOf<{ vconcat: SweepPanel[] }>(t, rows))!;
  t.deepEqual(
    spec.vconcat.map(({ title, spec: { encoding } }) => [
      title.text,
      encoding.x.title,
      encoding.x.scale.type,
    ]),
    [
      ["Bias and variance against samples", "samples", "log"],
      ["Bias and variance against of.scale", "of.scale", "linear"],
      ["Bias and variance against p", "p", "linear"],
    ],
  );
  t.deepEqual(
    spec.vconcat.map(({ data }) =>
      data.values
        .filter(({ quantity }) => quantity === "variance")
        .map((datum) => [datum.estimator, datum.task, datum.at]),
    ),
    [
      [2, 4, 32].map((samples) => ["rloo", "kool", samples]),
      [0, 0.5, 10].map((scale) => ["average:of=rebar", "kool", scale]),
      [0.2, 0.4].map((p) => ["reinforce:baseline=none", "bits", p]),
    ],
  );
  t.is(svg.match(/<path[^>]*aria-roledescription="point"/g)?.length, 2 * 8);
  t.is(await chartOf(t, rows.slice(-3)), null, "one value, and values that are no numbers, are no sweep");
});

test("the chart of a bank's stages has every quantity that was measured, with its interval", async (t) => {
  const at = (stage: string, step: number, estimator: string): VarianceRow => ({
    ...row(1, 8),
    ...{ estimator, stage, step, cosineError: 0.01, signalToNoise: 1.5 },
    batches: {
      ...{ batches: 8, draws: 32, notFinite: 0 },
      values: { ...noStatistics, varianceMinibatch: 0.3, varianceMinibatchError: 0.05 },
    },
  });
  const stages = [
    ["start", 0],
    ["middle", 20],
    ["end", 41],
  ] as const;
  const rows = stages.flatMap(([stage, step]) => ["gs", "rloo"].map((name) => at(stage, step, name)));
  type Stages = { vconcat: { data: { values: { value: number; low: number; high: number }[] } }[] };
  const { spec, svg } = (await chartOf<Stages>(t, rows))!;
  const first = spec.vconcat.map(({ data }) => data.values[0]!);
  // t quantiles of R's qt(.975, c(19, 7, 99)).
  const [t19, t7, t99] = [2.093024, 2.364624, 1.984217];
  const close = (k: number, value: number, low: number | null, high: number | null) => {
    t.is(first[k]!.value, value);
    t.true(low === null ? first[k]!.low === null : Math.abs(first[k]!.low - low) < 1e-6, `low of ${k}`);
    t.true(high === null ? first[k]!.high === null : Math.abs(first[k]!.high - high) < 1e-6, `high of ${k}`);
  };
  close(0, 2, 2 - 0.1 * t19, 2 + 0.1 * t19);
  close(1, 0.3, 0.3 - 0.05 * t7, 0.3 + 0.05 * t7);
  close(2, 1.5, 3 / (2 + 0.1 * t19), 3 / (2 - 0.1 * t19));
  close(3, 0.1, null, null);
  close(4, 0.5, 0.5 - 0.01 * t99, 0.5 + 0.01 * t99);
  t.is(svg.match(/<path[^>]*aria-roledescription="point"/g)?.length, 5 * 6);
  t.is(svg.match(/<line[^>]*aria-roledescription="rule mark"/g)?.length, 4 * 6);
  for (const name of ["estimator variance", "minibatch variance", "signal to noise", "bias", "cosine"])
    t.true(svg.includes(name), name);
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import test from "ava";
import type { Settings } from "../../../estimators/estimator.ts";
import type { VarianceRow } from "../../../reports/format/variance-row.ts";
import { resolveOptions } from "../../../runners/options/resolve.ts";
import { openRegistry } from "../../../runners/plan/registry.ts";
import { readSnapshot } from "../../../runners/store/trained-parameters.ts";
import { referenceEstimators } from "../../../runners/variance/reference.ts";
import {
  fairBitsVariance,
  koolMoments,
  oneBitGradient,
  oneBitVariance,
  sigmoid,
} from "../../estimators/closed-forms.ts";
import { bench, temporaryFolder } from "../cli/call.ts";

async function measure(...argv: string[]): Promise<VarianceRow[]> {
  const { status, out, err } = await bench(["variance", "--json", "-q", ...argv]);
  if (status !== 0) throw new Error(err);
  return (JSON.parse(out) as { rows: VarianceRow[] }).rows;
}

const schema = JSON.parse(
  readFileSync(new URL("../../../docs/variance.schema.json", import.meta.url), "utf8"),
) as object;

test("bench variance --json fits its schema, with arrays only where there are few parameters", async (t) => {
  const validate = new Ajv2020({ strict: false }).compile(schema);
  const rows = await measure("-e", "exact,gs", "-t", "coupled-bits", "--draws", "100");
  t.true(validate({ rows }), JSON.stringify(validate.errors));
  t.is(rows[0]!.gradient.exact!.length, 4);
  const { bias, variance, ...gs } = rows[1]!;
  const errors = [bias.relativeError, variance.standardError, variance.logitsError, gs.cosineError];
  for (const error of [...errors, gs.deviationError, gs.signalToNoiseError]) t.true(error! > 0);
  const [large] = await measure("-e", "rloo", "-t", "cat10:variables=2,hidden=8,side=14", "--draws", "40");
  t.true(validate({ rows: [large] }), JSON.stringify(validate.errors));
  t.is(large!.gradient.parameters, null);
});

const selections = ["-e", "reinforce:baseline=none", "-e", "rloo:samples=2", "-e", "disarm"];

/** Whether a measured variance is the exact one within 4.5 of its standard errors, or both are nothing. */
const fits = ({ variance }: VarianceRow, exact: number) =>
  Math.abs(variance.parameters - exact) <= 4.5 * variance.standardError + 1e-12;

// The toy of Kool et al. by enumeration. Fixed noise, so nothing is flaky; another seed would leave 4.5 standard errors
// once in 10⁵, and an error of 15 % in a variance would be found at these draws with probability above 0.99.
test("bench variance gives the exact variances and the exact gradient of the toy of Kool et al.", async (t) => {
  for (const [logit, draws] of [
    [0, 4000],
    [-0.7, 2500],
  ] as const) {
    const given = [...selections, "-e", "unordered-set:samples=2", "-t", `kool:logit=${logit}`];
    const rows = await measure(...given, "--draws", String(draws));
    const exact = koolMoments(logit);
    rows.forEach((row) => {
      const { mean, variance } = exact[row.estimator.split(":")[0] as keyof typeof exact];
      t.is(row.reference, "exact");
      t.true(Math.abs(row.gradient.exact![0]! - mean) < 1e-6, String(row.gradient.exact));
      t.true(fits(row, variance), `${row.estimator}: ${row.variance.parameters} against ${variance}`);
      t.true(row.variance.standardError < 0.06 * variance, row.estimator);
      t.true(Math.abs(row.bias.z) < 4.5, `${row.estimator}: z ${row.bias.z}`);
    });
  }
});

test("bench variance gives the closed forms of one bit", async (t) => {
  const also = ["-e", "arm", "-e", "local-expectation", "-e", "bitflip"];
  for (const [p, target] of [
    [0.5, 0.1],
    [0.83, 0.45],
  ] as const) {
    const where = `bits:p=${p},t=${target}`;
    for (const row of await measure(...selections, ...also, "-t", where, "--draws", "2000")) {
      const exact = oneBitVariance[row.estimator.split(":")[0]!]!(p, target);
      t.true(fits(row, exact), `${row.estimator} on ${where}: ${row.variance.parameters} against ${exact}`);
      t.true(Math.abs(row.gradient.exact![0]! - oneBitGradient(p, target)) < 1e-6);
    }
  }
});

test("bench variance gives the variance per dimension of Double CV's quadratic toy at step 0", async (t) => {
  const rows = await measure("-e", "rloo:samples=2", "-e", "disarm", "-t", "quadratic", "--draws", "2000");
  for (const row of rows) {
    const exact = fairBitsVariance[row.estimator.split(":")[0] as "rloo" | "disarm"](0.499, 200) * 200;
    const { parameters, standardError } = row.variance;
    t.true(
      fits(row, exact) && standardError < 0.05 * exact,
      `${row.estimator}: ${parameters} ± ${standardError}`,
    );
  }
});

test("bench variance finds the bias of relaxations, and their variance growing as τ falls", async (t) => {
  const grid = ["--grid", "*.temperature=0.05|0.5|2"];
  const rows = await measure("-e", "gs,st-gs", "-t", "coupled-bits", ...grid, "--draws", "4000");
  for (const name of ["gs", "st-gs"]) {
    const [cold, , warm] = rows.filter(({ estimator }) => estimator.split(":")[0] === name);
    t.true(cold!.variance.parameters > 3 * warm!.variance.parameters, name);
    t.true(warm!.bias.z > 5, `${name}: ${warm!.bias.z}`);
  }
});

test("bench variance: at the same parameters of cat10 rloo varies less than reinforce, per evaluation too", async (t) => {
  const estimators = ["-e", "reinforce:samples=4,baseline=none", "-e", "rloo"];
  const task = "cat10:side=14,variables=5,batch=5";
  const [reinforce, rloo] = await measure(...estimators, "-t", task, "--draws", "60");
  t.is(reinforce!.evaluations.forward, rloo!.evaluations.forward);
  t.true(rloo!.variance.parameters < 0.1 * reinforce!.variance.parameters);
  t.is(rloo!.reference, "local-expectation");
  t.true(rloo!.referenceError! > 0);
});

test("the sampled reference sums variables out one by one, on one layer of at most 255 alternatives", async (t) => {
  const registry = await openRegistry();
  const referenceOn = (name: string, options: Settings) => {
    const definition = registry.tasks.find((one) => one.name === name)!;
    const settings = resolveOptions(options, { who: name, specs: definition.options });
    return referenceEstimators(registry, definition.sites(settings)).sampled.label;
  };
  t.is(referenceOn("cat10", {}), "local-expectation");
  t.is(referenceOn("bern2", {}), "local-expectation");
  t.is(referenceOn("cat10", { variables: 30 }), "rloo:samples=64");
  t.is(referenceOn("sbn2", {}), "rloo:samples=64");
});

test("bench variance --parameters measures at what a cell trained, and refuses a cell of another task", async (t) => {
  const cwd = temporaryFolder();
  const run = ["run", "-e", "rebar", "-t", "bits:t=0.1", "--seeds", "1", "--steps", "30", "-q", "-o", "A"];
  const trained = await bench(run, { cwd });
  t.is(trained.status, 0, trained.err);
  const cell = join("A", "cells", readdirSync(join(cwd, "A", "cells"))[0]!);
  const parameters = ["--parameters", cell, "--draws", "60", "--json", "-q"];
  const { status, out, err } = await bench(
    ["variance", "-e", "rebar,rloo", "-t", "bits:t=0.1", ...parameters],
    { cwd },
  );
  t.is(status, 0, err);
  const { rows } = JSON.parse(out) as { rows: VarianceRow[] };
  const [logit] = Object.values(readSnapshot(join(cwd, cell)).parameters)[0]!.values;
  const p = sigmoid(logit!);
  t.true(Math.abs(p - 0.5) > 0.05, `${p}`);
  for (const row of rows) {
    t.is(row.step, 30);
    t.true(
      Math.abs(row.gradient.exact![0]! - oneBitGradient(p, 0.1)) < 1e-6,
      `${row.gradient.exact?.join()}`,
    );
  }
  const other = await bench(["variance", "-e", "rloo", "-t", "kool", ...parameters], { cwd });
  t.is(other.status, 2);
  t.regex(other.err, /--parameters: the cell trained bits, but kool is measured/);
});

test("bench variance -o keeps the rows of a grid as a table and as its chart, with --svg as a picture too", async (t) => {
  const cwd = temporaryFolder();
  const sweep = ["variance", "-e", "gs,st-gs", "-t", "coupled-bits", "--draws", "100", "-q", "--svg"];
  const { status, out, err } = await bench(
    [...sweep, "--grid", "*.temperature=0.5|1|2", "-o", "tau", "--json"],
    { cwd },
  );
  t.is(status, 0, err);
  const read = (name: string) => readFileSync(join(cwd, "tau", name), "utf8");
  t.is(read("variance.json"), out);
  const { rows } = JSON.parse(out) as { rows: VarianceRow[] };
  const [head, ...lines] = read("variance.csv").trimEnd().split("\n");
  t.is(lines.length, 6);
  const columns = head!.split(",");
  const [at, error] = ["variance", "cosineError"].map((name) => columns.indexOf(name));
  lines.forEach((line, i) => {
    const cells = line.replace(/"[^"]*"/g, "quoted").split(",");
    t.is(Number(cells[at!]), rows[i]!.variance.parameters);
    t.is(Number(cells[error!]), rows[i]!.cosineError!);
  });
  const { data } = JSON.parse(read("variance.vl.json")) as { data: { values: Record<string, unknown>[] } };
  const drawn = data.values.filter(({ quantity }) => quantity === "variance");
  t.deepEqual(
    drawn.map(({ estimator, at, value }) => [estimator, at, value]),
    rows.map(({ estimator, variance }) => {
      const [, name, temperature] = /^(.*):temperature=(.*)$/.exec(estimator)!;
      return [name, Number(temperature), variance.parameters];
    }),
  );
  t.regex(read("variance.svg"), /^<svg [^>]*role="img"/);
  const without = await bench(["variance", "-e", "gs", "-t", "kool", "--svg"], { cwd });
  t.is(without.status, 2);
  t.regex(without.err, /--svg requires --out\./);
});

test("bench variance -e '*' leaves out, with a note, what fits no task, and refuses it by name before it measures", async (t) => {
  const argv = ["variance", "-t", "bits", "--draws", "40"];
  const { status, out, err } = await bench([...argv, "-e", "v*", "-e", "r*"]);
  t.is(status, 0, err);
  t.regex(err, /Skipped: vimco optimises a multi-sample bound/);
  for (const name of ["reinforce", "rloo", "rebar", "rodeo"])
    t.regex(out, new RegExp(`^bits +${name} `, "m"));
  t.notRegex(out, /vimco/);
  const named = await bench([...argv, "-e", "exact,vimco"]);
  t.is(named.status, 2);
  t.notRegex(named.err, /exact$/m);
});

test("bench variance notes which estimators are unbiased only up to a factor", async (t) => {
  const { err } = await bench(["variance", "-e", "rloo,nvil,normalise", "-t", "bits", "--draws", "40"]);
  t.regex(err, /^nvil, normalise: unbiased up to a positive factor, which the bias here includes/m);
  t.notRegex((await bench(["variance", "-e", "rloo", "-t", "bits", "--draws", "40"])).err, /factor/);
});

test("bench variance refuses what cannot be measured, in a sentence", async (t) => {
  for (const [argv, says] of [
    [["-e", "exact", "-t", "cat10"], /exact.*would enumerate/],
    [["-e", "gs", "-t", "kool", "--draws", "3"], /--draws.*40/],
    [["-e", "gs", "-t", "kool", "--parameters", "no/such/cell"], /--parameters/],
    [["-e", "arm", "-t", "coupled-categorical"], /arm/],
  ] as const) {
    const { status, err } = await bench(["variance", ...argv]);
    t.is(status, 2, err);
    t.regex(err, says);
  }
});

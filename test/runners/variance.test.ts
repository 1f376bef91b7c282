import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import test from "ava";
import type { VarianceRow } from "../../runners/variance.ts";
import { bench } from "./cli/call.ts";

async function measure(...argv: string[]): Promise<VarianceRow[]> {
  const { status, out, err } = await bench(["variance", "--json", "-q", ...argv]);
  if (status !== 0) throw new Error(err);
  return (JSON.parse(out) as { rows: VarianceRow[] }).rows;
}

const schema = JSON.parse(
  readFileSync(new URL("../../docs/variance.schema.json", import.meta.url), "utf8"),
) as object;

test("bench variance --json fits its schema, with arrays only where there are few parameters", async (t) => {
  const validate = new Ajv2020({ strict: false }).compile(schema);
  const rows = await measure("-e", "exact,gs", "-t", "coupled-bits", "--draws", "100");
  t.true(validate({ rows }), JSON.stringify(validate.errors));
  t.is(rows[0]!.gradient.exact!.length, 4);
  const [large] = await measure("-e", "rloo", "-t", "cat10:variables=2,hidden=8,side=14", "--draws", "40");
  t.true(validate({ rows: [large] }), JSON.stringify(validate.errors));
  t.is(large!.gradient.parameters, null);
});

// Kool et al.'s toy at η = 0 by enumeration. Fixed noise, so nothing is flaky; another seed would leave 4.5 standard
// errors once in 10⁵, and an error of 15 % in a variance would be found at these draws with probability above 0.99.
test("bench variance gives the exact variances and the exact gradient of the toy of Kool et al.", async (t) => {
  const selections = [
    "-e",
    "reinforce:baseline=none",
    "-e",
    "rloo:samples=2",
    "-e",
    "disarm",
    "-e",
    "unordered-set:samples=2",
  ];
  const rows = await measure(...selections, "-t", "kool:logit=0", "--draws", "10000");
  const exact = [0.43842, 7.275e-3, 4.65e-3, 6.1125e-3];
  rows.forEach(({ estimator, variance, gradient, bias, reference }, i) => {
    t.is(reference, "exact");
    t.true(Math.abs(gradient.exact![0]! + 0.045) < 1e-6, String(gradient.exact));
    t.true(
      Math.abs(variance.parameters - exact[i]!) < 4.5 * variance.standardError,
      `${estimator}: ${variance.parameters} ± ${variance.standardError}`,
    );
    t.true(Math.abs(bias.z) < 4.5, `${estimator}: z ${bias.z}`);
  });
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
  const rows = await measure(
    "-e",
    "reinforce:samples=4,baseline=none",
    "-e",
    "rloo",
    "-t",
    "cat10:side=14,batch=20",
    "--draws",
    "60",
  );
  const [reinforce, rloo] = rows;
  t.is(reinforce!.evaluations.forward, rloo!.evaluations.forward);
  t.true(rloo!.variance.parameters < 0.1 * reinforce!.variance.parameters);
  t.is(rloo!.reference, "rloo:samples=64");
  t.true(rloo!.referenceError! > 0);
});

test("bench variance -e '*' leaves out, with a note, what fits no task, and refuses it by name before it measures", async (t) => {
  const { status, out, err } = await bench([
    "variance",
    "-e",
    "v*",
    "-e",
    "r*",
    "-t",
    "bits",
    "--draws",
    "40",
  ]);
  t.is(status, 0, err);
  t.regex(err, /left out: vimco on bits: the task must offer a multi-sample bound/);
  for (const name of ["reinforce", "rloo", "rebar", "rodeo"])
    t.regex(out, new RegExp(`^bits +${name} `, "m"));
  t.notRegex(out, /vimco/);
  const named = await bench(["variance", "-e", "exact,vimco", "-t", "bits", "--draws", "40"]);
  t.is(named.status, 2);
  t.notRegex(named.err, /exact$/m);
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

/**
 * Writes docs/estimators.md: what each estimator claims, what `bench check` finds, its variance on the toys, and where
 * training on `polynomial` ends. The rows are kept in docs/estimators.json, so that a run measures only the estimators it is
 * asked for.
 *
 *     npm run docs:estimators -- --only gs,rloo    measures two estimators, most of them in less than a minute
 *     npm run docs:estimators                      measures all: more than an hour
 *     npm run docs:estimators -- --only ""         measures none; writes the page from the stored rows
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { main } from "../runners/cli/main.ts";
import { createOnnxEngine } from "../runners/engine/onnx/onnx.ts";
import type { CheckReport } from "../runners/check/run-checks.ts";
import type { VarianceRow } from "../reports/format/variance-row.ts";
import { endValue, pairsOn } from "./descent.ts";
import { drawsOnToys, rowsFile, storedRows, type EstimatorRows } from "./estimator-rows.ts";

const toys = Object.keys(drawsOnToys);
const steps = 8000;
/** Not trained on `polynomial`, where it would evaluate the cost 129 times a step. */
const slow = ["go", "mvd"];

interface ListedEstimator {
  readonly name: string;
  readonly claims: {
    readonly unbiased: boolean | "direction";
    readonly evaluations: { readonly forward: number; readonly backward: number };
    readonly relaxed?: boolean;
  };
}

/** The JSON that a command of `bench` prints. */
async function bench<X>(...argv: string[]): Promise<X> {
  process.stderr.write(`bench ${argv.join(" ")}\n`);
  let out = "";
  await main([...argv, "--json"], {
    stdout: { write: (text) => (out += text) },
    stderr: process.stderr,
    env: {},
    cwd: process.cwd(),
    onInterrupt: () => () => undefined,
    exit: (status) => process.exit(status),
  });
  return JSON.parse(out) as X;
}

const percent = (x: number | null | undefined) =>
  x === null || x === undefined ? "–" : `${(100 * Math.abs(x)).toFixed(1)} %`;
const short = (x: number) => (x === 0 ? "0" : x.toPrecision(3));

async function claimCells({ name, claims }: ListedEstimator): Promise<string[]> {
  const { reports } = await bench<{ reports: CheckReport[] }>("check", name);
  const { checks } = reports[0]!;
  const { z, detectable, bias } = checks.find((check) => check.name === "bias")!.numbers ?? {};
  const named = (state: string) => checks.flatMap((check) => (check.state === state ? [check.name] : []));
  const failed = named("fail");
  const { forward, backward } = claims.evaluations;
  return [
    { true: "unbiased", false: "biased", direction: "up to a factor" }[String(claims.unbiased)]!,
    z === undefined || z === null ? "–" : z.toFixed(1),
    percent(bias),
    percent(detectable),
    `${forward} + ${backward}`,
    failed.length > 0
      ? `fails ${failed.join(", ")}`
      : [`${named("pass").length} passed`, ...named("warn").map((name) => `warns of ${name}`)].join(", "),
  ];
}

/** Whether an estimator runs on a toy. */
const fits = async (name: string, toy: string) =>
  (await pairsOn(toy, ["*"])).some(({ pair }) => pair.estimator.entry.name === name);

async function varianceCells(name: string): Promise<string[]> {
  const cells: string[] = [];
  for (const toy of toys) {
    if (!(await fits(name, toy))) {
      cells.push("–");
      continue;
    }
    const argv = ["variance", "-e", name, "-t", toy, "--draws", String(drawsOnToys[toy]), "-q"];
    const { variance } = (await bench<{ rows: VarianceRow[] }>(...argv)).rows[0]!;
    cells.push(`${short(variance.parameters)} ± ${short(variance.standardError)}`);
  }
  return cells;
}

/** Where training on the polynomial ends. */
async function polynomialCells({ name, claims }: ListedEstimator): Promise<string[] | undefined> {
  if (slow.includes(name) || !(await fits(name, "polynomial"))) return undefined;
  process.stderr.write(`${steps} steps of ${name} on polynomial\n`);
  const engine = await createOnnxEngine();
  const [pair] = await pairsOn("polynomial", [name]);
  const { trained, discrete } = await endValue(engine, pair!, { steps, seed: 1 });
  await engine.close();
  return [`${trained.toFixed(5)}${claims.relaxed === true ? " (relaxed)" : ""}`, discrete.toFixed(5)];
}

async function measured(estimator: ListedEstimator): Promise<EstimatorRows> {
  const claims = await claimCells(estimator);
  const variances = await varianceCells(estimator.name);
  const polynomial = await polynomialCells(estimator);
  return { claims, variances, ...(polynomial && { polynomial }) };
}

/** A table of one part of the rows; estimators without that part are left out. */
function table(
  head: readonly string[],
  rows: Readonly<Record<string, EstimatorRows>>,
  part: keyof EstimatorRows,
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const body = Object.entries(rows).flatMap(([name, row]) =>
    row[part] ? [line([`\`${name}\``, ...row[part]])] : [],
  );
  return [line(head), line(head.map(() => "---")), ...body].join("\n");
}

const page = (rows: Readonly<Record<string, EstimatorRows>>) => `# What was measured of every estimator

Written by \`npm run docs:estimators\` (\`bench check NAME\`, \`bench variance -e NAME -t TOY\`, and ${steps} steps of training on
\`polynomial\`); every number comes from this program with fixed noise. \`--only NAME\` measures one estimator again. All have
their default options: \`average\`, \`normalise\` and \`topk\` wrap \`reinforce\`, \`centre\` \`muprop\` and \`mixed\` \`rloo\`.

## Claims

- **z**: the largest over all coordinates and problems of the check; for a biased estimator, where its bias was found.
- **bias found**: for a biased estimator, as a share of the gradient's norm.
- **detectable bias**: the bias in one coordinate that the check would have found with probability ½, on the worst of its
  problems, as a share of the gradient's norm. The family-wise error is 10⁻⁶.
- **evaluations**: forward + backward per row, for one variable: a bit, or three outcomes for estimators of categories only.

${table(["estimator", "claims", "z", "bias found", "detectable bias", "evaluations", "checks"], rows, "claims")}

## Variance on the toys

Trace of the covariance of one draw of the gradient at the toy's own parameters, ± its standard error, before any control variate
is trained; from 4,000 draws, 1,000 on \`polynomial\`. An estimator with S samples spends S evaluations per draw. –: it does not run
there (\`topk\` needs a single categorical variable, \`vimco\` a task with a multi-sample bound).

${table(["estimator", ...toys], rows, "variances")}

## Temperature

\`bench variance -e gs,st-gs -t coupled-bits --grid '*.temperature=0.05|0.1|0.2|0.3|0.5|0.7|1|1.4|2' --draws 4000 -o DIR --svg\`: as τ falls, the
bias vanishes and the variance grows without bound.

![Bias and variance of gs and st-gs against temperature](temperature.svg)

## A control variate for ReinMax

\`bench variance -e reinmax,reinmax-cv,reinmax-rao -t TOY --grid 'reinmax-cv.noise=sample|conditional' --grid 'reinmax-cv.eta=0.25|0.5|1'
--draws 20000\`: trace of the covariance, and the bias as a share of the gradient's norm. ReinMax is a function of the hard sample alone, so a
term of mean zero given that sample is uncorrelated with it and raises the variance for every η: \`noise=conditional\`. With the noise of the
sample, as in the paper, the term has a mean given the sample. It is then another biased estimator, not a control variate, and on these
toys both its variance and its bias grow with η. The authors' code relaxes softmax(φ + G) a second time in place of φ + G, which has another mean
again. Averaging given the sample (\`reinmax-rao\`) does lower the variance, for a bias of a third of the gradient.

| estimator | coupled-categorical | bias | coupled-bits | bias | layered-bits | bias |
| --- | --- | --- | --- | --- | --- | --- |
| \`reinmax\` | 15.6 ± 0.16 | 2 % | 2.12 ± 0.027 | 0 % | 1.93 ± 0.014 | 3 % |
| \`reinmax-cv:noise=conditional,eta=0.25\` | 16.2 ± 0.17 | 3 % | 2.20 ± 0.028 | 1 % | 2.04 ± 0.017 | 3 % |
| \`reinmax-cv:noise=conditional,eta=0.5\` | 17.8 ± 0.20 | 3 % | 2.41 ± 0.032 | 1 % | 2.38 ± 0.022 | 2 % |
| \`reinmax-cv:noise=conditional,eta=1\` | 24.3 ± 0.26 | 4 % | 3.26 ± 0.045 | 1 % | 3.75 ± 0.037 | 2 % |
| \`reinmax-cv:noise=sample,eta=0.25\` | 19.4 ± 0.20 | 15 % | 2.62 ± 0.033 | 11 % | 2.43 ± 0.017 | 10 % |
| \`reinmax-cv:noise=sample,eta=0.5\` | 23.8 ± 0.25 | 27 % | 3.19 ± 0.040 | 22 % | 3.06 ± 0.022 | 23 % |
| \`reinmax-cv:noise=sample,eta=1\` | 34.3 ± 0.37 | 51 % | 4.55 ± 0.057 | 43 % | 4.71 ± 0.034 | 48 % |
| \`reinmax-rao\` | 7.71 ± 0.090 | 39 % | 0.834 ± 0.0089 | 36 % | 0.925 ± 0.0080 | 36 % |

## Polynomial programming

Where Adam ends on \`polynomial\` (power 2, seed 1; the optimum is .2025, the fixed point of st .2475): the mean over the last 200 of
${steps} steps of the cost that the estimator trains on, and the mean cost of hard samples at the end. Estimators that are not listed do
not run there (\`exact\` would enumerate 2¹²⁸ configurations; \`local-expectation\` is exact here, as each variable has its own cost) or were left out (\`go\` and \`mvd\`, for their 129 evaluations a step).

${table(["estimator", `last 200 of ${steps} steps`, "hard samples, at the end"], rows, "polynomial")}
`;

/** One part of a row per line, so that a change of one estimator is a small difference. */
const stored = (rows: Readonly<Record<string, EstimatorRows>>) =>
  `{\n${Object.entries(rows)
    .map(([name, row]) => {
      const parts = Object.entries(row).map(([part, cells]) => `    "${part}": ${JSON.stringify(cells)}`);
      return `  "${name}": {\n${parts.join(",\n")}\n  }`;
    })
    .join(",\n")}\n}\n`;

const { values } = parseArgs({ options: { only: { type: "string" } } });
const known = storedRows();
const listed = await bench<ListedEstimator[]>("list", "estimators");
const names = listed.map(({ name }) => name);
const only = values.only?.split(",").filter((name) => name !== "") ?? names;
const unknown = only.find((name) => !names.includes(name));
if (unknown !== undefined) throw new Error(`Unknown estimator "${unknown}". Known are ${names.join(", ")}.`);
const rows: Record<string, EstimatorRows> = {};
for (const estimator of listed) {
  const row = only.includes(estimator.name) ? await measured(estimator) : known[estimator.name];
  if (row) rows[estimator.name] = row;
  else process.stderr.write(`${estimator.name} has no row yet; measure it with --only ${estimator.name}.\n`);
}
writeFileSync(rowsFile, stored(rows));
writeFileSync(new URL("../docs/estimators.md", import.meta.url), page(rows));

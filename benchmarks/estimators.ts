/**
 * Writes docs/estimators.md: every estimator's and combinator's claim, what `bench check` measured of it, its variance
 * on the toys, and where polynomial programming ends. Some 70 minutes of one core, most of them on the polynomial.
 * `npm run docs:estimators`
 */
import { writeFileSync } from "node:fs";
import { main } from "../runners/cli/main.ts";
import { createOnnxEngine } from "../runners/engine/onnx/onnx.ts";
import type { VarianceRow } from "../reports/format/variance-row.ts";
import { endValue, pairsOn, type End } from "./descent.ts";

/** Draws of each: one of the polynomial's takes a hundred times as long. */
const draws: Readonly<Record<string, number>> = {
  ...{ bits: 4000, kool: 4000, quadratic: 4000, "coupled-bits": 4000, "coupled-categorical": 4000 },
  ...{ "layered-bits": 4000, polynomial: 1000 },
};
const toys = Object.keys(draws);
const steps = 8000;

interface Report {
  readonly estimator: string;
  readonly checks: readonly {
    readonly name: string;
    readonly state: "pass" | "fail" | "skip";
    readonly numbers?: Readonly<Record<string, number | null>>;
  }[];
}
interface Listed {
  readonly name: string;
  readonly claims: {
    readonly unbiased: boolean | "direction";
    readonly evaluations: { readonly forward: number; readonly backward: number };
    readonly relaxed?: boolean;
  };
}

async function json<X>(...argv: string[]): Promise<X> {
  process.stderr.write(`bench ${argv.join(" ")}\n`);
  let out = "";
  await main([...argv, "--json"], {
    stdout: { write: (text) => (out += text) },
    stderr: { write: () => true },
    env: {},
    cwd: process.cwd(),
    onInterrupt: () => () => undefined,
    exit: (status) => process.exit(status),
  });
  return JSON.parse(out) as X;
}

/** Where training on the polynomial ends, by estimator. */
async function ends(): Promise<Map<string, End>> {
  const engine = await createOnnxEngine();
  const found = new Map<string, End>();
  for (const one of await pairsOn("polynomial", ["*"])) {
    const { name } = one.pair.estimator.entry;
    process.stderr.write(`polynomial: ${name}\n`);
    found.set(name, await endValue(engine, one, { steps, seed: 1 }));
  }
  await engine.close();
  return found;
}

const percent = (x: number | null | undefined) =>
  x === null || x === undefined ? "–" : `${(100 * Math.abs(x)).toFixed(1)} %`;
const short = (x: number) => (x === 0 ? "0" : x.toPrecision(3));
const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
const table = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [row(head), row(head.map(() => "---")), ...rows.map(row)].join("\n");
const nameOf = (label: string) => label.split(":")[0]!;

function claimTable(listed: readonly Listed[], reports: readonly Report[]): string {
  const rows = listed.map(({ name, claims }) => {
    const { checks } = reports.find(({ estimator }) => nameOf(estimator) === name)!;
    const { z, detectable, bias } = checks.find((check) => check.name === "bias")!.numbers ?? {};
    const named = (state: string) => checks.flatMap((check) => (check.state === state ? [check.name] : []));
    const failed = named("fail");
    const { forward, backward } = claims.evaluations;
    return [
      `\`${name}\``,
      { true: "unbiased", false: "biased", direction: "up to a factor" }[String(claims.unbiased)]!,
      z === undefined || z === null ? "–" : z.toFixed(1),
      percent(bias),
      percent(detectable),
      `${forward} + ${backward}`,
      failed.length > 0 ? `fails ${failed.join(", ")}` : `${named("pass").length} passed`,
    ];
  });
  return table(["estimator", "claims", "z", "bias found", "detectable bias", "evaluations", "checks"], rows);
}

function varianceTable(listed: readonly Listed[], measured: readonly VarianceRow[]): string {
  const rows = listed.map(({ name }) => {
    const variances = toys.map((toy) => {
      const found = measured.find(({ estimator, task }) => nameOf(estimator) === name && task === toy);
      return found ? `${short(found.variance.parameters)} ± ${short(found.variance.standardError)}` : "–";
    });
    return [`\`${name}\``, ...variances];
  });
  return table(["estimator", ...toys], rows);
}

function endTable(listed: readonly Listed[], found: ReadonlyMap<string, End>): string {
  const rows = listed.flatMap(({ name, claims }) => {
    const end = found.get(name);
    if (!end) return [];
    const note = claims.relaxed === true ? " (relaxed)" : "";
    return [[`\`${name}\``, `${end.trained.toFixed(5)}${note}`, end.discrete.toFixed(5)]];
  });
  return table(["estimator", `last 200 of ${steps} steps`, "hard samples, at the end"], rows);
}

const listed = await json<Listed[]>("list", "estimators");
const { reports } = await json<{ reports: Report[] }>("check", "*");
const measured: VarianceRow[] = [];
for (const toy of toys) {
  const argv = ["variance", "-e", "*", "-t", toy, "--draws", String(draws[toy]), "-q"];
  measured.push(...(await json<{ rows: VarianceRow[] }>(...argv)).rows);
}
const ended = await ends();

writeFileSync(
  new URL("../docs/estimators.md", import.meta.url),
  `# What was measured of every estimator

Made by \`npm run docs:estimators\` (\`bench check '*'\`, \`bench variance -e '*' -t TOY\`, and ${steps} steps of training on
\`polynomial\`); every number is of this program and of fixed noise. All at default options: \`average\`, \`normalise\` and \`topk\`
around \`reinforce\`.

## Claims

- **z**: the largest over all coordinates and problems of the check; for a biased estimator, where its bias was found.
- **bias found**: of a biased estimator, as a share of the gradient's norm.
- **detectable bias**: the bias in one coordinate that the check would have found with probability ½, on the worst of its problems,
  as a share of the gradient's norm. The family-wise error is 10⁻⁶.
- **evaluations**: forward + backward per row, for one variable: a bit, or three outcomes where there must be categories.

${claimTable(listed, reports)}

## Variance on the toys

Trace of the covariance of one draw of the gradient at the toy's own parameters, ± its standard error, before any control variate
is trained; from 4,000 draws, 1,000 on \`polynomial\`. An estimator of S samples spends S evaluations on it. –: it does not run there
(\`topk\` asks for a single categorical variable, \`vimco\` for a task with a multi-sample bound).

${varianceTable(listed, measured)}

## Temperature

\`bench variance -e gs,st-gs -t coupled-bits --grid '*.temperature=0.05|0.1|0.2|0.3|0.5|0.7|1|1.4|2' --draws 4000 -o DIR --svg\`: as τ falls the
bias goes and the gradients blow up.

![Bias and variance of gs and st-gs against temperature](temperature.svg)

## Polynomial programming

Where Adam ends on \`polynomial\` (power 2, seed 1; the optimum is .2025, st's fixed point .2475): the mean of the cost that the estimator
trains on over the last 200 of ${steps} steps, and the mean cost of hard samples at the end. An estimator that is not listed does not
run there (\`exact\` would enumerate 2¹²⁸ configurations; \`local-expectation\` is exact here, where each variable has a cost of its own).

${endTable(listed, ended)}
`,
);

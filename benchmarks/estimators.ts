/**
 * Writes docs/estimators.md: every estimator's claim, what `bench check` measured of it, and its variance on the toys.
 * Some five minutes on two cores. `npm run docs:estimators`
 */
import { writeFileSync } from "node:fs";
import { main } from "../runners/cli/main.ts";
import type { VarianceRow } from "../runners/variance.ts";

const toys = ["kool", "coupled-bits", "coupled-categorical", "layered-bits"];
const draws = 4000;

async function json<X>(...argv: string[]): Promise<X> {
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

interface Report {
  readonly estimator: string;
  readonly ok: boolean;
  readonly seconds: number;
  readonly checks: readonly {
    readonly name: string;
    readonly state: "pass" | "fail" | "skip";
    readonly detail: string;
    readonly numbers?: Readonly<Record<string, number | null>>;
  }[];
}
interface Listed {
  readonly name: string;
  readonly claims: {
    readonly unbiased: boolean | "direction";
    readonly evaluations: { forward: number; backward: number };
  };
}

const share = (x: number | null | undefined) =>
  x === null || x === undefined ? "–" : `${(100 * x).toFixed(1)} %`;
const short = (x: number) => (x < 1e-12 ? "0" : x.toPrecision(3));
const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

const estimators = await json<Listed[]>("list", "estimators");
const { reports } = await json<{ reports: Report[] }>("check", "*");
const rows: VarianceRow[] = [];
for (const toy of toys) {
  const measured = await json<{ rows: VarianceRow[] }>(
    "variance",
    "-e",
    "*",
    "-t",
    toy,
    "--draws",
    String(draws),
    "-q",
  );
  rows.push(...measured.rows);
}

const lines = estimators.map(({ name, claims }) => {
  const report = reports.find(({ estimator }) => estimator.split(":")[0] === name);
  const bias = report?.checks.find((check) => check.name === "bias");
  const { z, detectable, bias: found } = bias?.numbers ?? {};
  const passed = report?.checks.filter(({ state }) => state === "pass").length;
  const failed = report?.checks.filter(({ state }) => state === "fail").map((check) => check.name) ?? [];
  const claim = { true: "unbiased", false: "biased", direction: "up to a factor" }[String(claims.unbiased)]!;
  const variances = toys.map((toy) => {
    const found = rows.find(({ estimator, task }) => estimator.split(":")[0] === name && task === toy);
    return found ? `${short(found.variance.parameters)} ± ${short(found.variance.standardError)}` : "–";
  });
  return row([
    ...[
      `\`${name}\``,
      claim,
      z === undefined || z === null ? "–" : z.toFixed(1),
      share(Math.abs(found ?? detectable ?? NaN)),
    ],
    ...variances,
    `${claims.evaluations.forward} + ${claims.evaluations.backward}`,
    failed.length > 0 ? `fails ${failed.join(", ")}` : `${passed} passed`,
  ]);
});

const head = ["estimator", "claims", "z", "bias", ...toys, "evaluations", "checks"];
writeFileSync(
  new URL("../docs/estimators.md", import.meta.url),
  `# What was measured of every estimator

Made by \`npm run docs:estimators\` (\`bench check '*'\` and \`bench variance -e '*' -t TOY --draws ${draws}\`); every number is of this
program and of fixed noise.

- **z**: the largest over all coordinates and problems of the check (for a biased estimator, where its bias was found).
- **bias**: for an estimator that claims none, the bias that would have been detected, as a share of the gradient's norm; for a
  biased one, the bias that was found. The family-wise error of the check is 10⁻⁶.
- **${toys.join(", ")}**: trace of the covariance of one draw of the gradient at the toy's own parameters, ± its standard error, at default
  options, before any control variate is trained. An estimator of S samples spends S evaluations on it.

${[row(head), row(head.map(() => "---")), ...lines].join("\n")}
`,
);

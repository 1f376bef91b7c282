/** What cells of one report must share, as a manifest keeps it. */
import type { Manifest } from "../../reports/format/records.ts";
import { mistake } from "../errors.ts";
import { canonicalJson } from "../hash.ts";
import type { Prepared } from "../plan/prepare.ts";
import { versionsOf } from "./result-versions.ts";

/** What must be equal for cells to stand in one report. */
export function configurationOf({ plan }: Prepared): Record<string, unknown> {
  const { engine, quick, data, logPoints, evaluation, boundSamples, gradients, protocol, plugins, cells } =
    plan;
  const budgets = [...new Map(cells.map(({ task, budget }) => [task, budget])).entries()];
  return {
    engine,
    quick,
    data: data ?? null,
    budget: Object.fromEntries(
      budgets.map(([task, { evaluations, steps, seconds }]) => [
        task,
        evaluations === undefined ? { steps, seconds } : { evaluations, seconds },
      ]),
    ),
    measurement: { logPoints, evaluation, boundSamples, gradients },
    protocol,
    versions: versionsOf(cells),
    plugins,
  };
}

/** Refuses a configuration whose cells may not stand beside those of `before`. */
export function refuseUnequal(
  folder: string,
  before: Manifest,
  now: Readonly<Record<string, unknown>>,
): void {
  const budgets = (configuration: Readonly<Record<string, unknown>>) =>
    (configuration["budget"] ?? {}) as Readonly<Record<string, unknown>>;
  const shared = Object.keys(budgets(now)).filter((task) =>
    Object.hasOwn(budgets(before.configuration), task),
  );
  const pairs: [name: string, before: unknown, now: unknown][] = [
    ...["engine", "quick", "data", "measurement", "protocol"].map((name): [string, unknown, unknown] => [
      name,
      before.configuration[name],
      now[name],
    ]),
    ...shared.map((task): [string, unknown, unknown] => [
      `budget of ${task}`,
      budgets(before.configuration)[task],
      budgets(now)[task],
    ]),
  ];
  for (const [name, old, current] of pairs) {
    if (canonicalJson(old) === canonicalJson(current)) continue;
    throw mistake(
      `${folder}: all cells of a run must share the ${name} (else the report compares unequal things), ` +
        `got ${canonicalJson(old)} there and ${canonicalJson(current)} now; choose another --name, or --force`,
    );
  }
}

/** With what an earlier command said of the tasks whose cells stay. */
export function withJoined(
  own: Readonly<Record<string, unknown>>,
  { configuration }: Manifest,
  joined: Manifest["matrix"],
): Record<string, unknown> {
  const tasks = new Set(joined.map(({ task }) => task));
  const both = (part: string) => ({
    ...Object.fromEntries(Object.entries(configuration[part] ?? {}).filter(([task]) => tasks.has(task))),
    ...(own[part] as object),
  });
  return { ...own, budget: both("budget"), versions: both("versions") };
}

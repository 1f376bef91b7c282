/** What cells of one run must share, as its manifest keeps it. */
import { canonicalJson } from "../../reports/format/canonical-json.ts";
import { mergeRecords } from "../../reports/format/manifest.ts";
import { taskVersionOf } from "../../reports/format/versions.ts";
import { mistake } from "../errors.ts";
import type { Prepared } from "../plan/prepare.ts";

type Configuration = Readonly<Record<string, unknown>>;

export function configurationOf({ plan }: Prepared): Configuration {
  const { engine, quick, data, logPoints, evaluation, boundSamples, gradients, protocol, plugins, cells } =
    plan;
  const budgets = cells.map(({ task, budget: { evaluations, steps, seconds } }) => [
    task,
    evaluations === undefined ? { steps, seconds } : { evaluations, seconds },
  ]);
  return {
    engine,
    quick,
    data: data ?? null,
    budget: Object.fromEntries(budgets) as object,
    measurement: { logPoints, evaluation, boundSamples, gradients },
    protocol,
    versions: Object.fromEntries(cells.map((cell) => [cell.task, taskVersionOf(cell)])),
    plugins,
  };
}

const byTask = (configuration: Configuration, part: "budget" | "versions") =>
  (configuration[part] ?? {}) as Readonly<Record<string, unknown>>;

/** The configuration of cells that stand together. */
export const joinConfigurations = (all: readonly Configuration[]): Configuration => ({
  ...all.at(-1),
  budget: mergeRecords(all.map((one) => byTask(one, "budget"))),
  versions: mergeRecords(all.map((one) => byTask(one, "versions"))),
});

type Difference = readonly [name: string, before: unknown, now: unknown];

const shared = (part: "budget" | "versions", name: string, before: Configuration, now: Configuration) =>
  Object.entries(byTask(now, part)).flatMap(([task, value]): Difference[] =>
    task in byTask(before, part) ? [[`${name} of ${task}`, byTask(before, part)[task], value]] : [],
  );

/**
 * Throws where a run would replace results of another version of the protocol or of a task: no later bench can make
 * those again.
 */
export function refuseOtherVersions(folder: string, before: Configuration, now: Configuration): void {
  refuse(folder, [
    ["version of the protocol", before["protocol"], now["protocol"]],
    ...shared("versions", "version", before, now),
  ]);
}

/** Throws where a report would compare cells of different configurations. */
export function refuseOtherConfiguration(folder: string, before: Configuration, now: Configuration): void {
  refuseOtherVersions(folder, before, now);
  const names = ["engine", "quick", "data", "measurement"];
  refuse(folder, [
    ...names.map((name): Difference => [name, before[name], now[name]]),
    ...shared("budget", "budget", before, now),
  ]);
}

function refuse(folder: string, pairs: readonly Difference[]): void {
  for (const [name, before, now] of pairs)
    if (canonicalJson(before) !== canonicalJson(now))
      throw mistake(
        `${folder}: the ${name} is ${canonicalJson(before)} there and ${canonicalJson(now)} now, but all cells of ` +
          "a run must share it. Choose another --name to keep both, or replace the results with --force.",
      );
}

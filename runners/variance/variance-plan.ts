/** What `bench variance` measures, opened alike in the command's own process and in those that help it. */
import type { Estimator } from "../../estimators/estimator.ts";
import { chooseEngine, defaultEngine, openEngine } from "../engine/index.ts";
import { mistake } from "../errors.ts";
import { selectPairs, settingsOf, type Pair } from "../plan/pairs.ts";
import { openRegistry } from "../plan/registry.ts";
import type { Request } from "../plan/request.ts";
import type { CellSnapshot } from "../store/trained-parameters.ts";
import {
  measureVariance,
  type Reference,
  type Setting,
  type Subject,
  type VarianceRow,
} from "./fixed-parameters.ts";

/** Plain data: another process opens the same. */
export interface VarianceRequest {
  readonly request: Request;
  readonly draws: number;
  readonly seed: number;
  readonly at?: CellSnapshot;
}

/** The estimators of one task. */
export interface Group {
  readonly setting: Setting;
  readonly subjects: readonly Subject[];
  /** Of the task's definition. */
  readonly version: number;
}

export async function openVariance({ request, draws, seed, at }: VarianceRequest) {
  const registry = await openRegistry(request.plugins);
  const { pairs, tasks, notes } = await selectPairs(request, registry);
  if (at) for (const { task } of pairs) refuseOther(at, task);
  const named = (name: string): Estimator =>
    registry.estimators.find((entry) => entry.name === name)!.estimator;
  const engine = await openEngine(chooseEngine(request.engine ?? defaultEngine));
  const long = { estimator: named("rloo"), settings: { samples: 64 }, label: "rloo:samples=64" };
  const common = { engine, seed, draws, exact: named("exact"), long, ...(at ? { at } : {}) };
  const groups = [...byTask(pairs)].map(([taskLabel, group]): Group => {
    const task = tasks.get(taskLabel)!;
    return {
      setting: { ...common, task, taskLabel },
      subjects: group.map((pair) => ({
        estimator: pair.estimator.entry.estimator,
        settings: settingsOf(pair.estimator, task),
        label: pair.estimator.label,
      })),
      version: group[0]!.task.definition.version,
    };
  });
  return {
    groups,
    notes: [...notes, ...aboutDirections(groups)],
    close: () => engine.close(),
  };
}

/** What the bias of an estimator means that claims no more than the gradient's direction. */
function aboutDirections(groups: readonly Group[]): string[] {
  const subjects = groups.flatMap((group) => group.subjects);
  const labels = new Set(
    subjects.filter(({ estimator }) => estimator.claims.unbiased === "direction").map(({ label }) => label),
  );
  if (labels.size === 0) return [];
  return [
    `${[...labels].join(", ")}: unbiased up to a positive factor, which the bias here counts and the cosine does not`,
  ];
}

/** Parameters of another task, or of another version of it, mean something else. */
function refuseOther(at: CellSnapshot, { definition: { name, version } }: Pair["task"]): void {
  if (at.task !== name)
    throw mistake(`--parameters: the cell must be of the task that is measured, ${name}, got ${at.task}`);
  if (at.version !== null && at.version !== version)
    throw mistake(
      `--parameters: the cell must be of version ${version} of ${name}, which is measured, got version ${at.version}`,
    );
}

function byTask(pairs: readonly Pair[]): Map<string, Pair[]> {
  const groups = new Map<string, Pair[]>();
  for (const pair of pairs) groups.set(pair.task.label, [...(groups.get(pair.task.label) ?? []), pair]);
  return groups;
}

/** At a snapshot, the parameters and state of another estimator's cell are not this one's. */
export function measureSubject(
  { setting }: Group,
  subject: Subject,
  reference: Reference,
  at?: CellSnapshot,
): Promise<VarianceRow> {
  const matching = at && at.estimator === subject.estimator.name;
  const own = matching ? {} : { own: {}, state: {} };
  return measureVariance(at ? { ...setting, at: { ...at, ...own } } : setting, subject, reference);
}

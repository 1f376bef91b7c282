/** What `bench variance` measures, opened alike in the command's own process and in the processes that help it. */
import { chooseEngine, defaultEngine, openEngine } from "../engine/index.ts";
import { mistake } from "../errors.ts";
import { selectPairs, settingsOf, type PlannedPair } from "../plan/choose-pairs.ts";
import { openRegistry, versionOf } from "../plan/registry.ts";
import type { Request } from "../plan/request.ts";
import type { CellSnapshot } from "../store/trained-parameters.ts";
import type { DrawConditions, LabelledEstimator } from "./gradient-draws.ts";
import { measureAtPoints } from "./measure-variance.ts";
import {
  referenceEstimators,
  referenceOf,
  type PartLoop,
  type Reference,
  type ReferenceEstimators,
} from "./reference.ts";
import type { VarianceRow } from "../../reports/format/variance-row.ts";
import type { Version } from "../../reports/format/versions.ts";

/** Plain data, so that another process can open the same. */
export interface VarianceRequest {
  readonly request: Request;
  readonly draws: number;
  readonly seed: number;
  /** A trained cell whose parameters replace the initial ones. */
  readonly at?: CellSnapshot;
}

/** The estimators of one task. */
export interface TaskGroup {
  readonly conditions: DrawConditions;
  readonly references: ReferenceEstimators;
  readonly draws: number;
  readonly estimators: readonly LabelledEstimator[];
  /** Version of the task's definition. */
  readonly version: Version;
}

export async function openVariance({ request, draws, seed, at }: VarianceRequest) {
  const registry = await openRegistry(request.plugins);
  const { pairs, tasks, notes } = await selectPairs(request, registry);
  if (at) for (const { task } of pairs) refuseOtherTask(at, task);
  const engine = await openEngine(chooseEngine(request.engine ?? defaultEngine));
  const labels = [...new Set(pairs.map(({ task }) => task.label))];
  const groups = labels.map((taskLabel): TaskGroup => {
    const task = tasks.get(taskLabel)!;
    const group = pairs.filter((pair) => pair.task.label === taskLabel);
    return {
      conditions: { engine, task, taskLabel, seed, ...(at ? { at } : {}) },
      references: referenceEstimators(registry, task.sites),
      draws,
      estimators: group.map(({ estimator }) => ({
        estimator: estimator.entry.estimator,
        settings: settingsOf(estimator, task),
        label: estimator.label,
      })),
      version: versionOf(group[0]!.task.definition),
    };
  });
  return {
    groups,
    notes: [...notes, ...notesOnDirection(groups)],
    close: () => engine.close(),
  };
}

/** Note on bias for estimators that are unbiased only up to a positive factor. */
function notesOnDirection(groups: readonly TaskGroup[]): string[] {
  const labels = groups.flatMap(({ estimators }) =>
    estimators.flatMap(({ estimator, label }) => (estimator.claims.unbiased === "direction" ? [label] : [])),
  );
  if (labels.length === 0) return [];
  return [
    `${[...new Set(labels)].join(", ")}: unbiased up to a positive factor, which the bias here includes and the cosine does not`,
  ];
}

/** Parameters of another task, or of another version of it, mean something else. */
function refuseOtherTask(at: CellSnapshot, { definition }: PlannedPair["task"]): void {
  const { name } = definition;
  const version = versionOf(definition);
  if (at.task !== name) throw mistake(`--parameters: the cell trained ${at.task}, but ${name} is measured.`);
  if (at.version !== null && at.version !== version)
    throw mistake(
      `--parameters: the cell trained version ${at.version} of ${name}, but version ${version} is measured.`,
    );
}

export const groupReference = ({ conditions, references }: TaskGroup, loop?: PartLoop): Promise<Reference> =>
  referenceOf(conditions, references, loop ? { loop } : {});

/** Measures one estimator of a group. Another estimator's cell gives the task's parameters only. */
export async function measureInGroup(
  { conditions, draws }: TaskGroup,
  estimator: LabelledEstimator,
  reference: Reference,
  at?: CellSnapshot,
): Promise<VarianceRow> {
  const other = at !== undefined && at.estimator !== estimator.estimator.name;
  const there = other ? { ...conditions, at: { parameters: at.parameters, step: at.step } } : conditions;
  const [row] = await measureAtPoints([{ conditions: there, draws, reference }], estimator);
  return row!;
}

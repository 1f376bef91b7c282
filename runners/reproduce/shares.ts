/** What an experiment takes of a budget, decided when it begins, by what those before it took. */
import {
  experimentSeconds,
  fitting,
  leastChoice,
  validationSteps,
  type Choice,
  type Item,
} from "./budgets.ts";
import type { TrainingExperiment } from "./paper.ts";
import { loadOf, type Asked, type Schedule, type Share } from "./time-plan.ts";

/** Seconds of something that was planned and is done. */
export interface Spent {
  readonly planned: number;
  readonly spent: number;
}

/** How many times as long as planned it takes here; 1 before anything is done. */
export function paceOf(done: readonly Spent[]): number {
  const sum = (of: (one: Spent) => number) => done.reduce((total, one) => total + of(one), 0);
  const planned = sum((one) => one.planned);
  return planned > 0 ? sum((one) => one.spent) / planned : 1;
}

interface Situation {
  /** Of the budget, for this experiment and those that have not begun; nothing where it has no limit. */
  readonly left: number | undefined;
  readonly done: readonly Spent[];
  /** Whether an earlier call took its part of the budget. */
  readonly resumed: boolean;
}

const oneRate = { all: [0], fewer: [] } as const;

const waiting = ({ items, shares }: Schedule) => items.filter(({ experiment }) => !(experiment in shares));

/**
 * The most that leaves as much for each experiment after it. Where the time can no longer bear the least, it is the
 * least; a call that goes on after the budget was used up keeps to the first plan.
 */
function fit(schedule: Schedule, asked: Asked, items: readonly Item[], situation: Situation): Choice {
  const { left, done, resumed } = situation;
  const load = loadOf(items, asked);
  const time = left === undefined ? undefined : left / paceOf(done);
  return (
    fitting(asked.budget, load, time) ?? (resumed ? schedule.allocation : leastChoice(asked.budget, load))
  );
}

/** Of an experiment that begins, or as it was when it began. */
export function shareOf(
  schedule: Schedule,
  asked: Asked,
  experiment: TrainingExperiment,
  situation: Situation,
): Share {
  const known = schedule.shares[experiment.id];
  if (known !== undefined) return known;
  const choice = fit(schedule, asked, waiting(schedule), situation);
  const steps = Math.min(choice.steps, experiment.steps);
  const { richness, testRows } = choice;
  return { steps, richness, testRows, validationSteps: validationSteps(steps), settled: false };
}

/** After its rates are chosen: fewer steps where those runs took longer than planned. */
export function settledShare(
  schedule: Schedule,
  asked: Asked,
  experiment: TrainingExperiment,
  situation: Situation,
): Share {
  const share = schedule.shares[experiment.id]!;
  if (share.settled) return share;
  // Its grid is behind it: one rate a column is left.
  const own = schedule.items
    .filter((item) => item.experiment === experiment.id)
    .map(({ rates, ...item }): Item => (rates === undefined ? item : { ...item, rates: oneRate }));
  const { steps } = fit(schedule, asked, [...own, ...waiting(schedule)], situation);
  return { ...share, steps: Math.min(share.steps, steps), settled: true };
}

/** Seconds that the first steps promised of a share. */
export function plannedSeconds({ items }: Schedule, asked: Asked, experiment: string, choice: Choice) {
  const own = items.filter((item) => item.experiment === experiment);
  return experimentSeconds(own, loadOf(own, asked), choice, asked.budget.boundSamples);
}

/** Bias, variance and cost against one another, by stage of training: only where the protocol is fair. */
import { fairStages, gradientAt, stageTitle } from "../aggregate/measures.ts";
import type { Stage } from "../aggregate/measures.ts";
import type { Cell, GradientRow } from "../format/records.ts";
import { intervalOn, mean } from "../aggregate/statistics.ts";
import { markFront } from "./scatter.ts";
import type { Dot, ScatterPanel } from "./scatter.ts";

type Pick = (cell: Cell, row: GradientRow) => number | null | undefined;

function picked(cells: readonly Cell[], stage: Stage, pick: Pick): number[] {
  return cells.flatMap((cell) => {
    const row = gradientAt(cell, stage);
    const value = row === undefined ? null : pick(cell, row);
    return typeof value === "number" && Number.isFinite(value) ? [value] : [];
  });
}

/** What stands on an axis, and the scale that its mean is taken on. */
interface Quantity {
  readonly of: Pick;
  readonly scale: "linear" | "log";
}

function dotsOf(cells: readonly Cell[], stage: Stage, x: Quantity, y: Quantity): Dot[] {
  const labels = [...new Set(cells.map(({ record }) => record.label))];
  const dots = labels.flatMap((label) => {
    const own = cells.filter(({ record }) => record.label === label);
    const [across, up] = [picked(own, stage, x.of), picked(own, stage, y.of)];
    if (across.length === 0 || up.length === 0) return [];
    const zs = picked(own, stage, (_, row) => row.biasZ);
    const seeds = own.filter((cell) => gradientAt(cell, stage) !== undefined).length;
    const biasZ = zs.length === 0 ? null : mean(zs);
    return [{ label, x: intervalOn(x.scale, across), y: intervalOn(y.scale, up), seeds, biasZ }];
  });
  return markFront(dots);
}

const variance: Quantity = { scale: "log", of: (_, row) => row.varianceEstimator };
const costlyVariance: Quantity = {
  scale: "log",
  of: ({ record: { evaluations } }, row) =>
    row.varianceEstimator === null
      ? null
      : row.varianceEstimator * (evaluations.forward + evaluations.backward),
};
const milliseconds: Quantity = {
  scale: "log",
  of: ({ record: { seconds, steps } }) => (steps.done > 0 ? (1000 * seconds.train) / steps.done : null),
};
const bias: Quantity = { scale: "linear", of: (_, row) => row.biasRelative };

/** A panel per stage and pair of axes; an axis that was not measured has no panel. */
export function paretoPanels(cells: readonly Cell[]): ScatterPanel[] {
  const notes = [
    "Means over seeds, geometric but for the bias, with 95% intervals from three seeds on.",
    "Filled and joined: no other's means are at least as good on both axes.",
  ];
  const square = "Squares: a bias is detected, its z above 3 in the mean over seeds.";
  const panels = fairStages(cells)
    .reverse()
    .flatMap(({ stage }): ScatterPanel[] => {
      const at = stageTitle(stage);
      const against = (what: string, dots: readonly Dot[]) => ({
        name: `${what}, ${at}`,
        title: `${what}, ${at.replace(/(frozen|shared)/, "protocol $1")}`,
        notes: dots.some(({ biasZ }) => biasZ !== null) ? [...notes, square] : notes,
        dots,
      });
      return [
        {
          ...against("bias and variance × evaluations", dotsOf(cells, stage, bias, costlyVariance)),
          x: "bias relative to ‖g‖",
          y: "estimator variance × evaluations per step",
          scales: ["linear", "symlog"],
        },
        {
          ...against("variance and time", dotsOf(cells, stage, milliseconds, variance)),
          x: "milliseconds per step",
          y: "estimator variance",
          scales: ["log", "linear"],
        },
      ];
    });
  return panels.filter(({ dots }) => dots.length > 1);
}

/** Bias, variance and cost against one another, by stage of training: only where the protocol is fair. */
import { fairStages, gradientAt, stageTitle } from "../measures.ts";
import type { Stage } from "../measures.ts";
import type { Cell, GradientRow } from "../records.ts";
import { mean } from "../statistics.ts";
import { markFront } from "./scatter.ts";
import type { Dot, ScatterPanel } from "./scatter.ts";

type Pick = (cell: Cell, row: GradientRow) => number | null | undefined;

function averaged(cells: readonly Cell[], stage: Stage, pick: Pick): number | null {
  const values = cells.flatMap((cell) => {
    const row = gradientAt(cell, stage);
    const value = row === undefined ? null : pick(cell, row);
    return typeof value === "number" && Number.isFinite(value) ? [value] : [];
  });
  return values.length === 0 ? null : mean(values);
}

function dotsOf(cells: readonly Cell[], stage: Stage, x: Pick, y: Pick): Dot[] {
  const labels = [...new Set(cells.map(({ record }) => record.label))];
  const dots = labels.flatMap((label) => {
    const own = cells.filter(({ record }) => record.label === label);
    const [across, up] = [averaged(own, stage, x), averaged(own, stage, y)];
    const seeds = own.filter((cell) => gradientAt(cell, stage) !== undefined).length;
    return across === null || up === null ? [] : [{ label, x: across, y: up, seeds }];
  });
  return markFront(dots);
}

const variance: Pick = (_, row) => row.varianceEstimator;
const costlyVariance: Pick = ({ record: { evaluations } }, row) =>
  row.varianceEstimator === null
    ? null
    : row.varianceEstimator * (evaluations.forward + evaluations.backward);
const milliseconds: Pick = ({ record: { seconds, steps } }) =>
  steps.done > 0 ? (1000 * seconds.train) / steps.done : null;
const bias: Pick = (_, row) => row.biasRelative;

/** A panel per stage and pair of axes; an axis that was not measured has no panel. */
export function paretoPanels(cells: readonly Cell[]): ScatterPanel[] {
  const notes = ["Mean over seeds. Filled and joined: no other is at least as good on both axes."];
  const panels = fairStages(cells)
    .reverse()
    .flatMap(({ stage }): ScatterPanel[] => {
      const at = stageTitle(stage);
      const against = (what: string) => ({
        name: `${what}, ${at}`,
        title: `${what}, ${at.replace(/(frozen|shared)/, "protocol $1")}`,
        notes,
      });
      return [
        {
          ...against("bias and variance × evaluations"),
          x: "bias relative to ‖g‖",
          y: "estimator variance × evaluations per step",
          scales: ["linear", "symlog"],
          dots: dotsOf(cells, stage, bias, costlyVariance),
        },
        {
          ...against("variance and time"),
          x: "milliseconds per step",
          y: "estimator variance",
          scales: ["log", "linear"],
          dots: dotsOf(cells, stage, milliseconds, variance),
        },
      ];
    });
  return panels.filter(({ dots }) => dots.length > 1);
}

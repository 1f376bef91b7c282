/** Bias, variance and cost against each other, at each stage of training where the protocol is fair. */
import { fairStages, gradientAt, stageTitle, type Stage } from "../aggregate/measures.ts";
import { intervalOn, mean } from "../aggregate/statistics.ts";
import type { Cell, GradientRow } from "../format/records.ts";
import type { ScatterDot, ScatterPanel } from "./panels.ts";

type ValueOf = (cell: Cell, row: GradientRow) => number | null | undefined;

function valuesAt(cells: readonly Cell[], stage: Stage, valueOf: ValueOf): number[] {
  return cells.flatMap((cell) => {
    const row = gradientAt(cell, stage);
    const value = row === undefined ? null : valueOf(cell, row);
    return typeof value === "number" && Number.isFinite(value) ? [value] : [];
  });
}

/** Marks the dots on the Pareto front: those whose means no other dot dominates. Less is better on both axes. */
export function markFront(dots: readonly Omit<ScatterDot, "front">[]): ScatterDot[] {
  const dominates = (a: Omit<ScatterDot, "front">, b: Omit<ScatterDot, "front">) =>
    a.x.mean <= b.x.mean && a.y.mean <= b.y.mean && (a.x.mean < b.x.mean || a.y.mean < b.y.mean);
  return dots.map((dot) => ({ ...dot, front: !dots.some((other) => dominates(other, dot)) }));
}

/** What an axis shows, and the scale on which it is averaged over seeds. */
interface ScatterQuantity {
  readonly title: string;
  readonly valueOf: ValueOf;
  readonly average: "linear" | "log";
}

function dotsOf(cells: readonly Cell[], stage: Stage, x: ScatterQuantity, y: ScatterQuantity): ScatterDot[] {
  const labels = [...new Set(cells.map(({ record }) => record.label))];
  const dots = labels.flatMap((label) => {
    const ofLabel = cells.filter(({ record }) => record.label === label);
    const [across, up] = [valuesAt(ofLabel, stage, x.valueOf), valuesAt(ofLabel, stage, y.valueOf)];
    if (across.length === 0 || up.length === 0) return [];
    const zs = valuesAt(ofLabel, stage, (_, row) => row.biasZ);
    const seeds = ofLabel.filter((cell) => gradientAt(cell, stage) !== undefined).length;
    const ranges = { x: intervalOn(x.average, across), y: intervalOn(y.average, up) };
    return [{ label, ...ranges, seeds, biasZ: zs.length === 0 ? null : mean(zs) }];
  });
  return markFront(dots);
}

const variance: ScatterQuantity = {
  title: "estimator variance",
  average: "log",
  valueOf: (_, row) => row.varianceEstimator,
};
const varianceTimesEvaluations: ScatterQuantity = {
  title: "variance × evaluations per step",
  average: "log",
  valueOf: ({ record: { evaluations } }, row) =>
    row.varianceEstimator === null
      ? null
      : row.varianceEstimator * (evaluations.forward + evaluations.backward),
};
const milliseconds: ScatterQuantity = {
  title: "milliseconds per step",
  average: "log",
  valueOf: ({ record: { seconds, steps } }) => (steps.done > 0 ? (1000 * seconds.train) / steps.done : null),
};
const bias: ScatterQuantity = {
  title: "bias relative to ‖g‖",
  average: "linear",
  valueOf: (_, row) => row.biasRelative,
};

const plots: readonly (Pick<ScatterPanel, "name" | "scales"> & { x: ScatterQuantity; y: ScatterQuantity })[] =
  [
    {
      name: "bias and variance × evaluations",
      ...{ x: bias, y: varianceTimesEvaluations, scales: ["linear", "symlog"] },
    },
    { name: "variance and time", x: milliseconds, y: variance, scales: ["log", "linear"] },
  ];

const frontNotes = [
  "Means over seeds with 95% intervals from three seeds on; geometric means, except of the bias.",
  "Filled and joined: the Pareto front, on which no other mean is at least as good on both axes.",
];
const biasNote = "Squares: a detected bias, whose z exceeds 3 in the mean over seeds.";

/** A panel for each stage and pair of axes that two estimators or more were measured on, the last stage first. */
export function paretoPanels(cells: readonly Cell[]): ScatterPanel[] {
  const panels = fairStages(cells)
    .reverse()
    .flatMap(({ stage }) =>
      plots.map(({ name, x, y, scales }): ScatterPanel => {
        const dots = dotsOf(cells, stage, x, y);
        const at = stageTitle(stage);
        return {
          ...{ shape: "scatter", name: `${name}, ${at}`, x: x.title, y: y.title, scales, dots },
          title: `${name}, ${at.replace(/(frozen|shared)/, "protocol $1")}`,
          notes: dots.some(({ biasZ }) => biasZ !== null) ? [...frontNotes, biasNote] : frontNotes,
        };
      }),
    );
  return panels.filter(({ dots }) => dots.length > 1);
}

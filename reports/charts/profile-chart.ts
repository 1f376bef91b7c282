/** Performance profiles over several tasks: the share of scores above each threshold. */
import type { AcrossTasks } from "../format/summary.ts";
import type { Ink } from "./palette.ts";
import type { Chart } from "./panels.ts";

/** The identifier of the chart, which belongs to no task. */
export const profileId = "across-tasks-profiles";

export function profileChart({ rows, tasks }: AcrossTasks, inks: readonly Ink[]): Chart {
  const title = "Performance profiles";
  return {
    ...{ id: profileId, task: "", title },
    panels: [
      {
        ...{ shape: "sensitivity", name: "performance profiles", title, scales: ["linear"] },
        notes: [
          `Share of seeds of all ${tasks.length} tasks whose normalised score exceeds the threshold; higher is better.`,
          "95% intervals at each threshold by a bootstrap stratified by task (Agarwal et al. 2021).",
        ],
        ...{ x: "normalised score", xScale: "linear", y: "share of scores above" },
        families: rows.flatMap(({ estimator }) =>
          inks.filter(({ label }) => label === estimator).map((ink) => ({ ...ink, members: [estimator] })),
        ),
        points: rows.flatMap(({ estimator, profile }) =>
          profile.map(({ threshold, ...share }) => ({
            family: estimator,
            x: threshold,
            ...share,
            seeds: tasks.length,
          })),
        ),
      },
    ],
  };
}

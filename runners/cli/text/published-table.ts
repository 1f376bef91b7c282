/** The published values of all papers as rows of a table. */
import type { PaperData } from "../../reproduce/paper.ts";
import { reproducible } from "../../reproduce/papers/index.ts";

/** For `bench list --published`: a row for every value. */
export function publishedRows(
  papers: readonly PaperData[] = reproducible,
): Record<string, string | number>[] {
  return papers.flatMap(({ key, experiments }) =>
    experiments.flatMap((experiment) => {
      const { id, source, task } = experiment;
      if (experiment.kind === "speed")
        return Object.entries(experiment.published).map(([classes, value]) => ({
          ...{ paper: key, experiment: id, column: `K = ${classes}`, quantity: "steps per second, ratio" },
          ...{ value, source, task, estimator: `${experiment.sampling} / ${experiment.marginal}` },
        }));
      return experiment.columns.flatMap(({ title, estimator, published }) =>
        Object.entries(published).map(([quantity, value]) => ({
          ...{ paper: key, experiment: id, column: title, quantity, value, source, task, estimator },
        })),
      );
    }),
  );
}

import test from "ava";
import { papers } from "../../../estimators/core/bibliography.ts";
import { chooseMatrix } from "../../../runners/plan/matrix.ts";
import { reproducible } from "../../../runners/reproduce/papers/index.ts";
import { jang2016 } from "../../../runners/reproduce/papers/jang2016.ts";
import { quantitiesOf, type TrainingExperiment } from "../../../runners/reproduce/paper.ts";
import { publishedRecord } from "../../../runners/reproduce/training-experiments.ts";
import { chooseExperiments } from "../../../runners/reproduce/reproduce-options.ts";
import { costModel } from "../../../runners/reproduce/speed.ts";
import { judgePairs } from "../../../runners/plan/choose-pairs.ts";
import { openRegistry } from "../../../runners/plan/registry.ts";

const registry = await openRegistry();

for (const paper of reproducible) {
  test(`${paper.key}: its tasks and estimators exist, fit, and are named as a run labels them`, (t) => {
    t.true(Object.hasOwn(papers, paper.key));
    for (const experiment of paper.experiments) {
      const estimators =
        experiment.kind === "speed"
          ? [experiment.sampling, experiment.marginal]
          : experiment.columns.map(({ estimator }) => estimator);
      const matrix = chooseMatrix(
        { tasks: [experiment.task], estimators, grids: [], plugins: [], quick: false },
        registry,
      );
      t.is(judgePairs(matrix).pairs.length, estimators.length);
      t.deepEqual(
        matrix.estimators.map(({ label }) => label),
        estimators,
      );
      t.deepEqual(
        matrix.tasks.map(({ label }) => label),
        [experiment.task],
      );
    }
  });

  test(`${paper.key}: every published value is of a quantity, and every group names experiments`, (t) => {
    for (const experiment of paper.experiments) {
      if (experiment.kind === "speed") continue;
      const names = quantitiesOf(experiment).map(({ name }) => name);
      for (const { published } of experiment.columns)
        t.true(Object.keys(published).every((name) => names.includes(name)));
    }
    const ids = paper.experiments.map(({ id }) => id);
    t.deepEqual([...new Set(ids)], ids);
    for (const members of Object.values(paper.groups ?? {}))
      t.true(members.every((name) => ids.includes(name)));
  });
}

test("jang2016: Table 1 has 28 values", (t) => {
  const values = chooseExperiments(jang2016, ["table-1"]).flatMap((experiment) =>
    experiment.kind === "training" ? experiment.columns : [],
  );
  t.is(values.length, 28);
});

test("publishedRecord: the values of a column with the sign of what cells store, and the paper's short name", (t) => {
  const [experiment] = jang2016.experiments as [TrainingExperiment];
  const [record, ...others] = publishedRecord(jang2016, experiment, experiment.columns[5]!, { taskLabel: "sbn2", label: "gs" }); // prettier-ignore
  t.deepEqual(others, []);
  const about = { title: "GS, Jang 2016", source: "jang2016, Table 1, row 1" };
  t.deepEqual(record, {
    task: "sbn2",
    estimator: "gs",
    metric: "bound",
    split: "test",
    value: -58.5,
    ...about,
  });
});

test("costModel: multiply–adds by hand on a small network, linear in the classes", (t) => {
  const settings = (classes: number) => ({
    ...{ classes, style: 1, batch: 2, labelled: 1, classifier: "none", hidden: "none" },
  });
  // K = 3, 5 pixels: classifier 15, encoder (5 + 3) · 2 = 16, decoder (3 + 1) · 5 = 20.
  const shared = (2 + 1) * 15 + 36;
  t.is(costModel(settings(3), 5), (shared + 3 * 72) / (shared + 72));
});

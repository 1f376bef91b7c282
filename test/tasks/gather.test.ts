/** Batches of every task: a batch written into the arrays of another is the batch itself. */
import test from "ava";
import type { OptionSpecs, Settings } from "../../estimators/estimator.ts";
import { tasks } from "../../tasks/index.ts";

/** Those that a task offers, but for the ones that differ in nothing here; undefined if it has no choice. */
const binarisations = ({ binarisation }: OptionSpecs): readonly (string | undefined)[] => {
  const offered = ["fixed", "dynamic"].filter((name) => binarisation?.choices?.includes(name));
  return offered.length > 0 ? offered : [undefined];
};

for (const definition of tasks)
  for (const binarisation of binarisations(definition.options))
    test(`${definition.name}${binarisation === undefined ? "" : `, ${binarisation}`}: rows gathered into an earlier batch`, async (t) => {
      const defaults = Object.entries(definition.options).map(([key, spec]) => [key, spec.default]);
      const given = { ...Object.fromEntries(defaults), ...(binarisation && { binarisation }) } as Settings;
      const task = await definition.create(given, {});
      for (const split of ["train", "valid", "test"] as const) {
        const total = task.splits[split];
        if (total === 0) continue;
        const rowsFrom = (first: number) => Int32Array.from({ length: 7 }, (_, i) => (first + 3 * i) % total);
        const fresh = structuredClone(task.gather(split, rowsFrom(1)));
        const written = task.gather(split, rowsFrom(1), task.gather(split, rowsFrom(2)));
        t.deepEqual(written, fresh, split);
        if (task.metric === "elbo")
          t.notDeepEqual(structuredClone(task.gather(split, rowsFrom(2))), fresh, split);
      }
    });

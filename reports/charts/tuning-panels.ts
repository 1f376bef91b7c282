/** The trials of `bench run --tune`: what the best of n trials reaches on validation, and the value against each option. */
import { metricTitle, splitTitle } from "../aggregate/measures.ts";
import { listed, plural } from "../aggregate/numbers.ts";
import type { TunedRecord } from "../format/records.ts";
import type { Ink } from "./palette.ts";
import type { SensitivityPanel, SensitivityPoint } from "./panels.ts";
import { bestOf, optionScale } from "./sensitivity-panels.ts";

/**
 * The expected best value of n of the trials, for every n. A trial that did not finish counts as the worst value of all.
 */
function bestPoints({ estimator, trials, higherIsBetter }: TunedRecord, worst: number): SensitivityPoint[] {
  const sign = higherIsBetter ? 1 : -1;
  const all = trials.map(({ value }) => ({ value: value ?? worst, chosenBy: sign * (value ?? worst) }));
  return all.map((_, k) => ({
    ...{ family: estimator, x: k + 1, mean: bestOf(all, k + 1), low: null, high: null, seeds: 1 },
  }));
}

/** Panels of the trials of one task; none without --tune. */
export function tuningPanels(records: readonly TunedRecord[], inks: readonly Ink[]): SensitivityPanel[] {
  // In a joined report an estimator may have got another label.
  const tuned = records.filter(({ estimator }) => inks.some(({ label }) => label === estimator));
  const [first] = tuned;
  const values = tuned.flatMap(({ trials }) => trials.flatMap(({ value }) => value ?? []));
  if (first === undefined || values.length === 0) return [];
  const { metric, split, higherIsBetter, steps } = first;
  const worst = higherIsBetter ? Math.min(...values) : Math.max(...values);
  const measure = `${splitTitle(split)} ${metricTitle(metric)}`;
  const shared = {
    ...({ shape: "sensitivity", y: measure, scales: ["linear"] } as const),
    families: tuned.map(({ estimator, label }) => ({
      ...inks.find((ink) => ink.label === estimator)!,
      members: [estimator, label],
    })),
  };
  const protocol = `Trials of ${plural(steps, "step")} on one seed, judged on the ${splitTitle(split)} split; the test split is not used.`;
  const failed = tuned.flatMap(({ estimator, trials }) => {
    const count = trials.filter(({ value }) => value === null).length;
    return count === 0 ? [] : [`${plural(count, "trial")} of ${estimator}`];
  });
  const lost =
    failed.length === 0 ? [] : [`Did not finish, and count as the worst value: ${listed(failed)}.`];
  const options = [
    ...new Set(tuned.flatMap(({ trials }) => trials.flatMap((one) => Object.keys(one.options)))),
  ];
  return [
    {
      ...{ ...shared, name: "best of n trials", title: `${measure} of the best of n trials` },
      notes: [
        "Expected best value of n trials drawn from those that ran (Dodge et al. 2019, without replacement). Compare at equal n.",
        ...[protocol, ...lost],
      ],
      ...{ x: "trials", xScale: "linear", wholeX: true },
      points: tuned.flatMap((one) => bestPoints(one, worst)),
    },
    ...options.map((option): SensitivityPanel => {
      const points = tuned.flatMap(({ estimator, trials }) =>
        trials.flatMap(({ options: { [option]: x }, value }): SensitivityPoint[] =>
          x === undefined || value === null
            ? []
            : [{ family: estimator, x: Number(x), mean: value, low: null, high: null, seeds: 1 }],
        ),
      );
      return {
        ...{ ...shared, name: `against ${option}`, title: `${measure} of each trial against ${option}` },
        ...{ notes: [`${protocol} Other options vary too.`], x: option },
        xScale: optionScale(points.map(({ x }) => x)),
        points: points.sort((a, b) => Number(a.x) - Number(b.x)),
      };
    }),
  ];
}

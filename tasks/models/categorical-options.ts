import type { OptionSpecs, Settings } from "../../estimators/estimator.ts";

/** Options of a layer of categorical variables: their number D and the number K of outcomes. */
export const categoricalOptions = (variables: string) =>
  ({
    variables: { default: 20, minimum: 1, maximum: 1000, integer: true, doc: variables },
    categories: { default: 10, minimum: 2, maximum: 1000, integer: true, doc: "outcomes K of a variable" },
  }) as const satisfies OptionSpecs;

/** The shape [D, K] of that layer. */
export const categoricalShape = (options: Settings): [number, number] => [
  Number(options["variables"]),
  Number(options["categories"]),
];

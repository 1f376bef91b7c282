/** The stored rows of docs/estimators.json: what was measured of every estimator. */
import { readFileSync } from "node:fs";

/** Draws on each toy: one on `polynomial` takes a hundred times as long. */
export const drawsOnToys: Readonly<Record<string, number>> = {
  ...{ bits: 4000, kool: 4000, quadratic: 4000, "coupled-bits": 4000, "coupled-categorical": 4000 },
  ...{ "layered-bits": 4000, polynomial: 1000 },
};

/** The cells of an estimator's rows, in the order of the columns. */
export interface EstimatorRows {
  /** Claim, z, bias found, detectable bias, evaluations, checks. */
  readonly claims: readonly string[];
  /** One for each toy. */
  readonly variances: readonly string[];
  /** Where training ends and the cost of hard samples there; absent if it does not run on `polynomial`. */
  readonly polynomial?: readonly string[];
}

export const rowsFile = new URL("../docs/estimators.json", import.meta.url);

export const storedRows = () =>
  JSON.parse(readFileSync(rowsFile, "utf8")) as Readonly<Record<string, EstimatorRows>>;

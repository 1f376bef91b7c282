/** The package's main export: the contract of an estimator, and the type of the toolkit that plug-ins get. */
export * from "./estimator.ts";
export type { Toolkit } from "./core/toolkit.ts";

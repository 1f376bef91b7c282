/** The package's main export: the contracts of estimators and of tasks, and the type of the toolkit that plug-ins get. */
export * from "../../estimators/estimator.ts";
export * from "../../tasks/task.ts";
export type { Toolkit } from "./plugin-toolkit.ts";

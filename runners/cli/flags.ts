/**
 * All flags of all commands, each defined once. A flag with `setting` may also come from an environment variable
 * (BENCH_STEPS) and from the configuration file.
 */
import { defaultEngine } from "../engine/index.ts";
import { usual } from "../plan/plan.ts";

export interface Flag {
  /** A list may be repeated; a switch takes no value. */
  readonly type: "text" | "list" | "switch";
  readonly alias?: string;
  readonly doc: string;
  /** The value without the flag, shown in the help. */
  readonly default?: string;
  /** The smallest value of a whole number. */
  readonly least?: number;
  /** A file or folder, relative to the working directory or to the configuration file that names it. */
  readonly path?: boolean;
  readonly setting?: boolean;
  /** Another flag without which this one has no meaning. */
  readonly requires?: string;
}

export const flags = {
  estimator: {
    ...{ type: "list", alias: "e", setting: true },
    doc: "Estimators and their options, such as gs,rloo:samples=4 or 'st*'; see bench list estimators",
  },
  task: {
    ...{ type: "list", alias: "t", setting: true },
    doc: "Tasks and their options, such as cat10:variant=blog; see bench list tasks",
  },
  grid: {
    ...{ type: "list", setting: true },
    doc: "Values of an option to try, such as 'gs.temperature=0.1|0.5|1'",
  },
  target: {
    type: "list",
    doc: "Value to report the time to, such as cat10=-120 [by default the median of the final values]",
  },
  tune: {
    type: "list",
    doc: "Options to tune by short runs on validation, such as learning-rate=log:1e-4:1e-2,gs.temperature=0.1:1",
  },
  trials: {
    ...{ type: "text", requires: "tune", least: 2, default: "12" },
    doc: "Settings to try for every estimator on every task",
  },
  "tune-steps": {
    ...{ type: "text", requires: "tune", least: 1, default: "a sixth of the run's" },
    doc: "Number of training steps of a trial",
  },
  draws: { type: "text", setting: true, least: 40, default: "1000", doc: "Number of draws of the gradient" },
  seed: { type: "text", least: 0, default: "0", doc: "Seed of initial values, batch and noise" },
  parameters: {
    ...{ type: "text", path: true },
    doc: "Measure at the checkpoint of this cell's folder, such as runs/A/cells/HASH",
  },
  bank: { type: "text", path: true, doc: "Measure at the three checkpoints of this bank" },
  seeds: {
    ...{ type: "text", setting: true, default: String(usual.seeds) },
    doc: "Number of seeds (5), a range (0-4) or a list (1,7,9)",
  },
  steps: { type: "text", setting: true, default: "the task's steps", doc: "Number of training steps" },
  evals: {
    ...{ type: "text", setting: true },
    doc: "Stop a cell after this number of cost evaluations per row, summed over steps",
  },
  "time-limit": {
    ...{ type: "text", setting: true },
    doc: "Stop the training of a cell after this time, such as 90s, 10m or 1h30m",
  },
  "cell-time-limit": {
    ...{ type: "text", setting: true },
    doc: 'Stop a cell after this time; its state becomes "timeout"',
  },
  "bound-rows": {
    ...{ type: "text", setting: true, default: String(usual.evaluation.boundRows) },
    doc: "Number of test images for the m-sample bound at the end, or all",
  },
  "checkpoint-every": {
    ...{ type: "text", setting: true, default: usual.checkpointEvery },
    doc: "Training time between two checkpoints",
  },
  jobs: {
    ...{ type: "text", alias: "j", setting: true, default: "number of cores" },
    doc: "Number of processes that compute at once",
  },
  shard: {
    type: "text",
    doc: "Run every N-th cell from the I-th, written I/N; bench merge joins the shards",
  },
  slurm: {
    type: "switch",
    doc: "Submit the cells to a Slurm cluster; its nodes must share the run's folder",
  },
  shards: {
    ...{ type: "text", requires: "slurm", default: "one per cell, at most 32" },
    doc: "Number of jobs in the Slurm array",
  },
  gpus: { type: "text", requires: "slurm", least: 0, default: "0", doc: "Number of GPUs per Slurm job" },
  "slurm-args": {
    ...{ type: "list", requires: "slurm" },
    doc: "Argument for sbatch, such as --slurm-args=--partition=short",
  },
  verify: { type: "switch", doc: "Train again, and compare values with those of the package" },
  engine: {
    ...{ type: "text", setting: true, default: defaultEngine },
    doc: "Engine that computes the steps; see bench list engines",
  },
  data: {
    ...{ type: "text", path: true, setting: true },
    doc: "Folder of the data set, or of folders with the names of data sets; for mnist, any IDX files",
  },
  plugin: { type: "list", setting: true, doc: "Your own estimators and tasks: a file or a package" },
  config: { type: "text", default: "bench.config.{ts,js,json}", doc: "Configuration file" },
  out: { type: "text", alias: "o", path: true, setting: true, doc: "Folder or file for the results" },
  name: { type: "text", setting: true, doc: "Name of the run, whose folder is runs/NAME" },
  quick: { type: "switch", setting: true, doc: "Test run with one seed, 500 steps and rough measurements" },
  force: { type: "switch", doc: "Run again what is complete" },
  "retry-failed": { type: "switch", doc: "Run again the cells that failed, diverged or timed out" },
  stored: {
    type: "text",
    doc: "File of finished cells: what it has is not trained again, and what ends is added",
  },
  "dry-run": { type: "switch", doc: "Print what would run, and stop" },
  svg: { type: "switch", doc: "Also write the charts as SVG" },
  png: { type: "switch", doc: "Also write the charts as PNG" },
  csv: { type: "switch", doc: "Also write the tables as CSV" },
  latex: { type: "switch", doc: "Also write the tables as LaTeX" },
  markdown: { type: "switch", doc: "Also write the tables as Markdown" },
  parquet: { type: "switch", doc: "Also write all numbers as results.parquet" },
  tensorboard: { type: "switch", doc: "Also write curves as event files of TensorBoard" },
  to: { ...{ type: "text", path: true }, doc: "Folder of published runs: a new, an empty or an earlier one" },
  rerun: {
    ...{ type: "text", least: 1 },
    doc: "Train this number of finished cells again and compare their numbers",
  },
  "fail-on": {
    type: "text",
    doc: "With regression: exit with status 1 if the second run is worse or lacks a cell",
  },
  open: { type: "switch", setting: true, doc: "Open the report in a browser" },
  only: { type: "list", doc: "Experiments of the paper to run, such as sbn-bernoulli,figure-5" },
  budget: { type: "text", default: "hour", doc: "Steps, learning rates and images: quick, hour or paper" },
  rates: { type: "text", doc: "Learning rates to choose from by validation, such as 1e-3,3e-4" },
  bibtex: { type: "switch", doc: "List the papers as BibTeX" },
  json: { type: "switch", doc: "Print JSON" },
  kind: {
    ...{ type: "text", default: "toy" },
    doc: "Of a new task: toy (a cost of bits), vae, network (a classifier) or reward (to maximise)",
  },
  js: { type: "switch", doc: "Write JavaScript instead of TypeScript" },
  quiet: { type: "switch", alias: "q", setting: true, doc: "Print no progress" },
  verbose: { type: "switch", alias: "v", setting: true, doc: "Print the stacks of errors" },
} as const satisfies Record<string, Flag>;

export type FlagName = keyof typeof flags;

/** The value of a flag before it is parsed. */
export type RawValue = string | readonly string[] | boolean;
export type RawValues = Readonly<Partial<Record<FlagName, RawValue>>>;

/** The definition of a flag, with every field that a flag may have. */
export const flag = (name: FlagName): Flag => flags[name];

/** The flags that environment variables and the configuration file may set. */
export const settingNames = (Object.keys(flags) as FlagName[]).filter((name) => flag(name).setting === true);

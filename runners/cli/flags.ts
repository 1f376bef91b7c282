/** Every flag of every verb, once. Those that `layered` names may also come from BENCH_* and the configuration. */

export interface Flag {
  /** texts: may be repeated. */
  readonly kind: "text" | "texts" | "switch";
  readonly alias?: string;
  /** What stands for the value in the help. */
  readonly value?: string;
  readonly doc: string;
  /** A file or a folder: relative to the working directory, or to the configuration that names it. */
  readonly path?: boolean;
  readonly layered?: boolean;
}

export const flags = {
  estimator: {
    kind: "texts",
    alias: "e",
    value: "NAMES",
    layered: true,
    doc: "what estimates: gs,rloo:samples=4 or 'st*'; see bench list estimators",
  },
  task: {
    kind: "texts",
    alias: "t",
    value: "NAMES",
    layered: true,
    doc: "what is learned: cat10:variant=blog; see bench list tasks",
  },
  grid: {
    kind: "texts",
    value: "GRID",
    layered: true,
    doc: "values of an option to try: 'gs.temperature=0.1|0.5|1'",
  },
  draws: { kind: "text", value: "R", layered: true, doc: "draws of the gradient; 1000 unless said" },
  seed: { kind: "text", value: "N", doc: "of initialisation, batch and noise; 0 unless said" },
  parameters: {
    kind: "text",
    value: "CELL",
    path: true,
    doc: "measure at the checkpoint of this cell's folder: runs/A/cells/HASH",
  },
  bank: { kind: "text", value: "FOLDER", path: true, doc: "measure at the three stages of this bank" },
  seeds: {
    kind: "text",
    value: "SEEDS",
    layered: true,
    doc: "how many (5), a range (0-4) or a list (1,7,9); 5 unless said",
  },
  steps: {
    kind: "text",
    value: "N",
    layered: true,
    doc: "steps of training; the task's own number unless said",
  },
  evals: {
    kind: "text",
    value: "N",
    layered: true,
    doc: "evaluations of the cost per row, added over steps",
  },
  "time-limit": {
    kind: "text",
    value: "TIME",
    layered: true,
    doc: "of one cell's training: 90s, 10m, 1h30m",
  },
  "cell-time-limit": {
    kind: "text",
    value: "TIME",
    layered: true,
    doc: "of all that one cell does: what takes longer is ended, its state timeout",
  },
  "bound-rows": {
    kind: "text",
    value: "N",
    layered: true,
    doc: "test images of the m-sample bound at the end, or all; 1000, the same for every cell, unless said",
  },
  "checkpoint-every": {
    kind: "text",
    value: "TIME",
    layered: true,
    doc: "the most training that a crash can lose; 30s unless said",
  },
  jobs: {
    kind: "text",
    alias: "j",
    value: "N",
    layered: true,
    doc: "cells at once, each in a process of its own; in this process unless said or a plug-in is named",
  },
  shard: { kind: "text", value: "I/N", doc: "only every n-th cell, from the i-th; see bench merge" },
  slurm: { kind: "switch", doc: "submit the matrix to a Slurm cluster, on a folder that its nodes share" },
  shards: { kind: "text", value: "N", doc: "of the Slurm array; a cell each up to 32 unless said" },
  gpus: { kind: "text", value: "N", doc: "per shard, of Slurm; none unless said" },
  "slurm-args": {
    kind: "texts",
    value: "ARG",
    doc: "passed on to sbatch: --slurm-args=--partition=short; may be repeated",
  },
  verify: { kind: "switch", doc: "hash data, cells and report again, and name what does not hold" },
  engine: { kind: "text", value: "NAME", layered: true, doc: "what computes; see bench list engines" },
  data: {
    kind: "text",
    value: "FOLDER",
    path: true,
    layered: true,
    doc: "IDX files to use instead of the npm package's",
  },
  plugin: {
    kind: "texts",
    value: "FILE",
    layered: true,
    doc: "an estimator of your own: a file or a package",
  },
  config: { kind: "text", value: "FILE", doc: "instead of bench.config.{ts,js,json}" },
  out: { kind: "text", alias: "o", value: "PATH", path: true, layered: true, doc: "where results go" },
  name: { kind: "text", value: "NAME", layered: true, doc: "of the run: results go to runs/NAME" },
  quick: {
    kind: "switch",
    layered: true,
    doc: "one seed, 500 steps, rough measurements: to see that it works",
  },
  force: { kind: "switch", doc: "do again what is done" },
  "retry-failed": { kind: "switch", doc: "do again what failed, diverged or ran out of time" },
  "dry-run": { kind: "switch", doc: "say what would run, and stop" },
  svg: { kind: "switch", doc: "the charts as SVG too" },
  png: { kind: "switch", doc: "the charts as PNG too" },
  csv: { kind: "switch", doc: "the tables as CSV too" },
  latex: { kind: "switch", doc: "the tables as LaTeX too" },
  markdown: { kind: "switch", doc: "the tables as Markdown too" },
  "fail-on": {
    kind: "text",
    value: "regression",
    doc: "exit 1 when the second run is worse somewhere, or lacks a cell",
  },
  open: { kind: "switch", layered: true, doc: "show the report in a browser" },
  only: { kind: "texts", value: "NAMES", doc: "experiments of the paper: sbn-bernoulli,figure-5" },
  budget: {
    kind: "text",
    value: "NAME",
    doc: "steps, rates and images: quick, hour or paper; hour unless said",
  },
  rates: { kind: "text", value: "RATES", doc: "learning rates to choose from on validation: 1e-3,3e-4" },
  published: { kind: "switch", doc: "the values that papers print, and where" },
  watch: { kind: "switch", doc: "serve the report on this machine alone while it trains" },
  port: { kind: "text", value: "N", doc: "of --watch; a free one unless said" },
  bibtex: { kind: "switch", doc: "the papers as BibTeX" },
  json: { kind: "switch", doc: "print JSON" },
  js: { kind: "switch", doc: "JavaScript instead of TypeScript" },
  quiet: { kind: "switch", alias: "q", layered: true, doc: "no progress" },
  verbose: { kind: "switch", alias: "v", layered: true, doc: "stacks of what failed" },
} as const satisfies Record<string, Flag>;

export type FlagName = keyof typeof flags;

export const layeredFlags = (Object.keys(flags) as FlagName[]).filter(
  (name) => (flags[name] as Flag).layered === true,
);

/** What a verb gets: texts, lists of texts and switches by name; absent where nobody said anything. */
export interface Given {
  text(name: FlagName): string | undefined;
  texts(name: FlagName): readonly string[];
  on(name: FlagName): boolean;
  /** The folder from which paths of this flag are resolved. */
  folderOf(name: FlagName): string;
}

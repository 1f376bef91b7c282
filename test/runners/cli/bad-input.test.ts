/** Wrong commands, a dozen of each kind; the messages are tested where they are made. */
import { refused, type Bad } from "./refused.ts";

const good = ["run", "-e", "reinforce", "-t", "bits", "--quick"];
const run = (...extra: string[]) => [...good, "--dry-run", ...extra];
const on = (estimators: string, task: string) => ["run", "-e", estimators, "-t", task, "--dry-run"];

const plugin = (text: string): Readonly<Record<string, string>> => ({ "mine.mjs": text });
const fields = (change: string) => `export default ({ tf }) => { const e = {
  name: "mine", title: "Mine", options: {},
  claims: { families: ["bernoulli"], sites: "any", unbiased: true, needs: "values", evaluations: () => ({ forward: 1, backward: 0 }) },
  estimate() { return { surrogate: tf.scalar(0) }; } }; ${change}; return e; };`;
const mine = [...on("mine", "bits"), "--plugin", "./mine.mjs"];

const toy = ["run", "-e", "gs", "-t", "bits", "--engine", "cpu", "--steps", "5"];

const table: readonly Bad[] = [
  // Commands and flags.
  { argv: ["rnu"], says: /^error Unknown command "rnu"\. Did you mean "run"\?$/m },
  { argv: ["--frobnicate"], says: /^error Unknown option "--frobnicate"\./m },
  { argv: run("--estimater", "gs"), says: /Unknown option "--estimater"\. Did you mean "--estimator"\?$/m },
  { argv: run("-z"), says: /Unknown option "-z"\./ },
  { argv: run("--steps"), says: /^error --steps requires a value\.$/m },
  { argv: run("--steps", "5", "--steps", "6"), says: /^error --steps is given 2 times\.$/m },
  { argv: run("more"), says: /^error Unexpected argument "more"\. Usage: bench run \[options\]$/m },
  { argv: ["show"], says: /^error Missing argument \(got 0 of 1\)\. Usage: bench show <run> \[options\]$/m },
  { argv: ["list", "estimator"], says: /^error Unknown kind "estimator"\. Did you mean "estimators"\?$/m },
  { argv: ["reproduce", "jang"], says: /^error Unknown paper "jang"\. Did you mean "jang2016"\?$/m },
  {
    argv: ["reproduce", "jang2016", "--budget", "qiuck"],
    says: /Unknown budget "qiuck"\. Did you mean "quick"\?/,
  },
  // Names and options.
  { argv: on("gz", "bits"), says: /^error Unknown estimator "gz"\. Did you mean "gs"\?$/m },
  { argv: on("gs", "cat01"), says: /^error Unknown task "cat01"\. Did you mean "cat10"\?$/m },
  { argv: ["info", "gss"], says: /^error Unknown estimator or task "gss"\. Did you mean "gs"\?$/m },
  {
    argv: on("gs:tempreture=1", "bits"),
    says: /Unknown option of gs: "tempreture"\. Did you mean "temperature"\?/,
  },
  { argv: on("rloo:samples=1", "bits"), says: /rloo: samples must be at least 2, got 1\.$/m },
  {
    argv: on("gs", "cat10:variant=blogg"),
    says: /cat10: variant has no choice "blogg"\. Did you mean "blog"\?/,
  },
  { argv: on("exact", "cat10"), says: /exact on cat10: .*1\.0e20 configurations/ },
  { argv: run("--grid", "reinforce.decay=0.5|2"), says: /reinforce: decay must be at most 1, got 2\.$/m },
  { argv: run("--steps", "ten"), says: /^error --steps expects a number, got "ten"\.$/m },
  { argv: run("--evals", "1.5"), says: /^error --evals must be a whole number, at least 1, got 1\.5\.$/m },
  { argv: run("--seeds", "4-0"), says: /^error --seeds: the range "4-0" ends before it begins\.$/m },
  { argv: run("--engine", "wsam"), says: /^error Unknown engine "wsam"\. Did you mean "wasm"\?$/m },
  // Paths.
  { argv: on("gs", "cat10").concat("--data", "./nowhere"), says: /nowhere/ },
  { argv: ["show", "runs/none"], says: /^error runs\/none does not exist\.$/m },
  { argv: ["report", "."], says: /^error \. is not the folder of a run: it has no manifest\.json\.$/m },
  {
    argv: [...good, "--out", "file"],
    files: { file: "x" },
    says: /Cannot access .*: a part of the path is a file/,
  },
  { argv: [...good, "--out", "full"], files: { "full/letter.txt": "x" }, says: /full/ },
  {
    argv: [...good, "--name", "../up"],
    says: /^error --name expects letters, digits, .*, got "\.\.\/up"\.$/m,
  },
  // Environment variables and configuration files.
  {
    argv: run(),
    env: { BENCH_STEP: "5" },
    says: /Unknown variable "BENCH_STEP"\. Did you mean "BENCH_STEPS"\?/,
  },
  { argv: run(), env: { BENCH_STEPS: "x" }, says: /^error --steps expects a number, got "x"\.$/m },
  { argv: run(), env: { BENCH_QUICK: "maybe" }, says: /^error BENCH_QUICK expects 1 or 0, got "maybe"\.$/m },
  { argv: run("--config", "none.json"), says: /none\.json does not exist/ },
  {
    argv: run(),
    files: { "bench.config.json": '{"step": 5}' },
    says: /unknown field "step"\. Did you mean "steps"\?/,
  },
  { argv: run(), files: { "bench.config.json": "{" }, says: /bench\.config\.json does not load: / },
  {
    argv: run(),
    files: { "bench.config.json": "[]" },
    says: /bench\.config\.json must be an object, got \[\]\.$/m,
  },
  {
    argv: run(),
    files: { "bench.config.json": '{"quick": "yes"}' },
    says: /quick expects true or false, got "yes"\.$/m,
  },
  { argv: run(), files: { "bench.config.js": "export const a = 1" }, says: /it has no default export/ },
  // Plug-ins.
  { argv: run("--plugin", "./none.ts"), says: /plug-in \.\/none\.ts: .*none\.ts does not exist\.$/m },
  { argv: mine, files: plugin("throw new Error('no luck')"), says: /mine\.mjs does not load: no luck\.$/m },
  {
    argv: mine,
    files: plugin("process.exit(0)"),
    says: /process\.exit\(0\) was called while the plug-in loads/,
  },
  {
    argv: mine,
    files: plugin(fields("delete e.title")),
    says: /plug-in \.\/mine\.mjs: title is missing\.$/m,
  },
  {
    argv: mine,
    files: plugin(fields("e.name = 'gs'")),
    says: /the name "gs" is taken by a built-in estimator\.$/m,
  },
  {
    argv: mine,
    files: plugin(fields("e.claims.families = ['categorical']")),
    says: /mine supports categorical variables/,
  },
  {
    argv: mine,
    files: plugin(fields("e.supports = () => 'it is tired.'")),
    says: /mine on bits: it is tired\.$/m,
  },
  // Several processes, shards and clusters.
  { argv: [...toy, "--jobs", "0"], says: /^error --jobs must be a whole number, at least 1, got 0\.$/m },
  { argv: [...toy, "--cell-time-limit", "soon"], says: /^error --cell-time-limit expects a positive time/m },
  { argv: [...toy, "--bound-rows", "most"], says: /^error --bound-rows expects a number, got "most"\.$/m },
  { argv: [...toy, "--checkpoint-every", "0"], says: /^error --checkpoint-every expects a positive time/m },
  {
    argv: [...toy, "--watch", "--port", "99999"],
    says: /^error --port must be a whole number, from 0 to 65535/m,
  },
  { argv: [...toy, "--port", "80"], says: /^error --port requires --watch\.$/m },
  { argv: [...toy, "--shard", "3/2"], says: /^error --shard expects I\/N/m },
  { argv: [...toy, "--shards", "4"], says: /^error --shards requires --slurm\.$/m },
  { argv: [...toy, "--gpus=1"], says: /^error --gpus requires --slurm\.$/m },
  { argv: [...toy, "--slurm-args=--partition=x"], says: /^error --slurm-args requires --slurm\.$/m },
  {
    argv: [...toy, "--slurm", "--shard", "1/2"],
    says: /--shard cannot be combined with --slurm: .*--shards/,
  },
  { argv: [...toy, "--slurm", "--force"], says: /--force cannot be combined with --slurm/ },
  { argv: [...toy, "--slurm", "--watch"], says: /--watch cannot be combined with --slurm: .*bench show/ },
  {
    argv: [...toy, "--slurm", "--shards", "-1"],
    says: /^error --shards must be a whole number, at least 1/m,
  },
  { argv: [...toy, "--slurm", "--gpus", "one"], says: /^error --gpus expects a number, got "one"\.$/m },
  { argv: ["variance", "-e", "gs", "-t", "kool", "--svg"], says: /^error --svg requires --out\.$/m },
  { argv: ["merge", "runs/none", "-o", "all"], says: /^error runs\/none does not exist\.$/m },
  { argv: ["merge", "runs/none"], says: /^error --out is required: the folder of the merged run\.$/m },
  // bench new.
  { argv: ["new", "estimator", "gs"], says: /^error The name "gs" is taken by a built-in estimator\.$/m },
  {
    argv: ["new", "estimator", "My_Own"],
    says: /lower-case letters and digits, joined by dashes, got "My_Own"\.$/m,
  },
  { argv: ["new", "estimator", "mine"], files: { "mine.ts": "" }, says: /mine\.ts exists already\.$/m },
];

refused(table);

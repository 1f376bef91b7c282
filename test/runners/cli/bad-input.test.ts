/** Wrong commands, a dozen of each kind; the messages are tested where they are made. */
import { refused, type Bad } from "./refused.ts";

const good = ["run", "-e", "reinforce", "-t", "bits", "--quick"];
const run = (...extra: string[]) => [...good, "--dry-run", ...extra];
const on = (estimators: string, task: string) => ["run", "-e", estimators, "-t", task, "--dry-run"];

const plugin = (text: string): Readonly<Record<string, string>> => ({ "mine.mjs": text });
const fields = (change: string) => `export default ({ tf }) => { const e = {
  name: "mine", title: "Mine", options: {},
  claims: { requires: ["bits"], sites: "any", unbiased: true, needs: "values", evaluations: () => ({ forward: 1, backward: 0 }) },
  estimate() { return { surrogate: tf.scalar(0) }; } }; ${change}; return e; };`;
const mine = [...on("mine", "bits"), "--plugin", "./mine.mjs"];

const toy = ["run", "-e", "gs", "-t", "bits", "--engine", "cpu", "--steps", "5"];

const table: readonly (readonly [argv: readonly string[], says: RegExp, more?: Partial<Bad>])[] = [
  // Commands and flags.
  [["rnu"], /^error Unknown command "rnu"\. Did you mean "run"\?$/m],
  [["--frobnicate"], /^error Unknown option "--frobnicate"\./m],
  [run("--estimater", "gs"), /Unknown option "--estimater"\. Did you mean "--estimator"\?$/m],
  [run("--steps"), /^error --steps requires a value\.$/m],
  [run("--steps", "5", "--steps", "6"), /^error --steps is given 2 times\.$/m],
  [run("more"), /^error Unexpected argument "more"\. Usage: bench run \[options\]$/m],
  [["show"], /^error Missing argument \(got 0 of 1\)\. Usage: bench show <run> \[options\]$/m],
  [["reproduce"], /<paper> is one of ahmed2023, .*jang2016/],
  [["list", "estimator"], /^error Unknown kind "estimator"\. Did you mean "estimators"\?$/m],
  [["reproduce", "jang"], /^error Unknown paper "jang"\. Did you mean "jang2016"\?$/m],
  [["reproduce", "jang2016", "--budget", "qiuck"], /Unknown budget "qiuck"\. Did you mean "quick"\?/],
  [["reproduce", "jang2016", "--only", "table-3"], /Unknown jang2016 experiment "table-3"/],
  [["check", "rebr"], /^error Unknown estimator or task "rebr"\. Did you mean "rebar"\?$/m],
  [["check"], /^error /m],
  // Names and options.
  [on("gz", "bits"), /^error Unknown estimator "gz"\. Did you mean "gs"\?$/m],
  [on("gs", "cat01"), /^error Unknown task "cat01"\. Did you mean "cat10"\?$/m],
  [["info", "gss"], /^error Unknown estimator or task "gss"\. Did you mean "gs"\?$/m],
  [on("gs:tempreture=1", "bits"), /Unknown option of gs: "tempreture"\. Did you mean "temperature"\?/],
  [on("exact", "cat10"), /exact on cat10: .*1\.0e20 configurations/],
  [run("--steps", "ten"), /^error --steps expects a number, got "ten"\.$/m],
  [run("--engine", "wsam"), /^error Unknown engine "wsam"\. Did you mean "wasm"\?$/m],
  // Paths.
  [on("gs", "cat10").concat("--data", "./nowhere"), /nowhere/],
  [["show", "runs/none"], /^error runs\/none does not exist\.$/m],
  [["report", "."], /^error \. is not the folder of a run: it has no manifest\.json\.$/m],
  [[...good, "--out", "file"], /Cannot access .*: a part of the path is a file/, { files: { file: "x" } }],
  [[...good, "--out", "full"], /full/, { files: { "full/letter.txt": "x" } }],
  [
    ["reproduce", "kool2020", "--out", "file"],
    /file: a part of the path is a file, not a folder/,
    { files: { file: "" } },
  ],
  [["reproduce", "kool2020", "--name", "../A"], /--name expects .*, got "\.\.\/A"\./],
  [[...good, "--name", "../up"], /^error --name expects letters, digits, .*, got "\.\.\/up"\.$/m],
  // Environment variables and configuration files.
  [run(), /Unknown variable "BENCH_STEP"\. Did you mean "BENCH_STEPS"\?/, { env: { BENCH_STEP: "5" } }],
  [run(), /^error --steps expects a number, got "x"\.$/m, { env: { BENCH_STEPS: "x" } }],
  [run(), /^error BENCH_QUICK expects 1 or 0, got "maybe"\.$/m, { env: { BENCH_QUICK: "maybe" } }],
  [run("--config", "none.json"), /none\.json does not exist/],
  [run(), /unknown field "step"\. Did you mean "steps"\?/, { files: { "bench.config.json": '{"step": 5}' } }],
  [run(), /bench\.config\.json does not load: /, { files: { "bench.config.json": "{" } }],
  [run(), /bench\.config\.json must be an object, got \[\]\.$/m, { files: { "bench.config.json": "[]" } }],
  [
    run(),
    /quick expects true or false, got "yes"\.$/m,
    { files: { "bench.config.json": '{"quick": "yes"}' } },
  ],
  // Plug-ins.
  [run("--plugin", "./none.ts"), /plug-in \.\/none\.ts: .*none\.ts does not exist\.$/m],
  [mine, /mine\.mjs does not load: no luck\.$/m, { files: plugin("throw new Error('no luck')") }],
  [mine, /process\.exit\(0\) was called while the plug-in loads/, { files: plugin("process.exit(0)") }],
  [mine, /the name "gs" is taken by a built-in estimator\.$/m, { files: plugin(fields("e.name = 'gs'")) }],
  [
    mine,
    /mine needs variables that are one-hot vectors; those of bits are bernoulli\./,
    { files: plugin(fields("e.claims.requires = ['one-hot']")) },
  ],
  [mine, /mine on bits: it is tired\.$/m, { files: plugin(fields("e.supports = () => 'it is tired.'")) }],
  // Several processes, shards and clusters.
  [[...toy, "--cell-time-limit", "soon"], /^error --cell-time-limit expects a positive time/m],
  [[...toy, "--shard", "3/2"], /^error --shard expects I\/N/m],
  [[...toy, "--gpus=1"], /^error --gpus requires --slurm\.$/m],
  [[...toy, "--slurm", "--shard", "1/2"], /--shard cannot be combined with --slurm: .*--shards/],
  [[...toy, "--slurm", "--shards", "-1"], /^error --shards must be a whole number, at least 1/m],
  [["variance", "-e", "gs", "-t", "kool", "--svg"], /^error --svg requires --out\.$/m],
  [["merge", "runs/none"], /^error --out is required: the folder of the merged run\.$/m],
  [
    ["widget", "-o", "file/w.html"],
    /^error Cannot access .*: a part of the path is a file/,
    { files: { file: "" } },
  ],
  // bench new.
  [["new", "estimator", "gs"], /^error The name "gs" is taken by a built-in estimator\.$/m],
  [["new", "estimator", "My_Own"], /lower-case letters and digits, joined by dashes, got "My_Own"\.$/m],
  [["new", "task", "bits"], /^error The name "bits" is taken by a built-in task\.$/m],
  [["new", "task", "toy"], /^error The name "toy" is taken by a built-in task\.$/m],
  [["new", "task", "mine", "--kind", "tyo"], /^error Unknown kind "tyo"\. Did you mean "toy"\?$/m],
  [["new", "estimator", "mine", "--kind", "toy"], /^error --kind is for bench new task\.$/m],
  [["new", "estimator", "mine"], /mine\.ts exists already\.$/m, { files: { "mine.ts": "" } }],
];

refused(table.map(([argv, says, more]) => ({ argv, says, ...more })));

import { refused, type Bad } from "./refused.ts";

const good = ["run", "-e", "reinforce", "-t", "bits", "--quick"];
const run = (...extra: string[]) => [...good, "--dry-run", ...extra];

const plugin = (text: string): Readonly<Record<string, string>> => ({ "mine.mjs": text });
const fields = (change: string) => `export default ({ tf }) => { const e = {
  name: "mine", title: "Mine", options: {},
  claims: { families: ["bernoulli"], sites: "any", unbiased: true, needs: "values", evaluations: () => ({ forward: 1, backward: 0 }) },
  estimate() { return { surrogate: tf.scalar(0) }; } }; ${change}; return e; };`;
const mine = ["run", "-e", "mine", "-t", "bits", "--quick", "--dry-run", "--plugin", "./mine.mjs"];

const toy = ["run", "-e", "gs", "-t", "bits", "--engine", "cpu", "--steps", "5"];

const table: readonly Bad[] = [
  // Verbs and flags.
  { argv: ["rnu"], says: /the verb must be one there is, got "rnu"\. Did you mean "run"\?/ },
  { argv: ["--frobnicate"], says: /every word must be one that the verb takes, got "frobnicate"/ },
  { argv: run("--estimater", "gs"), says: /got "--estimater"\. Did you mean "estimator"\?/ },
  { argv: run("--steps"), says: /--steps: it must be followed by a value, got none/ },
  { argv: run("--steps", "5", "--steps", "6"), says: /--steps: it must be given once, got it 2 times/ },
  { argv: run("more"), says: /every word must be one that the verb takes, got "more"/ },
  { argv: ["show"], says: /^error bench show: <run> .* must be given, got none$/m },
  {
    argv: ["list", "estimator"],
    says: /bench list: <what> must be one there is, got "estimator"\. Did you mean "estimators"\?/,
  },
  // Names.
  { argv: ["run", "-t", "bits"], says: /--estimator: at least one estimator must be named/ },
  { argv: ["run", "-e", "gs"], says: /--task: at least one task must be named/ },
  { argv: ["run", "-e", "gumbel-softmax", "-t", "bits"], says: /got "gumbel-softmax"\. Did you mean "gs"\?/ },
  { argv: ["run", "-e", "straight-through", "-t", "bits"], says: /Did you mean "st"\?/ },
  { argv: ["run", "-e", "score-function", "-t", "bits"], says: /Did you mean "reinforce"\?/ },
  { argv: ["run", "-e", "gs", "-t", "cat01"], says: /task: .*got "cat01"\. Did you mean "cat10"\?/ },
  { argv: ["run", "-e", "zzz*", "-t", "bits"], says: /pattern must match a name there is, got "zzz\*"/ },
  { argv: ["run", "-e", "gs,,st", "-t", "bits"], says: /a name between its commas/ },
  { argv: ["info", "gss"], says: /got "gss"\. Did you mean "gs"\?/ },
  // Options.
  { argv: ["run", "-e", "gs:tempreture=1", "-t", "bits"], says: /gs: .*Did you mean "temperature"\?/ },
  { argv: ["run", "-e", "gs:temperature=0", "-t", "bits"], says: /gs: temperature must be above 0, got 0/ },
  { argv: ["run", "-e", "gs:tau=exp:1:2", "-t", "bits"], says: /four numbers/ },
  { argv: ["run", "-e", "rloo:samples=1", "-t", "bits"], says: /rloo: samples must be at least 2, got 1/ },
  {
    argv: ["run", "-e", "gs:samples=100000000", "-t", "bits"],
    says: /gs: samples must be at most 10000, got 100000000/,
  },
  { argv: ["run", "-e", "rloo:samples=2.5", "-t", "bits"], says: /must be a whole number, got 2.5/ },
  { argv: ["run", "-e", "gs", "-t", "cat10:batch=0"], says: /cat10: batch must be at least 1, got 0/ },
  { argv: ["run", "-e", "gs", "-t", "cat10:variant=blogg"], says: /must be one of .*Did you mean "blog"\?/ },
  { argv: run("--grid", "reinforce.decay=0.5|2"), says: /decay must be at most 1, got 2/ },
  { argv: run("--grid", "gs.temperature=1|2"), says: /must vary an option of what runs/ },
  { argv: run("--grid", "decay"), says: /a grid must look like/ },
  // Numbers.
  { argv: run("--steps", "-5"), says: /--steps: it must be a whole number from 1, got -5/ },
  { argv: run("--steps", "0"), says: /--steps: it must be a whole number from 1, got 0/ },
  { argv: run("--steps", "ten"), says: /--steps: it must be a number, got "ten"/ },
  { argv: run("--evals", "1.5"), says: /--evals: it must be a whole number/ },
  { argv: run("--time-limit", "soon"), says: /--time-limit: a time must look like 90s/ },
  { argv: run("--seeds", "4-0"), says: /--seeds: a range must go upwards/ },
  // Engines.
  { argv: run("--engine", "wsam"), says: /engine: .*got "wsam"\. Did you mean "wasm"\?/ },
  { argv: run("--engine", "cpu:threads=2"), says: /cpu: an option must be one that it declares/ },
  { argv: run("--engine", "cpu,wasm"), says: /one engine must be named/ },
  // Pairings.
  {
    argv: ["run", "-e", "exact", "-t", "cat10"],
    says: /exact on cat10: it would enumerate 1\.0e20 configurations/,
  },
  // Paths.
  { argv: run("--data", "./nowhere").with(4, "cat10"), says: /nowhere must be a readable folder/ },
  { argv: ["show", "runs/none"], says: /runs\/none: the folder of a run must exist, got none/ },
  { argv: ["report", "."], says: /must hold a manifest\.json, got none/ },
  { argv: [...good, "--out", "file"], files: { file: "x" }, says: /results must go to a folder/ },
  { argv: [...good, "--out", "full"], files: { "full/letter.txt": "x" }, says: /new or empty folder/ },
  { argv: [...good, "--name", "../up"], says: /--name: a name must be letters/ },
  // Settings.
  { argv: run(), env: { BENCH_STEP: "5" }, says: /got BENCH_STEP\. Did you mean "BENCH_STEPS"\?/ },
  { argv: run(), env: { BENCH_STEPS: "x" }, says: /--steps: it must be a number, got "x"/ },
  { argv: run(), env: { BENCH_QUICK: "maybe" }, says: /BENCH_QUICK: it must be 1 or 0, got "maybe"/ },
  { argv: run("--config", "none.json"), says: /--config: the file must exist/ },
  { argv: run(), files: { "bench.config.json": '{"step": 5}' }, says: /got "step"\. Did you mean "steps"\?/ },
  { argv: run(), files: { "bench.config.json": "{" }, says: /the configuration must load without an error/ },
  { argv: run(), files: { "bench.config.json": "[]" }, says: /must be an object, got \[\]/ },
  {
    argv: run(),
    files: { "bench.config.json": '{"quick": "yes"}' },
    says: /quick must be true or false, got "yes"/,
  },
  { argv: run(), files: { "bench.config.js": "export const a = 1" }, says: /it has no default export/ },
  // Plug-ins.
  { argv: run("--plugin", "./none.ts"), says: /plug-in \.\/none\.ts: the file must exist, got none at/ },
  { argv: run("--plugin", "none"), says: /got none called bench-plugin-none or none/ },
  { argv: mine, files: plugin("export default 5"), says: /must export by default a function .*got 5/ },
  {
    argv: mine,
    files: plugin("export const a = 5"),
    says: /must export by default a function .*got nothing/,
  },
  {
    argv: mine,
    files: plugin("throw new Error('no luck')"),
    says: /must load without an error, got "no luck"/,
  },
  { argv: mine, files: plugin("import 'not-there'"), says: /something that it imports is not installed/ },
  { argv: mine, files: plugin("export default () => { throw new Error('no'); }"), says: /got "no"/ },
  { argv: mine, files: plugin("process.exit(0)"), says: /got "process\.exit\(0\) was called while it loads/ },
  {
    argv: mine,
    files: plugin("export default () => process.exit()"),
    says: /got "process\.exit\(\) was called while it loads/,
  },
  { argv: mine, files: plugin("export default () => 5"), says: /the estimator must be an object, got 5/ },
  { argv: mine, files: plugin(fields("delete e.title")), says: /title must be a text .*got nothing/ },
  { argv: mine, files: plugin(fields("e.name = 'My Own'")), says: /name must be lower-case .*got "My Own"/ },
  { argv: mine, files: plugin(fields("e.name = 'gs'")), says: /its name must be its own, got "gs"/ },
  { argv: mine, files: plugin(fields("e.estmate = e.estimate")), says: /Did you mean "estimate"\?/ },
  { argv: mine, files: plugin(fields("e.estimate = 5")), says: /estimate must be a function, got 5/ },
  {
    argv: mine,
    files: plugin(fields("e.claims.unbiased = 'maybe'")),
    says: /claims\.unbiased must be true, false/,
  },
  { argv: mine, files: plugin(fields("e.claims.families = []")), says: /claims\.families must be a list/ },
  { argv: mine, files: plugin(fields("e.options.k = 5")), says: /options\.k must be an object/ },
  { argv: mine, files: plugin(fields("e.options.k = { default: 1 }")), says: /options\.k\.doc must be/ },
  {
    argv: mine,
    files: plugin(fields("e.options.k = { default: 0, minimum: 1, doc: 'k' }")),
    says: /at least 1, got 0/,
  },
  {
    argv: mine,
    files: plugin(fields("e.claims.families = ['categorical']")),
    says: /must meet only categorical variables/,
  },
  {
    argv: mine,
    files: plugin(fields("e.supports = () => 'it is tired'")),
    says: /mine on bits: it is tired/,
  },
  // Several processes, shards and clusters.
  { argv: [...toy, "--jobs", "0"], says: /--jobs: it must be a whole number from 1, got 0/ },
  { argv: [...toy, "--jobs", "two"], says: /--jobs: .*got "?two/ },
  { argv: [...toy, "--cell-time-limit", "soon"], says: /--cell-time-limit: a time must look like/ },
  { argv: [...toy, "--bound-rows", "0"], says: /--bound-rows: it must be a whole number from 1, got 0/ },
  { argv: [...toy, "--bound-rows", "most"], says: /--bound-rows: .*got "?most/ },
  { argv: [...toy, "--checkpoint-every", "0"], says: /--checkpoint-every: a time must look like/ },
  { argv: [...toy, "--watch", "--port", "99999"], says: /--port: it must be a whole number from 0 to 65535/ },
  { argv: [...toy, "--shard", "3/2"], says: /--shard: it must be i\/n/ },
  { argv: [...toy, "--shards", "4"], says: /--shards: .*must stand beside --slurm/ },
  { argv: [...toy, "--gpus=1"], says: /--gpus: .*must stand beside --slurm/ },
  { argv: [...toy, "--slurm-args=--partition=x"], says: /--slurm-args: .*must stand beside --slurm/ },
  {
    argv: [...toy, "--slurm", "--shard", "1/2"],
    says: /--shard: it must not stand beside --slurm.*--shards/,
  },
  { argv: [...toy, "--slurm", "--force"], says: /--force: it must not stand beside --slurm/ },
  { argv: [...toy, "--slurm", "--watch"], says: /--watch: it must not stand beside --slurm.*bench show/ },
  { argv: [...toy, "--slurm", "--open"], says: /--open: it must not stand beside --slurm/ },
  { argv: [...toy, "--slurm", "--shards", "-1"], says: /--shards: it must be a whole number from 1/ },
  { argv: [...toy, "--slurm", "--gpus", "one"], says: /--gpus: .*got "?one/ },
  { argv: ["merge", "runs/none", "-o", "all"], says: /the folder of a run must exist/ },
  { argv: ["merge", "runs/none"], says: /merge: --out must name the folder of the whole/ },
  // The scaffold.
  { argv: ["new", "estimator", "gs"], says: /its own, got "gs"/ },
  { argv: ["new", "estimator", "My_Own"], says: /lower-case letters/ },
  { argv: ["new", "estimator", "mine"], files: { "mine.ts": "" }, says: /must not exist yet/ },
];

refused(table);

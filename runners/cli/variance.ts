import type { Estimator } from "../../estimators/estimator.ts";
import { mistake } from "../errors.ts";
import type { Pair } from "../prepare.ts";
import type { Request } from "../request.ts";
import type { Setting, VarianceRow } from "../variance.ts";
import { printJson, type Call, type Verb } from "./verb.ts";
import { table } from "./table.ts";

export const variance: Verb = {
  name: "variance",
  summary: "Measure bias and variance of estimators at fixed parameters; trains nothing.",
  flags: [
    ...(["estimator", "task", "grid", "draws", "seed", "parameters", "engine", "data"] as const),
    ...(["plugin", "config", "out", "json", "quiet"] as const),
  ],
  examples: [
    ["variance -e reinforce:baseline=none,rloo:samples=2 -t kool", "two estimators on an exact toy"],
    [
      "variance -e gs,st-gs -t coupled-bits --grid '*.temperature=0.05|0.1|0.5|1|2' -o runs/tau",
      "a sweep, with its chart",
    ],
    ["variance -e rloo -t cat10 --parameters runs/A/cells/HASH --json", "at a trained snapshot"],
  ],
  async run(call) {
    const { given, io } = call;
    const rows = await measureAll(call);
    const out = given.text("out");
    if (out !== undefined) {
      const { writeVariance } = await import("../../reports/variance.ts");
      io.stderr.write(`chart: ${writeVariance(out, rows)}\n`);
    }
    if (given.on("json")) printJson(io, { rows });
    else io.stdout.write(tableOf(rows));
    return 0;
  },
};

async function measureAll(call: Call): Promise<VarianceRow[]> {
  const { given, io } = call;
  const [
    { openRegistry },
    { chooseMatrix },
    prepare,
    { chooseEngine, defaultEngine, openEngine },
    measure,
    request,
  ] = await Promise.all([
    import("../registry.ts"),
    import("../matrix.ts"),
    import("../prepare.ts"),
    import("../engines.ts"),
    import("../variance.ts"),
    import("../request.ts"),
  ]);
  const asked = requestOf(call);
  const registry = await openRegistry(asked.plugins);
  const matrix = chooseMatrix(asked, registry);
  const { pairs, notes } = prepare.judgePairs(matrix);
  for (const note of notes) io.stderr.write(`${note}\n`);
  const draws = request.countIn(given.text("draws") ?? "1000", "--draws", 40);
  const seed = request.countIn(given.text("seed") ?? "0", "--seed", 0);
  const named = (name: string): Estimator =>
    registry.estimators.find((entry) => entry.name === name)!.estimator;
  const long = { estimator: named("rloo"), settings: { samples: 64 }, label: "rloo:samples=64" };
  const at = await snapshotOf(call);
  const engine = await openEngine(chooseEngine(asked.engine ?? defaultEngine));
  const rows: VarianceRow[] = [];
  try {
    for (const [label, group] of byTask(pairs)) {
      const { definition, settings } = group[0]!.task;
      const task = await definition.create(settings, asked.data === undefined ? {} : { folder: asked.data });
      if (at && at.task !== task.name)
        throw mistake(
          `--parameters: the cell must be of the task that is measured, ${task.name}, got ${at.task}`,
        );
      const setting: Setting = {
        engine,
        task,
        taskLabel: label,
        seed,
        draws,
        exact: named("exact"),
        long,
        ...(at ? { at } : {}),
      };
      const reference = await measure.referenceOf(setting);
      for (const pair of group) {
        const why = prepare.missingBound(pair, task);
        if (why !== undefined) throw mistake(why);
        const { entry } = pair.estimator;
        if (!given.on("quiet")) io.stderr.write(`${label}: ${pair.estimator.label}\n`);
        const subject = {
          estimator: entry.estimator,
          settings: prepare.settingsOf(pair.estimator, task),
          label: pair.estimator.label,
        };
        const matching = at && at.estimator === entry.name;
        const own = matching ? {} : { own: {}, state: {} };
        rows.push(
          await measure.measureVariance(
            at ? { ...setting, at: { ...at, ...own } } : setting,
            subject,
            reference,
          ),
        );
      }
    }
  } finally {
    await engine.close();
  }
  return rows;
}

function byTask(pairs: readonly Pair[]): Map<string, Pair[]> {
  const groups = new Map<string, Pair[]>();
  for (const pair of pairs) groups.set(pair.task.label, [...(groups.get(pair.task.label) ?? []), pair]);
  return groups;
}

async function snapshotOf({ given }: Call) {
  const folder = given.text("parameters");
  if (folder === undefined) return undefined;
  const { readSnapshot } = await import("../snapshot.ts");
  return readSnapshot(folder);
}

function requestOf({ given }: Call): Request {
  const [engine, data] = [given.text("engine"), given.text("data")];
  return {
    estimators: given.texts("estimator"),
    tasks: given.texts("task"),
    grids: given.texts("grid"),
    plugins: given.texts("plugin").map((spec) => ({ spec, folder: given.folderOf("plugin") })),
    quick: false,
    ...(engine === undefined ? {} : { engine }),
    ...(data === undefined ? {} : { data }),
  };
}

const short = (x: number | null) =>
  x === null ? "-" : x === 0 ? "0" : x.toPrecision(3).replace(/e([+-])/, "e$1");

function tableOf(rows: readonly VarianceRow[]): string {
  const headers = [
    "task",
    "estimator",
    "variance",
    "±",
    "per logit",
    "bias/‖g‖",
    "z",
    "cosine",
    "‖g‖²/var",
    "evals",
    "var×evals",
    "ms",
    "reference",
  ];
  return table(
    headers,
    rows.map((row) => [
      ...[row.task, row.estimator, short(row.variance.parameters), short(row.variance.standardError)],
      ...[short(row.variance.logits), short(row.bias.relative), row.bias.z.toFixed(1), short(row.cosine)],
      ...[short(row.signalToNoise), `${row.evaluations.forward}+${row.evaluations.backward}`],
      ...[short(row.varianceTimesEvaluations), (row.secondsPerDraw * 1000).toFixed(2)],
      row.reference + (row.referenceError === null ? "" : ` ±${(100 * row.referenceError).toFixed(1)} %`),
    ]),
  );
}

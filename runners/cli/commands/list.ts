import type { DescribedEngine, DescribedEstimator, DescribedTask } from "../text/describe.ts";
import { table } from "../text/plain-table.ts";
import { one, printJson, type Call, type Verb } from "./command.ts";

export const list: Verb = {
  name: "list",
  summary: "Say what exists, and where it comes from.",
  positionals: [
    {
      name: "what",
      doc: "all of it unless said",
      choices: ["estimators", "tasks", "engines"],
      optional: true,
    },
  ],
  flags: ["published", "plugin", "config", "bibtex", "json"],
  examples: [
    ["list", "estimators, tasks and engines"],
    ["list estimators --json", "with options and claims, for a program"],
    ["list --bibtex", "the papers, for a bibliography"],
  ],
  async run(call) {
    const { given, io } = call;
    if (given.on("bibtex")) {
      const { wholeBibliography } = await import("../text/bibtex.ts");
      io.stdout.write(wholeBibliography());
      return 0;
    }
    if (given.on("published")) {
      const { publishedRows } = await import("../text/published-table.ts");
      const rows = publishedRows();
      if (given.on("json")) printJson(io, rows);
      else
        io.stdout.write(
          table(
            Object.keys(rows[0]!),
            rows.map((row) => Object.values(row).map(String)),
          ),
        );
      return 0;
    }
    const { openRegistry } = await import("../../plan/registry.ts");
    const plugins = given.texts("plugin").map((spec) => ({ spec, folder: given.folderOf("plugin") }));
    const { estimators, tasks } = await openRegistry(plugins);
    const { describeEngines, describeEstimator, describeTask } = await import("../text/describe.ts");
    const all = {
      estimators: estimators.map(describeEstimator),
      tasks: tasks.map(describeTask),
      engines: describeEngines(),
    };
    const what = one(call, "what") as keyof typeof all | undefined;
    if (given.on("json")) printJson(io, what === undefined ? all : all[what]);
    else await printTables(call, all, what);
    return 0;
  },
};

interface All {
  readonly estimators: readonly DescribedEstimator[];
  readonly tasks: readonly DescribedTask[];
  readonly engines: readonly DescribedEngine[];
}

async function printTables({ io }: Call, all: All, what: keyof All | undefined): Promise<void> {
  const { citation } = await import("../text/describe.ts");
  const tables = {
    estimators: () =>
      table(
        ["estimator", "title", "unbiased", "families", "evaluations", "paper"],
        all.estimators.map(({ name, title, claims, paper, plugin, source }) => [
          ...[name, title, unbiased(claims.unbiased), claims.families.join(", ")],
          `${claims.evaluations.forward} + ${claims.evaluations.backward}`,
          plugin ? source : citation(paper ?? undefined),
        ]),
      ),
    tasks: () =>
      table(
        ["task", "title", "steps", "variants", "paper"],
        all.tasks.map(({ name, title, steps, variants, paper }) => [
          ...[name, title, String(steps), Object.keys(variants).join(", "), citation(paper ?? undefined)],
        ]),
      ),
    engines: () =>
      table(
        ["engine", "title", ""],
        all.engines.map((engine) => [engine.name, engine.title, engine.default ? "default" : ""]),
      ),
  };
  const names = what === undefined ? (["estimators", "tasks", "engines"] as const) : [what];
  io.stdout.write(names.map((name) => tables[name]()).join("\n"));
}

function unbiased(claim: boolean | "direction"): string {
  return claim === true ? "yes" : claim === false ? "no" : "up to a factor";
}

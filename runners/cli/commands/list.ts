import type { DescribedEngine, DescribedEstimator, DescribedTask } from "../text/describe.ts";
import { table } from "../text/plain-table.ts";
import { argument, print, type Command } from "./command.ts";

export const list: Command = {
  name: "list",
  summary: "List estimators, tasks and engines, with their papers.",
  positionals: [
    {
      ...{ name: "kind", doc: "What to list", optional: true, default: "all of them" },
      choices: ["estimators", "tasks", "engines"],
    },
  ],
  flags: ["plugin", "config", "bibtex", "json"],
  examples: [
    ["list", "Estimators, tasks and engines"],
    ["list estimators --json", "Estimators with their options and claims, as JSON"],
    ["list --bibtex", "The papers, for a bibliography"],
  ],
  async run(invocation) {
    const { flags, io } = invocation;
    if (flags.on("bibtex")) {
      const { wholeBibliography } = await import("../text/bibtex.ts");
      io.stdout.write(wholeBibliography());
      return 0;
    }
    const [{ openRegistry }, { citation, describeEngines, describeEstimator, describeTask, identityText }] =
      await Promise.all([import("../../plan/registry.ts"), import("../text/describe.ts")]);
    const { estimators, tasks } = await openRegistry(flags.plugins());
    const all = {
      estimators: estimators.map(describeEstimator),
      tasks: tasks.map(describeTask),
      engines: describeEngines(),
    };
    const cite = (paper: string | null) => citation(paper ?? undefined);
    const tables = {
      estimators: () => {
        const equal = all.estimators.flatMap(({ name, identities }) =>
          identities.map((identity) => `${name} is the same as ${identityText(identity)}.\n`),
        );
        return `${estimatorTable(all.estimators, cite)}\n${equal.join("")}`;
      },
      tasks: () => taskTable(all.tasks, cite),
      engines: () => engineTable(all.engines),
    };
    const kind = argument(invocation, "kind") as keyof typeof all | undefined;
    const kinds = kind === undefined ? (["estimators", "tasks", "engines"] as const) : [kind];
    print(invocation, kind === undefined ? all : all[kind], () =>
      kinds.map((one) => tables[one]()).join("\n"),
    );
    return 0;
  },
};

type Cite = (paper: string | null) => string;

const estimatorTable = (estimators: readonly DescribedEstimator[], cite: Cite) =>
  table(
    ["estimator", "title", "unbiased", "families", "evaluations", "paper"],
    estimators.map(({ name, title, claims, paper, plugin, source }) => [
      ...[name, title, unbiased(claims.unbiased), claims.families.join(", ")],
      `${claims.evaluations.forward} + ${claims.evaluations.backward}`,
      plugin ? source : cite(paper),
    ]),
  );

const taskTable = (tasks: readonly DescribedTask[], cite: Cite) =>
  table(
    ["task", "title", "steps", "variants", "paper"],
    tasks.map(({ name, title, steps, variants, paper, plugin, source }) => [
      ...[name, title, String(steps), Object.keys(variants).join(", "), plugin ? source : cite(paper)],
    ]),
  );

const engineTable = (engines: readonly DescribedEngine[]) =>
  table(
    ["engine", "title", ""],
    engines.map((engine) => [engine.name, engine.title, engine.default ? "default" : ""]),
  );

function unbiased(claim: boolean | "direction"): string {
  return claim === true ? "yes" : claim === false ? "no" : "up to a factor";
}

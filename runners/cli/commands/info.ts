import type { OptionSpec, OptionSpecs } from "../../../estimators/estimator.ts";
import { mistake } from "../../errors.ts";
import { suggestion } from "../../options/suggest.ts";
import type { DescribedEstimator, DescribedTask } from "../text/describe.ts";
import { table } from "../text/plain-table.ts";
import { one, printJson, type Verb } from "./command.ts";

export const info: Verb = {
  name: "info",
  summary: "Print options, claims, formula and paper of an estimator or a task.",
  positionals: [{ name: "name", doc: "of an estimator or a task" }],
  flags: ["plugin", "config", "json"],
  examples: [
    ["info gs", "an estimator"],
    ["info cat10", "a task"],
    ["info rloo --json", "the same for a program"],
  ],
  async run(call) {
    const { given, io } = call;
    const name = one(call, "name") ?? "";
    const { openRegistry } = await import("../../plan/registry.ts");
    const plugins = given.texts("plugin").map((spec) => ({ spec, folder: given.folderOf("plugin") }));
    const { estimators, tasks } = await openRegistry(plugins);
    const { describeEstimator, describeTask } = await import("../text/describe.ts");
    const entry = estimators.find((candidate) => candidate.name === name);
    const definition = tasks.find((candidate) => candidate.name === name);
    if (entry !== undefined) {
      const estimator = describeEstimator(entry);
      if (given.on("json")) printJson(io, estimator);
      else io.stdout.write(await estimatorText(estimator));
      return 0;
    }
    if (definition !== undefined) {
      const task = describeTask(definition);
      if (given.on("json")) printJson(io, task);
      else io.stdout.write(await taskText(task));
      return 0;
    }
    throw mistake(
      `info: the name must be of an estimator or a task, got "${name}"${suggestion(name, [...estimators, ...tasks])}`,
    );
  },
};

async function estimatorText(described: DescribedEstimator): Promise<string> {
  const { name, title, formula, claims, options, paper, source, aliases, wraps } = described;
  const { forward, backward } = claims.evaluations;
  const biased = { true: "yes", false: "no", direction: "up to a positive factor" }[String(claims.unbiased)];
  const of = claims.families.includes("bernoulli") ? "one binary variable" : "one variable of three outcomes";
  const facts = [
    ...(wraps === null ? [] : [["combinator", `${wraps.doc}; what follows is around ${wraps.around}`]]),
    ...(formula === null ? [] : [["formula", formula]]),
    ["unbiased", biased!],
    ["families", claims.families.join(", ")],
    ["layers", claims.sites === "one" ? "one" : "any number"],
    ...(claims.variables === "one" ? [["variables", "one a layer"]] : []),
    ["asks of the cost", claims.needs],
    ["evaluations", `${forward} forward, ${backward} backward per row and step (defaults, ${of})`],
    ...(aliases.length === 0 ? [] : [["also called", aliases.join(", ")]]),
    ["source", source],
  ];
  return `${name}: ${title}\n\n${aligned(facts)}${optionsText(options)}${await paperText(paper)}`;
}

async function taskText(described: DescribedTask): Promise<string> {
  const { name, title, doc, steps, variants, variantSteps, options, paper, version } = described;
  const facts = [
    ["version", String(version)],
    [
      "steps",
      [String(steps), ...Object.entries(variantSteps).map(([variant, own]) => `${own} (${variant})`)].join(
        ", ",
      ),
    ],
    ...Object.entries(variants).map(([variant, set]) => {
      const changes = Object.entries(set).map(([key, value]) => `${key}=${value}`);
      return [`variant ${variant}`, changes.length === 0 ? "the defaults" : changes.join(", ")];
    }),
  ];
  return `${name}: ${title}\n${doc}\n\n${aligned(facts)}${optionsText(options)}${await paperText(paper)}`;
}

function aligned(facts: readonly (readonly string[])[]): string {
  const width = Math.max(...facts.map(([key]) => key!.length));
  return facts.map(([key, value]) => `${key!.padEnd(width)}  ${value}\n`).join("");
}

function optionsText(options: OptionSpecs): string {
  const rows = Object.entries(options).map(([name, spec]) => [
    name,
    spec.fromTask === true ? `${spec.default}, or the task's` : String(spec.default),
    rangeOf(spec),
    spec.doc,
  ]);
  return rows.length === 0 ? "\nno options\n" : `\n${table(["option", "default", "values", ""], rows)}`;
}

function rangeOf({
  minimum,
  maximum,
  exclusive,
  integer,
  choices,
  form,
  schedule,
  default: usual,
}: OptionSpec): string {
  if (choices !== undefined) return choices.join(" | ");
  if (typeof usual === "boolean") return "true | false";
  if (typeof usual === "string" && schedule !== true) return form?.words ?? "text";
  const kind = schedule === true ? "number or schedule" : integer === true ? "whole number" : "number";
  const [above, below] = exclusive === true ? ["above", "below"] : ["from", "to"];
  const from = minimum === undefined ? "" : ` ${above} ${minimum}`;
  return `${kind}${from}${maximum === undefined ? "" : ` ${below} ${maximum}`}`;
}

async function paperText(key: string | null): Promise<string> {
  if (key === null) return "";
  const { paperOf } = await import("../text/describe.ts");
  const paper = paperOf(key);
  if (paper === undefined) return `\n${key}\n`;
  const { bibtex } = await import("../text/bibtex.ts");
  const words = `${paper.authors.join(", ")} (${paper.year}). ${paper.title}. ${paper.link}`;
  return `\n${words}\n\n${bibtex(key, paper)}`;
}

import type { OptionSpec, OptionSpecs } from "../../../estimators/estimator.ts";
import { unknownName, type Candidate } from "../../options/suggest.ts";
import type { DescribedEstimator, DescribedTask } from "../text/describe.ts";
import { table } from "../text/plain-table.ts";
import { argument, print, type Command } from "./command.ts";

export const info: Command = {
  name: "info",
  summary: "Print options, claims, formula and paper of an estimator or a task.",
  positionals: [{ name: "name", doc: "Estimator or task" }],
  flags: ["plugin", "config", "json"],
  examples: [
    ["info gs", "An estimator"],
    ["info cat10", "A task"],
    ["info rloo --json", "An estimator as JSON"],
  ],
  async run(invocation) {
    const name = argument(invocation, "name") ?? "";
    const [{ openRegistry }, { describeEstimator, describeTask, identityText }] = await Promise.all([
      import("../../plan/registry.ts"),
      import("../text/describe.ts"),
    ]);
    const { estimators, tasks } = await openRegistry(invocation.flags.plugins());
    const meant = <C extends Candidate>(all: readonly C[]) =>
      all.find((one) => one.name === name) ?? all.find(({ aliases }) => aliases?.includes(name));
    const entry = meant(estimators);
    const definition = entry === undefined ? meant(tasks) : undefined;
    if (entry !== undefined) {
      const described = describeEstimator(entry);
      const paper = await paperText(described.paper);
      const equal = described.identities.map(identityText);
      print(invocation, described, () => `${estimatorText(described, equal)}${paper}`);
    } else if (definition !== undefined) {
      const described = describeTask(definition);
      const paper = await paperText(described.paper);
      print(invocation, described, () => `${taskText(described)}${paper}`);
    } else throw unknownName("estimator or task", name, [...estimators, ...tasks]);
    return 0;
  },
};

/** What an estimator claims, in words, by what it is about; `equal` names what gives the same numbers. */
export function estimatorFacts(described: DescribedEstimator, equal: readonly string[]): [string, string][] {
  const { formula, claims, source, aliases, wraps } = described;
  const { forward, backward, of } = claims.evaluations;
  const unbiased = { true: "yes", false: "no", direction: "up to a positive factor" }[
    String(claims.unbiased)
  ];
  return [
    ...(wraps === null ? [] : [["combinator", `${wraps.doc}; described here around ${wraps.around}`]]),
    ...(formula === null ? [] : [["formula", formula]]),
    ["unbiased", unbiased!],
    ["families", claims.families.join(", ")],
    ["requires", claims.requires.join(", ")],
    ["layers", claims.sites === "one" ? "one" : "any number"],
    ...(claims.variables === "one" ? [["variables", "one per layer"]] : []),
    ["needs", `${claims.needs} of the cost`],
    ["samples", samplesText(claims)],
    ["evaluations", `${forward} forward, ${backward} backward per row and step (default options, ${of})`],
    ...(aliases.length === 0 ? [] : [["also called", aliases.join(", ")]]),
    ...equal.map((text) => ["the same as", text]),
    ["source", source],
  ] as [string, string][];
}

const estimatorText = (described: DescribedEstimator, equal: readonly string[]): string =>
  `${described.name}: ${described.title}\n\n${aligned(estimatorFacts(described, equal))}${optionsText(described.options)}`;

function samplesText({ relaxed, sampleLaw, evaluations }: DescribedEstimator["claims"]): string {
  if (relaxed === true) return "relaxed";
  const from = sampleLaw === undefined ? "" : `, for ${evaluations.of} with the default options`;
  return sampleLaw === "other" ? `not from the model${from}` : `from the model${from}`;
}

/** The facts of a task by what they are about. */
export function taskFacts(described: DescribedTask): [string, string][] {
  const { steps, variants, variantSteps, version, source } = described;
  const bySteps = Object.entries(variantSteps).map(([variant, own]) => `${own} (${variant})`);
  return [
    ["version", String(version)],
    ["steps", [String(steps), ...bySteps].join(", ")],
    ...Object.entries(variants).map(([variant, set]): [string, string] => {
      const changes = Object.entries(set).map(([key, value]) => `${key}=${value}`);
      return [`variant ${variant}`, changes.length === 0 ? "the defaults" : changes.join(", ")];
    }),
    ["source", source],
  ];
}

const taskText = (described: DescribedTask): string =>
  `${described.name}: ${described.title}\n${described.doc}\n\n${aligned(taskFacts(described))}${optionsText(described.options)}`;

function aligned(facts: readonly (readonly string[])[]): string {
  const width = Math.max(...facts.map(([key]) => key!.length));
  return facts.map(([key, value]) => `${key!.padEnd(width)}  ${value}\n`).join("");
}

/** Each option with its default, its values and what it is. */
export const optionRows = (options: OptionSpecs): string[][] =>
  Object.entries(options).map(([name, spec]) => [
    name,
    spec.fromTask === true ? `${spec.default}, or the task's` : String(spec.default),
    valuesOf(spec),
    spec.doc,
  ]);

function optionsText(options: OptionSpecs): string {
  const rows = optionRows(options);
  return rows.length === 0 ? "\nno options\n" : `\n${table(["option", "default", "values", ""], rows)}`;
}

/** The values that an option may have: `whole number from 1 to 64`. */
function valuesOf({ choices, form, schedule, integer, exclusive, ...spec }: OptionSpec): string {
  const { minimum, maximum, default: usual } = spec;
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
  const [{ paperOf }, { bibtex }] = await Promise.all([
    import("../text/describe.ts"),
    import("../text/bibtex.ts"),
  ]);
  const paper = paperOf(key);
  if (paper === undefined) return `\n${key}\n`;
  const words = `${paper.authors.join(", ")} (${paper.year}). ${paper.title}. ${paper.link}`;
  return `\n${words}\n\n${bibtex(key, paper)}`;
}

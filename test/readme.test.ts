import { readFileSync, writeFileSync } from "node:fs";
import test from "ava";
import { estimators } from "../estimators/index.ts";
import { papers, type Paper } from "../estimators/papers.ts";
import { verbs } from "../runners/cli/verbs.ts";
import { tasks } from "../tasks/index.ts";

/** `npm run readme` writes what this file compares. */
const update = process.env["UPDATE_README"] === "1";
const path = new URL("../README.md", import.meta.url);
const known: Readonly<Record<string, Paper>> = papers;

function cite(key: string | undefined): string {
  const paper = key === undefined ? undefined : known[key];
  if (!paper) return key ?? "–";
  const [first, ...others] = paper.authors.map((author) => author.split(" ").at(-1)!);
  const names =
    others.length === 0 ? first! : others.length === 1 ? `${first} & ${others[0]}` : `${first} et al.`;
  return `[${names} ${paper.year}](${paper.link})`;
}

const row = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;

function estimatorTable(): string {
  const one = { name: "z", family: { name: "bernoulli" }, shape: [1] };
  const rows = estimators.map(({ name, title, claims, paper, options }) => {
    const settings = Object.fromEntries(
      Object.entries(options as Record<string, { default: number }>).map(([key, spec]) => [
        key,
        spec.default,
      ]),
    );
    const family = claims.families[0] === "categorical" ? { ...one, shape: [1, 3] } : one;
    const site = {
      ...family,
      family: {
        name: claims.families[0],
        outcomes: (shape: number[]) => (shape.length > 1 ? shape.at(-1) : 2),
        variables: () => 1,
      },
    };
    const { forward, backward } = claims.evaluations([site] as never, settings);
    const unbiased = { true: "yes", false: "no", direction: "up to a factor" }[String(claims.unbiased)]!;
    const families = claims.families.map((one) => one[0]!.toUpperCase()).join(", ");
    return row([
      `\`${name}\``,
      title,
      unbiased,
      families,
      `${forward} + ${backward}`,
      claims.sites,
      cite(paper),
    ]);
  });
  const head = ["name", "estimator", "unbiased", "families", "evaluations", "layers", "paper"];
  return [row(head), row(head.map(() => "---")), ...rows].join("\n");
}

function taskTable(): string {
  const head = ["name", "task", "what is learned"];
  return [
    row(head),
    row(head.map(() => "---")),
    ...tasks.map(({ name, title, doc }) => row([`\`${name}\``, title, doc])),
  ].join("\n");
}

const commandTable = (): string =>
  ["```", ...verbs.map(({ name, summary }) => `bench ${name.padEnd(10)}  ${summary}`), "```"].join("\n");

for (const [name, table] of [
  ["estimators", estimatorTable],
  ["tasks", taskTable],
  ["commands", commandTable],
] as const)
  test.serial(`README: the table of ${name} is what the code says (npm run readme writes it)`, (t) => {
    const text = readFileSync(path, "utf8");
    const between = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`);
    t.regex(text, between);
    const written = text.replace(between, (_all, start: string, end: string) => `${start}${table()}\n${end}`);
    if (update) writeFileSync(path, written);
    else t.is(text, written);
  });

import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import test from "ava";
import type { Estimator } from "../estimators/estimator.ts";
import { thoseWith } from "../estimators/distributions/index.ts";
import { papers, type Paper } from "../estimators/core/bibliography.ts";
import reinforce from "../estimators/reinforce.ts";
import st from "../estimators/st.ts";
import { describeEstimator } from "../runners/cli/text/describe.ts";
import { commands } from "../runners/cli/commands/index.ts";
import { openRegistry, type EstimatorEntry } from "../runners/plan/registry.ts";
import { tasks } from "../tasks/index.ts";

/** `npm run docs:tables` writes the tables that this file compares. */
const update = process.env["UPDATE_TABLES"] === "1";
const rootUrl = new URL("../", import.meta.url);
const root = fileURLToPath(rootUrl);
const readme = new URL("../README.md", import.meta.url);
const reference = new URL("../docs/reference.md", import.meta.url);
const known: Readonly<Record<string, Paper>> = papers;

function cite(key: string | undefined): string {
  const paper = key === undefined ? undefined : known[key];
  if (!paper) return key ?? "–";
  const [first, ...others] = paper.authors.map((author) => author.split(" ").at(-1)!);
  const names =
    others.length === 0 ? first! : others.length === 1 ? `${first} & ${others[0]}` : `${first} et al.`;
  return `[${names} ${paper.year}](${paper.link})`;
}

const row = (cells: readonly string[]) =>
  `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;

const words = { true: "yes", false: "no", direction: "up to a factor" };

/** Of a combinator: what becomes of an unbiased and of a biased estimator. */
function unbiasedOf({ combinator, estimator }: EstimatorEntry): string {
  const claim = ({ claims }: Estimator) => words[String(claims.unbiased) as keyof typeof words];
  if (combinator === undefined) return claim(estimator);
  const [proper, biased] = [reinforce, st].map((inner) => claim(combinator.combine(inner)));
  return proper === words.true && biased === words.false ? "as what it wraps" : proper!;
}

async function estimatorTable(): Promise<string> {
  const { estimators } = await openRegistry();
  const rows = estimators.map((entry) => {
    const { name, title, claims, paper } = describeEstimator(entry);
    const families = thoseWith(claims.requires)
      .map(({ letter }) => letter)
      .join(", ");
    const { forward, backward } = claims.evaluations;
    return row([
      ...[`\`${name}\``, title, unbiasedOf(entry), families],
      ...[`${forward} + ${backward}`, claims.sites, cite(paper ?? undefined)],
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
  ["```", ...commands.map(({ name, summary }) => `bench ${name.padEnd(14)}  ${summary}`), "```"].join("\n");

for (const [name, table] of [
  ["estimators", estimatorTable],
  ["tasks", taskTable],
  ["commands", commandTable],
] as const)
  test.serial(`docs/reference.md: the table of ${name} is up to date with the code`, async (t) => {
    const text = readFileSync(reference, "utf8");
    const between = new RegExp(`(<!-- ${name} -->\n)[^]*?(<!-- /${name} -->)`);
    t.regex(text, between);
    const made = await table();
    const written = text.replace(between, (_all, start: string, end: string) => `${start}${made}\n${end}`);
    if (update) writeFileSync(reference, written);
    else t.is(text, written, "`npm run docs:tables` writes it");
  });

test("docs/estimators.md has a row for every estimator and combinator, with the claim that the code makes", async (t) => {
  const text = readFileSync(new URL("../docs/estimators.md", import.meta.url), "utf8");
  const claims = { true: "unbiased", false: "biased", direction: "up to a factor" };
  for (const { name, estimator } of (await openRegistry()).estimators)
    t.true(
      text.includes(
        `\n| \`${name}\` | ${claims[String(estimator.claims.unbiased) as keyof typeof claims]} |`,
      ),
      name,
    );
});

const documents = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(root + "docs")
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
];

for (const document of documents)
  test(`${document}: links and pictures name files that exist`, (t) => {
    const text = readFileSync(root + document, "utf8");
    const links = [...text.matchAll(/\]\(([^)#\s]+)[^)]*\)/g)].map(([, link]) => link!);
    const local = links.filter((link) => !/^[a-z]+:/.test(link));
    const missing = local.filter((link) => !existsSync(new URL(link, new URL(document, rootUrl))));
    t.deepEqual(missing, []);
  });

test("docs/architecture.md names files and folders that exist", (t) => {
  const text = readFileSync(`${root}docs/architecture.md`, "utf8");
  const named = [...text.matchAll(/`((?:estimators|tasks|runners|reports|test)\/[\w./-]*)`/g)].map(
    ([, path]) => path!,
  );
  t.true(named.length > 10);
  t.deepEqual(
    named.filter((path) => !existsSync(root + path)),
    [],
  );
});

test("the README is at most 150 lines long and shows a report within the first 15", (t) => {
  const lines = readFileSync(readme, "utf8").trimEnd().split("\n");
  t.true(lines.length <= 150, `${lines.length} lines`);
  t.regex(lines.slice(0, 15).join("\n"), /!\[[^\]]+\]\(docs\/[^)]+\.png\)/);
  t.notRegex(lines.join("\n"), /@@/, "no placeholder is left");
});

/** From a command line to an exit status. Nothing here or in what it imports loads tfjs. */
import type { Argv } from "yargs";
import yargs from "yargs";
import { BenchError, exitOf, messageOf, mistake, type ExitStatus } from "../errors.ts";
import { suggestion } from "../options/suggest.ts";
import { flags, type Flag } from "./flags.ts";
import { painter, type Io } from "./io.ts";
import { settingsOf } from "./settings.ts";
import type { Verb } from "./commands/command.ts";
import { verbs } from "./commands/index.ts";

/** Runs one command, prints what it says, and answers its exit status. Throws nothing. */
export async function main(argv: readonly string[], io: Io): Promise<ExitStatus> {
  try {
    return await dispatch(argv, io);
  } catch (error) {
    sayError(error, argv, io);
    return exitOf(error) ?? 1;
  }
}

interface Chosen {
  readonly verb: Verb;
  readonly parsed: Readonly<Record<string, unknown>>;
}

async function dispatch(typed: readonly string[], io: Io): Promise<ExitStatus> {
  const argv = typed[0] === "help" ? [...typed.slice(1, 2), "--help"] : typed;
  refuseUnknown(argv);
  let chosen: Chosen | undefined;
  const parser = parserOf(argv, io, (verb, parsed) => {
    chosen = { verb, parsed };
  });
  let output = "";
  const parsed = await parser.parseAsync([...argv], {}, (_error: unknown, _argv: unknown, text: string) => {
    output = text;
  });
  if (output !== "") {
    io.stdout.write(`${output}\n`);
    return 0;
  }
  if (chosen !== undefined) return runVerb(chosen, argv, io);
  if (parsed["version"] === true) {
    const { packageVersion } = await import("../store/machine.ts");
    io.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  io.stderr.write(`${await parser.getHelp()}\n`);
  throw mistake("bench: a verb must be given, got none");
}

function parserOf(
  argv: readonly string[],
  io: Io,
  choose: (verb: Verb, parsed: Chosen["parsed"]) => void,
): Argv {
  const purpose = "which gradient estimator for discrete variables, on which task, at what cost";
  let parser: Argv = yargs([])
    .scriptName("bench")
    .locale("en")
    .usage(`bench: ${purpose}\n\n$0 <verb> [flags]`)
    .exitProcess(false)
    .showHelpOnFail(false)
    .strict()
    .parserConfiguration({
      "camel-case-expansion": false,
      "boolean-negation": false,
      "dot-notation": false,
      "parse-positional-numbers": false,
    })
    .wrap(Math.min(110, io.stdout.columns || 100))
    .help("help")
    .alias("help", "h")
    .version(false)
    .option("version", { type: "boolean", describe: "print the version", global: false })
    .fail((message, error) => {
      if (error instanceof Error && error.name !== "YError") throw error;
      throw mistake(reworded(error?.message ?? message, verbOf(argv)));
    });
  for (const verb of verbs) {
    const declared = (y: Argv) => declare(y, verb);
    parser = parser.command(signature(verb), verb.summary, declared, (parsed) => choose(verb, parsed));
  }
  return parser
    .example("bench run --estimator gs --task cat10", "train, and write a report")
    .example("bench run -e gs,rloo:samples=4 -t cat10 --quick", "see that it works")
    .example("bench list estimators", "what there is");
}

async function runVerb({ verb, parsed }: Chosen, argv: readonly string[], io: Io): Promise<ExitStatus> {
  const given = await settingsOf(parsed, verb.flags, io);
  const positional = Object.fromEntries(
    (verb.positionals ?? []).map(({ name }) => [
      name,
      parsed[name] as string | readonly string[] | undefined,
    ]),
  );
  return verb.run({ given, positional, argv, io });
}

function signature({ name, positionals = [] }: Verb): string {
  const parts = positionals.map(({ name: part, optional, many }) => {
    const inner = `${part}${many === true ? ".." : ""}`;
    return optional === true ? `[${inner}]` : `<${inner}>`;
  });
  return [name, ...parts].join(" ");
}

function declare(parser: Argv, verb: Verb): Argv {
  let declared = parser
    .usage(`bench ${signature(verb)} [flags]\n\n${verb.summary}`)
    .option("version", { hidden: true });
  for (const { name, doc, choices } of verb.positionals ?? []) {
    const limited = choices === undefined ? {} : { choices };
    declared = declared.positional(name, { type: "string", describe: doc, ...limited });
  }
  for (const name of verb.flags) {
    const { kind, alias, doc, value }: Flag = flags[name];
    const type =
      kind === "switch" ? ({ type: "boolean" } as const) : ({ type: "string", requiresArg: true } as const);
    const shown = value === undefined ? doc : `${value}: ${doc}`;
    const many = kind === "texts" ? { array: true, nargs: 1 } : {};
    declared = declared.option(name, {
      ...type,
      ...many,
      describe: shown,
      ...(alias === undefined ? {} : { alias }),
    });
  }
  for (const [command, does] of verb.examples) declared = declared.example(`bench ${command}`, does);
  return declared;
}

const verbOf = ([first]: readonly string[]) => verbs.find(({ name }) => name === first);

/** Names verbs and flags that do not exist, with a suggestion, before the parser does. */
function refuseUnknown(argv: readonly string[]): void {
  const [first] = argv;
  if (first === undefined || first.startsWith("-")) return;
  const verb = verbOf(argv);
  if (verb === undefined) {
    throw mistake(`bench: the verb must be one there is, got "${first}"${suggestion(first, verbs)}`);
  }
  for (const word of argv.slice(1)) {
    if (word === "--") return;
    const name = /^--([^=]+)/.exec(word)?.[1];
    if (name === undefined || name === "help" || name === "version") continue;
    if (!(verb.flags as readonly string[]).includes(name)) {
      throw mistake(
        `bench ${verb.name}: the flag must be one it has, got "--${name}"${suggestion(name, verb.flags)}`,
      );
    }
  }
}

/** What yargs finds, in our words: it speaks in fragments. */
function reworded(message: string, verb: Verb | undefined): string {
  const text = message.trim();
  const at = verb === undefined ? "bench" : `bench ${verb.name}`;
  const rewordings: readonly (readonly [RegExp, (...parts: string[]) => string])[] = [
    [
      /^Not enough arguments following: (.*)/,
      (_, flag) => `--${flag}: it must be followed by a value, got none`,
    ],
    [
      /^Unknown (?:argument|command)s?: (.*)/,
      (_, word) => `${at}: every word must be one that the verb takes, got "${word}"`,
    ],
    [/^Not enough non-option arguments: got (\d+)/, (_, got) => `${at}: ${missing(verb, Number(got))}`],
    [
      /^Invalid values:\s+Argument: (.*), Given: "?(.*?)"?, Choices: .*/s,
      (_, name, word) => `${at}: ${notOne(verb, name, word)}`,
    ],
  ];
  for (const [pattern, say] of rewordings) {
    const found = pattern.exec(text);
    if (found !== null) return say(...found);
  }
  return `${at}: ${text.split("\n", 1)[0]!}`;
}

/** `<paper> must be given (whose experiments): jang2016, kool2020, …` */
function missing(verb: Verb | undefined, got: number): string {
  const wanted = verb?.positionals?.filter(({ optional }) => optional !== true)[got];
  if (wanted === undefined) return "a word is missing";
  const { name, doc, choices } = wanted;
  const among = choices === undefined ? "" : `. There are ${choices.join(", ")}`;
  return `<${name}> (${doc}) must be given, got none${among}`;
}

function notOne(verb: Verb | undefined, name: string, word: string): string {
  const choices = verb?.positionals?.find((one) => one.name === name)?.choices ?? [];
  return `<${name}> must be one there is, got "${word}"${suggestion(word, choices)}`;
}

function sayError(error: unknown, argv: readonly string[], io: Io): void {
  const paint = painter(io.stderr, io.env);
  const known = exitOf(error) !== undefined;
  io.stderr.write(`${paint("red", "error")} ${messageOf(error)}\n`);
  if (error instanceof BenchError && error.detail !== undefined) io.stderr.write(`${error.detail}\n`);
  const wanted = !known || argv.includes("--verbose") || argv.includes("-v");
  if (wanted && error instanceof Error && error.stack !== undefined) io.stderr.write(`${error.stack}\n`);
}

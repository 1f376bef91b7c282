/** From a command line to an exit status. Neither this file nor its imports load tfjs. */
import type { Argv } from "yargs";
import yargs from "yargs";
import { BenchError, exitOf, messageOf, mistake, type ExitStatus } from "../errors.ts";
import { unknownName } from "../options/suggest.ts";
import type { Command, Invocation } from "./commands/command.ts";
import { commands } from "./commands/index.ts";
import { readFlags } from "./flag-values.ts";
import { flag } from "./flags.ts";
import { painter, type Io, type Stream } from "./output.ts";

type Parsed = Readonly<Record<string, unknown>>;

/** Runs one command, prints its results and errors, and returns its exit status. Throws nothing. */
export async function main(argv: readonly string[], io: Io): Promise<ExitStatus> {
  try {
    return await dispatch(argv[0] === "help" ? [...argv.slice(1, 2), "--help"] : argv, io);
  } catch (error) {
    printError(error, argv, io);
    return exitOf(error) ?? 1;
  }
}

async function dispatch(argv: readonly string[], io: Io): Promise<ExitStatus> {
  const [first = "-"] = argv;
  if (!first.startsWith("-") && !commands.some(({ name }) => name === first))
    throw unknownName("command", first, commands);
  let chosen: Command | undefined;
  const parser = parserOf(io, (command) => (chosen = command));
  let help = "";
  const parsed = (await parser.parseAsync([...argv], {}, (_error: unknown, _argv: unknown, text: string) => {
    help = text;
  })) as Parsed;
  if (help !== "") {
    io.stdout.write(`${help}\n`);
    return 0;
  }
  refuseUnknown(parsed, chosen);
  if (chosen !== undefined) {
    const flags = await readFlags(parsed, chosen.flags, io, chosen.defaults);
    const values = (chosen.positionals ?? []).map(({ name }) => [name, [parsed[name] ?? []].flat()]);
    const positional = Object.fromEntries(values) as Record<string, string[]>;
    return runWatched(chosen, { flags, positional, argv, io });
  }
  if (parsed["version"] === true) {
    const { packageVersion } = await import("../store/machine.ts");
    io.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  io.stderr.write(`${await parser.getHelp()}\n`);
  throw mistake("No command is given.");
}

/** Runs a command. Where it computes with plug-ins, a line says when nothing has been written for a minute. */
async function runWatched(command: Command, invocation: Invocation): Promise<ExitStatus> {
  const { flags, positional, io } = invocation;
  const computes = (["jobs", "engine"] as const).some((name) => command.flags.includes(name));
  const files = Object.values(positional)
    .flat()
    .filter((word) => /^\.{0,2}\//.test(word));
  if (!computes || flags.plugins().length + files.length === 0) return command.run(invocation);
  const { withSilenceWatch } = await import("../plugins/silence-watch.ts");
  return withSilenceWatch((heard) => {
    const heardFrom = (stream: Stream): Stream => ({
      write(text) {
        heard();
        return stream.write(text);
      },
      isTTY: stream.isTTY,
      get columns() {
        return stream.columns;
      },
    });
    const watched = { ...io, stdout: heardFrom(io.stdout), stderr: heardFrom(io.stderr) };
    return command.run({ ...invocation, io: watched });
  });
}

function parserOf(io: Io, choose: (command: Command) => void): Argv {
  let parser: Argv = yargs([])
    .scriptName("bench")
    .locale("en")
    .updateStrings({ "Not enough arguments following: %s": "--%s requires a value." })
    .usage("bench <command> [options]\n\nBenchmarks gradient estimators of discrete latent variables.")
    .exitProcess(false)
    .showHelpOnFail(false)
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
    .option("version", { type: "boolean", describe: "Print the version", global: false })
    .fail((message, error) => {
      throw error instanceof Error && error.name !== "YError" ? error : mistake(error?.message ?? message);
    });
  for (const command of commands)
    parser = parser.command(
      signature(command),
      command.summary,
      (y: Argv) => declare(y, command),
      () => choose(command),
    );
  return parser
    .example("bench run --estimator gs --task cat10", "Train and write a report")
    .example("bench run -e gs,rloo:samples=4 -t cat10 --quick", "The same as a short test")
    .example("bench list estimators", "List the estimators");
}

function signature({ name, positionals = [] }: Command): string {
  const parts = positionals.map(({ name: part, optional, many }) => {
    const inner = `${part}${many === true ? ".." : ""}`;
    return optional === true ? `[${inner}]` : `<${inner}>`;
  });
  return [name, ...parts].join(" ");
}

const usageOf = (command: Command) => `bench ${signature(command)} [options]`;

function declare(parser: Argv, command: Command): Argv {
  const known = (command.positionals ?? []).filter(({ choices }) => choices !== undefined);
  const oneOf = known.map(({ name, choices }) => `; <${name}> is one of ${choices!.join(", ")}`).join("");
  const missing = `Missing argument (got %s of %s). Usage: ${usageOf(command)}${oneOf}`;
  let declared = parser
    .usage(`${usageOf(command)}\n\n${command.summary}`)
    .updateStrings({
      "Not enough non-option arguments: got %s, need at least %s": { one: missing, other: missing },
    } as unknown as Record<string, string>)
    .option("version", { hidden: true });
  for (const { name, doc, choices, default: usual } of command.positionals ?? []) {
    const chosen = (value: string) => {
      if (choices === undefined || value === undefined || choices.includes(value)) return value;
      throw unknownName(name, value, choices);
    };
    declared = declared.positional(name, {
      ...{ type: "string", describe: doc, coerce: chosen },
      ...(choices === undefined ? {} : { choices }),
      ...(usual === undefined ? {} : { defaultDescription: usual }),
    });
  }
  for (const name of command.flags) {
    const { type, alias, doc, default: usual } = flag(name);
    const shown = command.defaults?.[name] ?? usual;
    declared = declared.option(name, {
      ...(type === "switch" ? { type: "boolean" } : { type: "string", requiresArg: true }),
      ...(type === "list" ? { array: true, nargs: 1 } : {}),
      describe: doc,
      ...(alias === undefined ? {} : { alias }),
      ...(shown === undefined ? {} : { defaultDescription: shown }),
    });
  }
  for (const [words, does] of command.examples) declared = declared.example(`bench ${words}`, does);
  return declared;
}

/** Refuses flags and arguments that the command does not have. */
function refuseUnknown(parsed: Parsed, command: Command | undefined): void {
  const { flags = [], positionals = [] } = command ?? {};
  const aliases = flags.flatMap((name) => flag(name).alias ?? []);
  const known = [
    "_",
    "$0",
    "help",
    "h",
    "version",
    ...positionals.map(({ name }) => name),
    ...flags,
    ...aliases,
  ];
  const unknown = Object.keys(parsed).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    const dashed = unknown.length === 1 ? `-${unknown}` : `--${unknown}`;
    throw unknownName(
      "option",
      dashed,
      ["help", ...flags].map((name) => `--${name}`),
    );
  }
  const [extra] = (parsed["_"] as string[]).slice(1);
  if (command !== undefined && extra !== undefined)
    throw mistake(`Unexpected argument "${extra}". Usage: ${usageOf(command)}`);
}

function printError(error: unknown, argv: readonly string[], io: Io): void {
  const paint = painter(io.stderr, io.env);
  io.stderr.write(`${paint("red", "error")} ${messageOf(error)}\n`);
  if (error instanceof BenchError && error.detail !== undefined) io.stderr.write(`${error.detail}\n`);
  const stack = exitOf(error) === undefined || argv.includes("--verbose") || argv.includes("-v");
  if (stack && error instanceof Error && error.stack !== undefined) io.stderr.write(`${error.stack}\n`);
}

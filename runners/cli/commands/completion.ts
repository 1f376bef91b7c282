import { flag, type FlagName } from "../flags.ts";
import { argument, type Command } from "./command.ts";

/** The command `bench completion`. It gets the list of commands, which includes itself, as a function. */
export const completionOf = (commands: () => readonly Command[]): Command => ({
  name: "completion",
  summary: "Print a script that completes commands, flags and names in the shell.",
  positionals: [
    { name: "shell", doc: "Shell of the script", choices: ["bash", "zsh"], default: "bash", optional: true },
  ],
  flags: ["plugin", "config"],
  examples: [
    ["completion >> ~/.bashrc", "For bash"],
    ["completion zsh >> ~/.zshrc", "For zsh"],
    ["completion --plugin ./mine.ts", "With your own estimator"],
  ],
  async run(invocation) {
    const { flags, io } = invocation;
    const [{ openRegistry }, { engines }] = await Promise.all([
      import("../../plan/registry.ts"),
      import("../../engine/index.ts"),
    ]);
    const { estimators, tasks } = await openRegistry(flags.plugins());
    const zsh = argument(invocation, "shell") === "zsh";
    const names = { estimators: namesOf(estimators), tasks: namesOf(tasks), engines: namesOf(engines) };
    io.stdout.write(
      `${zsh ? "autoload -U +X bashcompinit && bashcompinit\n" : ""}${script(commands(), names)}`,
    );
    return 0;
  },
});

const namesOf = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name).join(" ");

function script(
  commands: readonly Command[],
  names: Readonly<Record<"estimators" | "tasks" | "engines", string>>,
): string {
  const cases = commands.map(({ name, flags, positionals = [] }) => {
    const choices = positionals.flatMap((positional) => positional.choices ?? []);
    const known = name === "info" ? [names.estimators, names.tasks] : [];
    const words = [...flags.map((one) => `--${one}`), "--help", ...choices, ...known];
    return `    ${name}) words="${words.join(" ")}" ;;`;
  });
  const after = (name: FlagName) => `--${name}|-${flag(name).alias}`;
  return `_bench() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  case "$before" in
    ${after("estimator")}) words="${names.estimators}" ;;
    ${after("task")}) words="${names.tasks}" ;;
    --engine) words="${names.engines}" ;;
    ${after("out")}|--data|--plugin|--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    bench) words="${namesOf(commands)}" ;;
    *) case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _bench bench
`;
}

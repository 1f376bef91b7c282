import { flags, type Flag, type FlagName } from "../flags.ts";
import { one, type Verb } from "./command.ts";

export const completion: Verb = {
  name: "completion",
  summary: "Print the shell's completion of verbs, flags and names.",
  positionals: [{ name: "shell", doc: "bash unless said", choices: ["bash", "zsh"], optional: true }],
  flags: ["plugin", "config"],
  examples: [
    ["completion >> ~/.bashrc", "for bash"],
    ["completion zsh >> ~/.zshrc", "for zsh"],
    ["completion --plugin ./mine.ts", "with an estimator of your own"],
  ],
  async run(call) {
    const { given, io } = call;
    const [{ openRegistry }, { engines }, { verbs }] = await Promise.all([
      import("../../plan/registry.ts"),
      import("../../engine/index.ts"),
      import("./index.ts"),
    ]);
    const plugins = given.texts("plugin").map((spec) => ({ spec, folder: given.folderOf("plugin") }));
    const { estimators, tasks } = await openRegistry(plugins);
    const names = (items: readonly { readonly name: string }[]) => items.map(({ name }) => name).join(" ");
    const head = one(call, "shell") === "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
    const words = {
      estimators: names(estimators),
      tasks: names(tasks),
      engines: names(engines),
    };
    io.stdout.write(head + script(verbs, words));
    return 0;
  },
};

function script(
  verbs: readonly Verb[],
  words: Readonly<Record<"estimators" | "tasks" | "engines", string>>,
): string {
  const cases = verbs.map(({ name, flags: taken, positionals = [] }) => {
    const choices = positionals.flatMap((positional) => positional.choices ?? []);
    const known = name === "info" ? [words.estimators, words.tasks] : [];
    const all = [...taken.map((flag: FlagName) => `--${flag}`), "--help", ...choices, ...known];
    return `    ${name}) words="${all.join(" ")}" ;;`;
  });
  const after = (name: FlagName) => {
    const { alias }: Flag = flags[name];
    return alias === undefined ? `--${name}` : `--${name}|-${alias}`;
  };
  return `_bench() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  case "$before" in
    ${after("estimator")}) words="${words.estimators}" ;;
    ${after("task")}) words="${words.tasks}" ;;
    --engine) words="${words.engines}" ;;
    ${after("out")}|--data|--plugin|--config) COMPREPLY=($(compgen -f -- "$word")); return ;;
    bench) words="${verbs.map(({ name }) => name).join(" ")}" ;;
    *) case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o default -F _bench bench
`;
}

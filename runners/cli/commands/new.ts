import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { mistake } from "../../errors.ts";
import { unknownName } from "../../options/suggest.ts";
import { replaceFile } from "../../../reports/format/disk.ts";
import { estimatorText } from "../text/estimator-text.ts";
import { taskKinds, taskText, type TaskKind } from "../text/task-text.ts";
import { argument, type Command } from "./command.ts";

interface Named {
  readonly name: string;
  readonly aliases?: readonly string[];
}

export const newPlugin: Command = {
  name: "new",
  summary: "Write a plug-in to start from: an estimator or a task in one file, ready to train.",
  positionals: [
    { name: "type", doc: "What to write", choices: ["estimator", "task"] },
    { name: "name", doc: "Its name, such as my-estimator" },
  ],
  flags: ["kind", "js", "out"],
  examples: [
    ["new estimator mine", "Write mine.ts"],
    ["new task bars --kind vae", "Write bars.ts, an autoencoder for your own data"],
    ["run -e mine,gs -t cat10 --plugin ./mine.ts", "Train it beside gs"],
  ],
  async run(invocation) {
    const { flags, io } = invocation;
    const name = argument(invocation, "name") ?? "";
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
      throw mistake(`The name must be lower-case letters and digits, joined by dashes, got "${name}".`);
    const { openRegistry } = await import("../../plan/registry.ts");
    for (const [kind, entries] of Object.entries(await openRegistry()))
      if ((entries as readonly Named[]).some((one) => one.name === name || one.aliases?.includes(name)))
        throw mistake(`The name "${name}" is taken by a built-in ${kind.slice(0, -1)}.`);
    const language = flags.on("js") ? "js" : "ts";
    const kind = flags.text("kind");
    const isTask = argument(invocation, "type") === "task";
    if (kind !== undefined && !isTask) throw mistake("--kind is for bench new task.");
    const text = isTask ? taskText(taskKind(kind), name, language) : estimatorText(name, language);
    const folder = flags.text("out") ?? io.cwd;
    if (!existsSync(folder)) throw mistake(`--out: ${folder} does not exist.`);
    const path = join(folder, `${name}.${language}`);
    if (existsSync(path)) throw mistake(`${path} exists already.`);
    replaceFile(path, text);
    const near = relative(io.cwd, path);
    const shown = near.startsWith("..") ? path : `./${near}`;
    const pair = isTask ? `-e rloo -t ${name}` : `-e ${name} -t cat10`;
    io.stdout.write(`${shown}\nTry it: bench run ${pair} --plugin ${shown} --quick\n`);
    return 0;
  },
};

function taskKind(kind = "toy"): TaskKind {
  const found = taskKinds.find((known) => known === kind);
  if (found === undefined) throw unknownName("kind", kind, taskKinds.map((known) => ({ name: known }))); // prettier-ignore
  return found;
}

import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { mistake } from "../../errors.ts";
import { replaceFile } from "../../../reports/format/disk.ts";
import { pluginText } from "../text/plugin-text.ts";
import { argument, type Command } from "./command.ts";

export const newPlugin: Command = {
  name: "new",
  summary: "Write a plug-in to start from: an estimator in one file, ready to train.",
  positionals: [
    { name: "kind", doc: "What to write", choices: ["estimator"] },
    { name: "name", doc: "Its name, such as my-estimator" },
  ],
  flags: ["js", "out"],
  examples: [
    ["new estimator mine", "Write mine.ts"],
    ["new estimator mine --js", "Write mine.js"],
    ["run -e mine,gs -t cat10 --plugin ./mine.ts", "Train it beside gs"],
  ],
  async run(invocation) {
    const { flags, io } = invocation;
    const name = argument(invocation, "name") ?? "";
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
      throw mistake(`The name must be lower-case letters and digits, joined by dashes, got "${name}".`);
    const { openRegistry } = await import("../../plan/registry.ts");
    const { estimators } = await openRegistry();
    if (estimators.some((entry) => entry.name === name))
      throw mistake(`The name "${name}" is taken by a built-in estimator.`);
    const language = flags.on("js") ? "js" : "ts";
    const folder = flags.text("out") ?? io.cwd;
    if (!existsSync(folder)) throw mistake(`--out: ${folder} does not exist.`);
    const path = join(folder, `${name}.${language}`);
    if (existsSync(path)) throw mistake(`${path} exists already.`);
    replaceFile(path, pluginText(name, language));
    const near = relative(io.cwd, path);
    const shown = near.startsWith("..") ? path : `./${near}`;
    io.stdout.write(`${shown}\nTry it: bench run -e ${name} -t cat10 --plugin ${shown} --quick\n`);
    return 0;
  },
};

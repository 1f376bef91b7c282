import { existsSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { mistake } from "../../errors.ts";
import { replaceFile } from "../../../reports/format/disk.ts";
import { scaffold as write } from "../text/scaffold.ts";
import { one, type Verb } from "./command.ts";

export const scaffold: Verb = {
  name: "new",
  summary: "Write the first version of an estimator of your own: one file that trains as it is.",
  positionals: [
    { name: "what", doc: "what to write", choices: ["estimator"] },
    { name: "name", doc: "its name, such as my-estimator" },
  ],
  flags: ["js", "out"],
  examples: [
    ["new estimator mine", "mine.ts, here"],
    ["new estimator mine --js", "mine.js"],
    ["run -e mine,gs -t cat10 --plugin ./mine.ts", "and how to run it"],
  ],
  async run(call) {
    const { given, io } = call;
    const name = one(call, "name") ?? "";
    if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
      throw mistake(
        `new: a name must be lower-case letters and digits, with single dashes between, got "${name}"`,
      );
    }
    const { openRegistry } = await import("../../plan/registry.ts");
    const { estimators } = await openRegistry();
    if (estimators.some((entry) => entry.name === name)) {
      throw mistake(`new: the name must be its own, got "${name}", the name of a built-in estimator`);
    }
    const js = given.on("js");
    const folder = given.text("out") ?? io.cwd;
    if (!existsSync(folder)) throw mistake(`new: the folder must exist, got none at ${folder}`);
    const path = join(resolve(folder), `${name}.${js ? "js" : "ts"}`);
    if (existsSync(path))
      throw mistake(`new: the file must not exist yet (nothing is overwritten), got ${path}`);
    replaceFile(path, write(name, js ? "js" : "ts"));
    const near = relative(io.cwd, path);
    const shown = near.startsWith("..") ? path : `./${near}`;
    io.stdout.write(`${shown}\ntry it: bench run -e ${name} -t cat10 --plugin ${shown} --quick\n`);
    return 0;
  },
};

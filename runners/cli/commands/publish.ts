import { existsSync } from "node:fs";
import { join } from "node:path";
import { plural } from "../../../reports/aggregate/numbers.ts";
import { mistake } from "../../errors.ts";
import { shownPath } from "../output.ts";
import { existingRun } from "../run-folder.ts";
import { print, type Command } from "./command.ts";

export const publish: Command = {
  name: "publish",
  summary: "Add finished runs to a folder of static pages with a leaderboard.",
  positionals: [
    {
      name: "runs",
      doc: "Folders of finished runs; none to write the index again",
      many: true,
      optional: true,
    },
  ],
  flags: ["to", "json", "verbose"],
  examples: [
    ["publish runs/A --to site", "Write site/runs/ID and site/index.html"],
    ["publish runs/* --to docs/runs", "Add all runs to a folder that GitHub Pages shows"],
    ["publish --to site", "Write the index again after a run's folder was removed"],
  ],
  async run(invocation) {
    const { flags, io, positional } = invocation;
    const to = flags.text("to");
    if (to === undefined) throw mistake("--to is required: the folder of the published runs.");
    if (positional["runs"]!.length === 0 && !existsSync(join(to, "index.html")))
      throw mistake(`${shownPath(io.cwd, to)} holds no published runs; name the runs to publish.`);
    const folders = positional["runs"]!.map((folder) => existingRun(io.cwd, folder));
    const [{ prepareRuns, publishRuns }, { makeFolder }, { waitForLock }] = await Promise.all([
      import("../../../reports/export/publish-runs.ts"),
      import("../../../reports/format/disk.ts"),
      import("../../store/lock.ts"),
    ]);
    const prepared = prepareRuns(folders, to);
    makeFolder(to);
    const lock = await waitForLock(join(to, ".index"));
    try {
      const published = publishRuns(prepared, to);
      const { index, runs, total } = published;
      print(invocation, published, () => {
        const lines = runs.map(({ folder, duplicate }, k) => {
          const name = shownPath(io.cwd, folders[k]!);
          const path = shownPath(io.cwd, folder);
          return duplicate ? `${name} is published already, as ${path}.\n` : `${name}: ${path}\n`;
        });
        return `${lines.join("")}index: ${shownPath(io.cwd, index)}, ${plural(total.runs, "run")}, ${plural(total.rows, "row")}\n`;
      });
      return 0;
    } finally {
      lock.release(true);
    }
  },
};

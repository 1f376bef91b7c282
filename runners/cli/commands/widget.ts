import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { openFile } from "../open-page.ts";
import type { Verb } from "./command.ts";

export const widget: Verb = {
  name: "widget",
  summary: "Write the interactive Gumbel-Softmax picture as a page of its own.",
  flags: ["out", "open"],
  examples: [
    ["widget", "writes gumbel-softmax.html here"],
    ["widget -o talk/widget.html", "or where it is wanted"],
    ["widget --open", "and shows it in a browser"],
  ],
  async run({ given, io }) {
    const { writeWidget } = await import("../../../reports/export/write-report.ts");
    const wanted = resolve(io.cwd, given.text("out") ?? ".");
    const path = isFolder(wanted) ? join(wanted, "gumbel-softmax.html") : wanted;
    writeWidget(path);
    io.stdout.write(`widget: ${path}\n`);
    if (given.on("open")) openFile(path);
    return 0;
  },
};

const isFolder = (path: string) => existsSync(path) && statSync(path).isDirectory();

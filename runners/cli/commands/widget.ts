import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { openFile } from "../output.ts";
import type { Command } from "./command.ts";

export const widget: Command = {
  name: "widget",
  summary: "Write the interactive Gumbel-Softmax picture as a web page.",
  flags: ["out", "open"],
  examples: [
    ["widget", "Write gumbel-softmax.html"],
    ["widget -o talk/widget.html", "Write it elsewhere"],
    ["widget --open", "Write it and open it in a browser"],
  ],
  async run({ flags, io }) {
    const { writeWidget } = await import("../../../reports/export/write-report.ts");
    const out = resolve(io.cwd, flags.text("out") ?? ".");
    const path = existsSync(out) && statSync(out).isDirectory() ? join(out, "gumbel-softmax.html") : out;
    writeWidget(path);
    io.stdout.write(`widget: ${path}\n`);
    if (flags.on("open")) openFile(path);
    return 0;
  },
};

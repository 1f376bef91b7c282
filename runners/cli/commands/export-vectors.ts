import { join, resolve } from "node:path";
import { plural } from "../../../reports/aggregate/numbers.ts";
import { messageOf, mistake } from "../../errors.ts";
import { shownPath } from "../output.ts";
import { progressLines, type Command } from "./command.ts";

export const exportVectors: Command = {
  name: "export-vectors",
  summary: "Write draws of estimators as test vectors for other languages.",
  positionals: [{ name: "estimators", doc: "Estimators and their options", many: true, optional: true }],
  flags: ["out", "plugin", "config", "quiet"],
  defaults: { out: "vectors" },
  examples: [
    ["export-vectors", "All estimators, into vectors/"],
    ["export-vectors gs st-gs rloo:samples=2 -o mine", "Three of them"],
    ["export-vectors --plugin ./mine.ts mine", "One of your own"],
  ],
  async run(invocation) {
    const { flags, io, positional } = invocation;
    const [vectors, { npz }, { openRegistry }, { openCheckEngine }, { fileNameOf, namesIn, replaceFile }] =
      await Promise.all([
        import("../../vectors/index.ts"),
        import("../../vectors/npz.ts"),
        import("../../plan/registry.ts"),
        import("../../check/choose-checked.ts"),
        import("../../../reports/format/disk.ts"),
      ]);
    const chosen = vectors.chooseVectors(positional["estimators"] ?? [], await openRegistry(flags.plugins()));
    const out = flags.text("out") ?? resolve(io.cwd, "vectors");
    const other = namesIn(out).find((name) => !/^\.|^index\.json$|\.npz$/.test(name));
    if (other !== undefined)
      throw mistake(`${shownPath(io.cwd, out)} holds other files than vectors: ${other}.`);
    const progress = progressLines(invocation);
    const engine = await openCheckEngine();
    const written: Parameters<typeof vectors.vectorIndex>[0][number][] = [];
    try {
      for (const one of chosen) {
        const made = await vectors.testVectors(one, engine).catch((error: unknown) => {
          throw mistake(`${one.label}: ${messageOf(error)}`);
        });
        if (made.length === 0) progress(`${one.label}: no task of the vectors fits its claims.`);
        for (const vector of made)
          written.push({ file: `${fileNameOf(vector.estimator)}.${vector.task}.npz`, ...vector });
      }
    } finally {
      await engine.close();
    }
    if (written.length === 0) throw mistake("There is no vector to write.");
    for (const { file, arrays } of written) replaceFile(join(out, file), npz(arrays));
    replaceFile(join(out, "index.json"), `${JSON.stringify(vectors.vectorIndex(written), null, 2)}\n`);
    io.stdout.write(`${plural(written.length, "vector")}: ${shownPath(io.cwd, out)}\n`);
    return 0;
  },
};

import { mistake } from "../../errors.ts";
import { suggestion } from "../../options/suggest.ts";
import { one, printJson, type Call, type Verb } from "./command.ts";

export const data: Verb = {
  name: "data",
  summary: "Say where the data are, and whether their sums hold.",
  positionals: [
    {
      name: "what",
      doc: "path: where; verify: read and check all; prepare: the same, for there is nothing more to do",
      choices: ["path", "verify", "prepare"],
      optional: true,
    },
    { name: "set", doc: "the data set: mnist", optional: true },
  ],
  flags: ["data", "config", "json"],
  examples: [
    ["data", "where MNIST is, and whether it is whole"],
    ["data path mnist", "its folder"],
    ["data verify --data ./my-digits", "IDX files of your own"],
  ],
  async run(call) {
    const { given, io } = call;
    const set = one(call, "set") ?? "mnist";
    if (set !== "mnist")
      throw mistake(`data: the set must be one there is, got "${set}"${suggestion(set, ["mnist"])}`);
    const named = given.text("data");
    const folder = named ?? (await import("../../../tasks/data/mnist.ts")).mnistFolder();
    if (one(call, "what") === "path") {
      if (given.on("json")) printJson(io, { set, folder });
      else io.stdout.write(`${folder}\n`);
      return 0;
    }
    await verify(call, { set, folder, named });
    return 0;
  },
};

interface Where {
  readonly set: string;
  readonly folder: string;
  /** The folder of the user's own files, if any. */
  readonly named: string | undefined;
}

async function verify({ given, io }: Call, { set, folder, named }: Where): Promise<void> {
  const { loadImages } = await import("../../../tasks/data/load-images.ts");
  const images = await loadImages(named === undefined ? {} : { folder: named });
  const splits = Object.fromEntries(
    Object.entries(images.splits).map(([split, { rows, labels }]) => [
      split,
      { rows, labels: labels !== undefined },
    ]),
  );
  const { sums, binary } = images;
  if (given.on("json")) {
    printJson(io, { set, folder, whole: true, published: named === undefined, binary, splits, sums });
    return;
  }
  io.stdout.write(`${folder}\n`);
  for (const [split, { rows, labels }] of Object.entries(splits)) {
    io.stdout.write(`  ${split}: ${rows} images${labels ? " with labels" : ""}${binary ? ", binary" : ""}\n`);
  }
  for (const [file, sum] of Object.entries(sums)) {
    io.stdout.write(`  ${file} md5 ${sum}${named === undefined ? " as published" : ""}\n`);
  }
}

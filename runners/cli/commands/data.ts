import { argument, print, type Command } from "./command.ts";

export const data: Command = {
  name: "data",
  summary: "Print where the data are, and check them.",
  positionals: [
    {
      name: "action",
      doc: "path prints the folder; verify also reads and checks all files",
      ...{ choices: ["path", "verify"], default: "verify", optional: true },
    },
    { name: "set", doc: "Data set", choices: ["mnist"], default: "mnist", optional: true },
  ],
  flags: ["data", "config", "json"],
  examples: [
    ["data", "Where MNIST is, and whether its checksums hold"],
    ["data path mnist", "Its folder"],
    ["data verify --data ./my-digits", "Your own IDX files"],
  ],
  async run(invocation) {
    const { flags } = invocation;
    const set = argument(invocation, "set") ?? "mnist";
    const own = flags.text("data");
    const folder = own ?? (await import("../../../tasks/data/mnist.ts")).mnistFolder();
    if (argument(invocation, "action") === "path") {
      print(invocation, { set, folder }, () => `${folder}\n`);
      return 0;
    }
    const { loadImages } = await import("../../../tasks/data/load-images.ts");
    const { sums, binary, splits: loaded } = await loadImages(own === undefined ? {} : { folder: own });
    const splits = Object.fromEntries(
      Object.entries(loaded).map(([split, { rows, labels }]) => [
        split,
        { rows, labels: labels !== undefined },
      ]),
    );
    print(
      invocation,
      { set, folder, whole: true, published: own === undefined, binary, splits, sums },
      () => {
        const images = Object.entries(splits).map(
          ([split, { rows, labels }]) =>
            `  ${split}: ${rows} images${labels ? " with labels" : ""}${binary ? ", binary" : ""}\n`,
        );
        const files = Object.entries(sums).map(
          ([file, sum]) => `  ${file} md5 ${sum}${own === undefined ? " as published" : ""}\n`,
        );
        return `${folder}\n${images.join("")}${files.join("")}`;
      },
    );
    return 0;
  },
};

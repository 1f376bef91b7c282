import type { DataSetName } from "../../../tasks/data/data-set-names.ts";
import { argument, print, type Command, type Invocation } from "./command.ts";

const sets = ["mnist", "fashion", "digits", "omniglot", "cifar10"] as const satisfies readonly DataSetName[];

export const data: Command = {
  name: "data",
  summary: "Say which data sets are here, and check their files.",
  positionals: [
    {
      name: "action",
      doc: "list says which are here and how to get the others; path prints the folder of one; verify reads and checks its files",
      ...{ choices: ["list", "path", "verify"], default: "list", optional: true },
    },
    { name: "set", doc: "Data set", choices: sets, default: "mnist", optional: true },
  ],
  flags: ["data", "config", "json"],
  examples: [
    ["data", "The data sets that are here, and how to get the others"],
    ["data verify mnist", "Whether its files have the published checksums"],
    ["data verify --data ./my-digits", "Your own IDX files"],
  ],
  async run(invocation) {
    const { placeOf } = await import("../../../tasks/data/data-sets.ts");
    const set = (argument(invocation, "set") ?? "mnist") as DataSetName;
    const own = invocation.flags.text("data");
    const action = argument(invocation, "action") ?? "list";
    if (action === "verify") await verify(invocation, set, own);
    else if (action === "list") await list(invocation, own);
    else {
      const folder = placeOf(set, own).found;
      print(invocation, { set, folder }, () => `${folder}\n`);
    }
    return 0;
  },
};

async function list(invocation: Invocation, own: string | undefined): Promise<void> {
  const { dataSets, placeOf } = await import("../../../tasks/data/data-sets.ts");
  const { loadImages } = await import("../../../tasks/data/load-images.ts");
  const found = await Promise.all(
    sets.map(async (set) => {
      const { doc } = dataSets[set];
      try {
        const { splits } = await loadImages(own === undefined ? {} : { folder: own }, set);
        const rows = Object.values(splits).map((split) => split.rows);
        return { set, doc, here: true, folder: placeOf(set, own).found, rows };
      } catch (error) {
        return { set, doc, here: false, reason: (error as Error).message };
      }
    }),
  );
  print(invocation, { sets: found }, () =>
    found
      .map(({ set, doc, here, folder, rows, reason }) => {
        const state = here ? `${folder}: ${rows!.join(", ")} images to train, validate and test` : reason;
        return `${here ? "ok    " : "absent"}  ${set.padEnd(8)}  ${doc}\n                  ${state}\n`;
      })
      .join(""),
  );
}

async function verify(invocation: Invocation, set: DataSetName, own: string | undefined): Promise<void> {
  const { placeOf } = await import("../../../tasks/data/data-sets.ts");
  const { loadImages } = await import("../../../tasks/data/load-images.ts");
  const place = placeOf(set, own);
  const folder = place.found;
  const published = set !== "mnist" || place.own === undefined;
  const { sums, binary, splits: loaded } = await loadImages(own === undefined ? {} : { folder: own }, set);
  const splits = Object.fromEntries(
    Object.entries(loaded).map(([split, { rows, labels }]) => [
      split,
      { rows, labels: labels !== undefined },
    ]),
  );
  print(invocation, { set, folder, whole: true, published, binary, splits, sums }, () => {
    const images = Object.entries(splits).map(
      ([split, { rows, labels }]) =>
        `  ${split}: ${rows} images${labels ? " with labels" : ""}${binary ? ", binary" : ""}\n`,
    );
    const files = Object.entries(sums).map(
      ([file, sum]) => `  ${file} md5 ${sum}${published ? " as published" : ""}\n`,
    );
    return `${folder}\n${images.join("")}${files.join("")}`;
  });
}

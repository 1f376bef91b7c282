/** Versions of tasks and of the protocol: results of two are read and shown, but never as one task. */
import { isObject } from "./demand.ts";
import type { Cell, CellRecord, Manifest, RunRecords } from "./records.ts";

/** Raised when numbers change: of the protocol for all cells, of a task for its own. Null where nothing says. */
export interface Edition {
  readonly version: number | null;
  readonly protocol: number | null;
}

const numberOr = <E>(value: unknown, otherwise: E) => (typeof value === "number" ? value : otherwise);

/** Of what a record's hash covers. */
export function editionOf({ resolved }: Pick<CellRecord, "resolved">): Edition {
  const task = isObject(resolved) && isObject(resolved["task"]) ? resolved["task"] : {};
  return {
    version: numberOr(task["version"], null),
    protocol: numberOr(resolved?.["protocol"], null),
  };
}

/** Of a cell that has not begun, by what its manifest says. */
function plannedEdition({ configuration, protocol }: Manifest, task: string): Edition {
  const versions = configuration["versions"];
  return { version: numberOr(isObject(versions) ? versions[task] : null, null), protocol };
}

/** Of every cell of a run's matrix, by hash. */
export function editionsIn({ manifest, cells }: RunRecords): ReadonlyMap<string, Edition> {
  const of = ({ record }: Cell): Edition => {
    const { version, protocol } = editionOf(record);
    return { version, protocol: protocol ?? manifest.protocol };
  };
  const begun = new Map(cells.map((cell) => [cell.record.hash, of(cell)]));
  const byTask = new Map(cells.map((cell) => [cell.record.task, of(cell)]));
  return new Map(
    manifest.matrix.map(({ hash, task }) => {
      const planned = plannedEdition(manifest, task);
      return [hash, begun.get(hash) ?? (planned.version === null ? byTask.get(task) : undefined) ?? planned];
    }),
  );
}

const distinct = <V>(values: readonly V[]) => [...new Set(values)];

/** What a task is called beside another edition of it: by what differs. */
function suffixes(editions: readonly Edition[]): (edition: Edition) => string {
  const parts = (["version", "protocol"] as const).filter(
    (part) => distinct(editions.map((edition) => edition[part])).length > 1,
  );
  return (edition) =>
    parts.length === 0 ? "" : ` (${parts.map((part) => `${part} ${edition[part] ?? "unknown"}`).join(", ")})`;
}

/** By task, where the runs hold more than one edition of it. */
function mixedTasks(runs: readonly RunRecords[]): ReadonlyMap<string, (edition: Edition) => string> {
  const found = new Map<string, Edition[]>();
  for (const run of runs) {
    const editions = editionsIn(run);
    for (const { hash, task } of run.manifest.matrix)
      found.set(task, [...(found.get(task) ?? []), editions.get(hash)!]);
  }
  const all = [...found].map(([task, editions]) => [task, suffixes(editions), editions] as const);
  return new Map(
    all.filter(([, suffix, editions]) => suffix(editions[0]!) !== "").map(([task, suffix]) => [task, suffix]),
  );
}

/**
 * The runs as they are, but a task of which they hold several editions is a task of its own in each:
 * `bits (version 1)`, `bits (version 2)`.
 */
export function keepApart(runs: readonly RunRecords[]): RunRecords[] {
  const mixed = mixedTasks(runs);
  return mixed.size === 0 ? [...runs] : runs.map((run) => renamed(run, mixed));
}

function renamed(run: RunRecords, mixed: ReadonlyMap<string, (edition: Edition) => string>): RunRecords {
  const editions = editionsIn(run);
  const suffixOf = (hash: string, task: string) => mixed.get(task)?.(editions.get(hash)!) ?? "";
  const rename = <N extends { hash: string; task: string; taskLabel: string }>(named: N): N => {
    const suffix = suffixOf(named.hash, named.task);
    return { ...named, task: `${named.task}${suffix}`, taskLabel: `${named.taskLabel}${suffix}` };
  };
  const { manifest, cells } = run;
  const names = distinct(
    manifest.matrix.map(({ hash, task }) => JSON.stringify([task, suffixOf(hash, task)])),
  ).map((text) => JSON.parse(text) as [task: string, suffix: string]);
  const { tasks } = manifest.definitions;
  return {
    ...run,
    manifest: {
      ...manifest,
      matrix: manifest.matrix.map(rename),
      ...(manifest.published === undefined
        ? {}
        : { published: manifest.published.flatMap((value) => publishedFor(value, manifest, rename)) }),
      definitions: {
        ...manifest.definitions,
        tasks: Object.fromEntries(
          names.flatMap(([task, suffix]) =>
            tasks[task] === undefined ? [] : [[`${task}${suffix}`, tasks[task]]],
          ),
        ),
      },
    },
    cells: cells.map((cell): Cell => ({ ...cell, record: rename(cell.record) })),
  };
}

type Entry = Manifest["matrix"][number];
type Published = NonNullable<Manifest["published"]>[number];

/** A published value under each name that its task has now. */
function publishedFor(value: Published, { matrix }: Manifest, rename: (entry: Entry) => Entry): Published[] {
  const labels = matrix.filter(({ taskLabel }) => taskLabel === value.task).map(rename);
  return distinct(labels.map(({ taskLabel }) => taskLabel)).map((task) => ({ ...value, task }));
}

/** A sentence for each task that two runs hold in different editions. */
export function editionsUnlike(first: RunRecords, second: RunRecords): string[] {
  const of = (run: RunRecords, task: string, suffix: (edition: Edition) => string) => {
    const editions = editionsIn(run);
    const own = run.manifest.matrix.filter((entry) => entry.task === task);
    return distinct(own.map(({ hash }) => suffix(editions.get(hash)!).trim().slice(1, -1))).join(" and ");
  };
  return [...mixedTasks([first, second])].flatMap(([task, suffix]) => {
    const [before, after] = [of(first, task, suffix), of(second, task, suffix)];
    if (before === "" || after === "") return [];
    return `Not compared: ${task} is ${before} in ${first.manifest.name} and ${after} in ${second.manifest.name}, which is another task.`;
  });
}

/** What a run left, without what depends on when and where it ran; and the command as a process of its own. */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import type { CellRecord, CurveRow, Manifest } from "../../../reports/format/records.ts";
import { decodeCheckpoint } from "../../../runners/store/checkpoint.ts";

const rowsOf = (path: string) =>
  (existsSync(path) ? readFileSync(path, "utf8") : "")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => ({ ...(JSON.parse(line) as CurveRow), seconds: 0 }));

export const manifestOf = (run: string) =>
  JSON.parse(readFileSync(join(run, "manifest.json"), "utf8")) as Manifest;

/** Of the whole matrix; undefined for a cell that never began. */
export function recordsOf(run: string): (CellRecord | undefined)[] {
  return manifestOf(run).matrix.map(({ hash }) => {
    const path = join(run, "cells", hash, "cell.json");
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as CellRecord) : undefined;
  });
}

/** `reinforce 0 done`, in the order of the matrix. */
export const statesOf = (run: string) =>
  manifestOf(run).matrix.map(
    ({ label, seed }, i) => `${label} ${seed} ${recordsOf(run)[i]?.state ?? "pending"}`,
  );

/** Everything that must come out the same: records, rows, parameters, and the table of results, but for times. */
export function numbersOf(run: string) {
  const cells = recordsOf(run).map((record) => {
    if (record === undefined) return undefined;
    const folder = join(run, "cells", record.hash);
    const file = join(folder, "checkpoint");
    const rest = { ...record, started: "", ended: "", seconds: {}, stack: "", sum: "" };
    const decoded = existsSync(file) ? decodeCheckpoint(readFileSync(file)) : { fault: "none" };
    return {
      record: rest,
      curve: rowsOf(join(folder, "curve.ndjson")),
      gradients: rowsOf(join(folder, "gradients.ndjson")),
      snapshot: "fault" in decoded ? decoded.fault : decoded.snapshot,
    };
  });
  return { matrix: manifestOf(run).matrix, cells, results: resultsOf(run) };
}

/** results.csv without its column of seconds. */
function resultsOf(run: string): string[][] {
  const table = readFileSync(join(run, "results.csv"), "utf8").trim().split("\n");
  const rows = table.map((line) => line.match(/("([^"]|"")*"|[^,]*)(,|$)/g) ?? []);
  const column = rows[0]!.findIndex((name) => name.startsWith("seconds"));
  return rows.map((row) => row.filter((_, i) => i !== column));
}

const ignore = () => undefined;
/** A reporter of a run that says nothing. */
export const silent = { started: ignore, progress: ignore, ended: ignore, skipped: ignore, note: ignore };

export interface Started {
  readonly child: ChildProcess;
  /** What it has said on stderr so far. */
  readonly heard: () => string;
  readonly ended: Promise<{
    readonly status: number | null;
    readonly signal: string | null;
    readonly out: string;
    readonly err: string;
  }>;
}

/** The command line of a `bench` of this checkout, compiled. */
export const command = [
  process.execPath,
  fileURLToPath(import.meta.resolve("../../../runners/cli/bench.ts")),
] as const;

export function start(
  argv: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>> = {},
): Started {
  const child = spawn(command[0], [...command.slice(1), ...argv], {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
  });
  const said = { out: "", err: "" };
  child.stdout.on("data", (text: Buffer) => (said.out += text.toString()));
  child.stderr.on("data", (text: Buffer) => (said.err += text.toString()));
  const ended = new Promise<Awaited<Started["ended"]>>((resolve) => {
    child.on("close", (status, signal) => resolve({ status, signal, ...said }));
  });
  return { child, heard: () => said.err, ended };
}

/** A module that node loads before the command. */
export function preload(folder: string, text: string): Record<string, string> {
  const path = join(folder, "first.mjs");
  writeFileSync(path, text);
  return { NODE_OPTIONS: `--import=${pathToFileURL(path).href}` };
}

/** Waits until a condition holds; `every` is the time between two looks in milliseconds. */
export async function until(holds: () => boolean, every = 20): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, every));
}

/** An estimator whose body runs at its n-th estimate: reinforce, unless it does otherwise. */
export const faulty = (name: string, body: string) => `let n = 0;
export default ({ tf, estimator, hard, score }) => estimator({
  name: "${name}", title: "Faulty", options: {},
  claims: { requires: ["density"], sites: "any", unbiased: true, needs: "values",
    evaluations: () => ({ forward: 1, backward: 0 }) },
  estimate({ run, uniform }) {
    n += 1;
    const { cost, logp } = run((site) => hard(site, uniform(site)));
    ${body}
    return { surrogate: score(cost, cost, logp) };
  },
});
`;

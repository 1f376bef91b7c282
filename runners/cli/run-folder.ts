/** The folders of runs: where a new run goes, and the check that a folder holds one. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { isPublished } from "../../reports/format/checksums.ts";
import { mistake } from "../errors.ts";
import { hashOf } from "../hash.ts";
import type { Prepared } from "../plan/prepare.ts";
import type { Invocation } from "./commands/command.ts";

export interface RunFolder {
  readonly folder: string;
  readonly name: string;
}

/** The folder of a run: --out, or runs/NAME, where `usualName` gives the name without --name. */
export function runFolder({ flags, io }: Invocation, usualName: () => string): RunFolder {
  const out = flags.text("out");
  const name = flags.text("name");
  if (name !== undefined && !/^[\w][\w.+-]*$/.test(name))
    throw mistake(`--name expects letters, digits, dots, dashes and underscores, got "${name}".`);
  if (out !== undefined) return { folder: out, name: name ?? basename(out) };
  const runs = resolve(io.cwd, "runs");
  if (name !== undefined) return { folder: join(runs, name), name };
  const usual = usualName();
  return { folder: join(runs, usual), name: usual };
}

/** A name made of date, tasks, estimators and a hash of the cells. A folder of the same cells keeps its earlier date. */
export function nameOfPlan({ io }: Invocation, { plan }: Pick<Prepared, "plan">): string {
  const names = (items: readonly string[]) => {
    const distinct = [...new Set(items)];
    return distinct.length > 4 ? `${distinct.length}-estimators` : distinct.join("-");
  };
  const tasks = names(plan.cells.map(({ task }) => task));
  const estimators = names(plan.cells.map(({ estimator }) => estimator));
  const cells = hashOf(plan.cells.map(({ hash }) => hash)).slice(0, 6);
  const usual = `${tasks}-${estimators}${plan.quick ? "-quick" : ""}-${cells}`;
  const runs = resolve(io.cwd, "runs");
  const earlier = existsSync(runs) && readdirSync(runs).find((folder) => folder.slice(11) === usual);
  return earlier || `${new Date().toISOString().slice(0, 10)}-${usual}`;
}

/** The absolute path of an existing run that the user named; of a published one only for a command that needs no cells. */
export function existingRun(cwd: string, named: string, needs: "cells" | "manifest" = "cells"): string {
  const folder = resolve(cwd, named);
  if (!existsSync(folder)) throw mistake(`${named} does not exist.`);
  if (!existsSync(join(folder, "manifest.json")))
    throw mistake(`${named} is not the folder of a run: it has no manifest.json.`);
  if (needs === "cells" && isPublished(folder))
    throw mistake(
      `${named} is a published run, without its cells; name the folder of the run that was published.`,
    );
  return folder;
}

/** Where the results of a run go. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { mistake } from "../errors.ts";
import { hashOf } from "../hash.ts";
import type { Prepared } from "../plan/prepare.ts";
import type { Call } from "./commands/command.ts";

export interface Place {
  readonly folder: string;
  readonly name: string;
}

/**
 * `--out` is the folder itself; `--name` stands under runs/. Without either the name is made of the date, the
 * task, the estimators and the cells, and a folder of the same cells from an earlier day is gone on with.
 */
export function placeOf({ given, io }: Call, prepared: Prepared): Place {
  const out = given.text("out");
  const name = nameIn(given);
  if (out !== undefined) return { folder: out, name: name ?? basename(out) };
  const runs = resolve(io.cwd, "runs");
  if (name !== undefined) return { folder: join(runs, name), name };
  const usual = usualName(prepared);
  const earlier = existsSync(runs)
    ? readdirSync(runs).find((folder) => folder.slice(11) === usual)
    : undefined;
  const chosen = earlier ?? `${new Date().toISOString().slice(0, 10)}-${usual}`;
  return { folder: join(runs, chosen), name: chosen };
}

/** What `--name` says; it stands under runs/, so that it must not lead elsewhere. */
export function nameIn(given: Call["given"]): string | undefined {
  const name = given.text("name");
  if (name === undefined || /^[\w][\w.+-]*$/.test(name)) return name;
  throw mistake(`--name: a name must be letters, digits, dots, dashes and underscores, got "${name}"`);
}

function usualName({ plan }: Prepared): string {
  const names = (items: readonly string[]) => {
    const distinct = [...new Set(items)];
    return distinct.length > 4 ? `${distinct.length}-estimators` : distinct.join("-");
  };
  const tasks = names(plan.cells.map(({ task }) => task));
  const estimators = names(plan.cells.map(({ estimator }) => estimator));
  const cells = hashOf(plan.cells.map(({ hash }) => hash)).slice(0, 6);
  return `${tasks}-${estimators}${plan.quick ? "-quick" : ""}-${cells}`;
}

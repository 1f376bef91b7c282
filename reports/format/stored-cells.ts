/**
 * Finished cells of the reproductions of a paper in one compact file, docs/reproduction/PAPER.json: what each ended with, by
 * what decides its numbers. It is committed, so that a table of many hours goes on from it on another machine.
 */
import * as v from "valibot";
import { environment } from "./bench-error.ts";
import { replaceFile } from "./disk.ts";
import { readJson } from "./json-file.ts";
import { curveRowSchema, type Cell } from "./records.ts";

/** What decides the numbers of a cell. */
const identity = v.object({
  experiment: v.string(),
  /** As on the command line; the task with its learning rate. */
  task: v.string(),
  estimator: v.string(),
  steps: v.number(),
  seed: v.number(),
  /** Checksum of the training images; null for a task without any. */
  images: v.nullable(v.string()),
  /** Images of the test split, 0 where the cell only chooses a rate; those of its bound, and samples m of a bound. */
  testRows: v.union([v.number(), v.literal("all")]),
  boundRows: v.union([v.number(), v.literal("all")]),
  boundSamples: v.number(),
});
export type CellIdentity = v.InferOutput<typeof identity>;

const storedCell = v.object({
  ...identity.entries,
  state: v.string(),
  /** Seconds of training. */
  seconds: v.number(),
  /** The last row of each metric and split. */
  rows: v.array(curveRowSchema),
});
export type StoredCell = v.InferOutput<typeof storedCell>;

const version = 1;
const file = v.object({ version: v.number(), paper: v.string(), cells: v.array(storedCell) });

/** The cells of a file, or none where there is no file. */
export function readStoredCells(path: string, paper: string): readonly StoredCell[] {
  const read = readJson(path, file);
  if (read === undefined) return [];
  if (read.version !== version || read.paper !== paper)
    throw environment(
      `${path} holds cells of ${read.paper}, version ${read.version}, not of ${paper}, version ${version}.`,
    );
  return read.cells;
}

/** Writes the file with one cell a line, in an order that does not depend on which ended first. */
export function writeStoredCells(path: string, paper: string, cells: readonly StoredCell[]): void {
  const lines = cells.map((cell) => JSON.stringify(cell)).sort();
  replaceFile(
    path,
    `{ "version": ${version}, "paper": ${JSON.stringify(paper)}, "cells": [\n${lines.join(",\n")}\n] }\n`,
  );
}

const names = Object.keys(identity.entries) as (keyof CellIdentity)[];

/** Whether two cells have the same identity, apart from the seed if asked for. */
export const sameCell = (a: CellIdentity, b: CellIdentity, seeds: "this seed" | "any seed" = "this seed") =>
  names.every((name) => a[name] === b[name] || (name === "seed" && seeds === "any seed"));

/** Metrics that tables and choices are made of. */
const kept: readonly string[] = ["elbo", "bound", "accuracy", "cost"];

/** A finished cell as it is stored. */
export function storedCellOf(identity: CellIdentity, { record, curve }: Cell): StoredCell {
  const rows = curve.filter(({ metric }) => kept.includes(metric));
  const last = new Map(rows.map((row) => [`${row.metric} ${row.split}`, row]));
  const seconds = Math.round(rows.at(-1)?.seconds ?? 0);
  return { ...identity, state: record.state, seconds, rows: [...last.values()] };
}

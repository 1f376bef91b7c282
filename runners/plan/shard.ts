/** `--shard i/n` runs every n-th cell of the matrix, from the i-th. Each cell belongs to exactly one of the n shards. */
import { mistake } from "../errors.ts";

export interface Shard {
  readonly index: number;
  readonly count: number;
}

export function parseShard(text: string): Shard {
  const [, index, count] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || count === undefined || index > count || count > 100_000) {
    throw mistake(`--shard expects I/N with I from 1 to N, such as 2/8, got "${text}".`);
  }
  return { index, count };
}

/** A filter of cells by their index in the matrix. */
export const inShard =
  (shard: Shard) =>
  (_cell: unknown, index: number): boolean =>
    index % shard.count === shard.index - 1;

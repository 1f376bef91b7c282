/** `--shard i/n`: every n-th cell of the matrix, from the i-th. Shards share no cell and together have all. */
import { mistake } from "../errors.ts";

export interface Shard {
  readonly index: number;
  readonly count: number;
}

export function parseShard(text: string): Shard {
  const [, index, count] = /^([1-9]\d*)\/([1-9]\d*)$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || count === undefined || index > count || count > 100_000) {
    throw mistake(`--shard: it must be i/n with i from 1 to n (2/8: the second of eight), got "${text}"`);
  }
  return { index, count };
}

export const inShard =
  ({ index, count }: Shard) =>
  (_cell: unknown, place: number): boolean =>
    place % count === index - 1;

import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** An IDX file of unsigned bytes; `sizes` as its header says, whatever the values. */
export function idx(sizes: readonly number[], values: Iterable<number>): Buffer {
  const header = Buffer.alloc(4 + 4 * sizes.length);
  header.set([0, 0, 8, sizes.length]);
  sizes.forEach((size, i) => header.writeUInt32BE(size, 4 + 4 * i));
  return Buffer.concat([header, Uint8Array.from(values)]);
}

/** Images whose pixel i is value(i). */
export function images(rows: number, value: (i: number) => number, size = 28): Buffer {
  return idx(
    [rows, size, size],
    Array.from({ length: rows * size * size }, (_, i) => value(i)),
  );
}

/** A new folder that holds these files. */
export async function folder(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const made = await mkdtemp(join(tmpdir(), "bench-data-"));
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(made, name), bytes);
  return made;
}

/** A file of rows that only grows, and what of it a checkpoint has seen. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { firstLines, rowsSeen, type Seen } from "../../reports/format/seen-rows.ts";
import { appendFlushed, onDisk, replaceFile } from "./disk.ts";

export interface RowFile {
  append(rows: readonly object[]): void;
  /** All that is in the file now. */
  seen(): Seen;
  /** Whether the file still begins with what was seen. */
  begins(seen: Seen): boolean;
  /** Drops all but the first rows. */
  keepOnly(rows: number): void;
}

const newline = "\n".charCodeAt(0);

export function openRows(path: string): RowFile {
  let count = 0;
  let hash = createHash("sha256");
  const take = (bytes: Uint8Array) => {
    hash.update(bytes);
    for (const byte of bytes) if (byte === newline) count += 1;
  };
  const read = () => onDisk(path, () => (existsSync(path) ? readFileSync(path) : undefined));
  // A crash may leave the last line torn.
  const all = read() ?? Buffer.alloc(0);
  take(all.subarray(0, all.lastIndexOf(newline) + 1));

  return {
    append(rows) {
      if (rows.length === 0) return;
      const text = rows.map((row) => `${JSON.stringify(row)}\n`).join("");
      appendFlushed(path, text);
      take(Buffer.from(text, "utf8"));
    },
    seen: () => ({ rows: count, sha256: hash.copy().digest("hex") }),
    begins: (seen) => rowsSeen(read() ?? Buffer.alloc(0), seen) !== undefined,
    keepOnly(rows) {
      const bytes = read();
      if (bytes === undefined) return;
      const kept = firstLines(bytes, rows) ?? bytes;
      replaceFile(path, kept);
      count = 0;
      hash = createHash("sha256");
      take(kept);
    },
  };
}

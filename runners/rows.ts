/** A file of rows that only grows, and what of it a checkpoint has seen. */
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { appendFlushed, onDisk, replaceFile } from "./disk.ts";

/** How many rows, and the SHA-256 of them as they stand in the file. */
export interface Seen {
  readonly rows: number;
  readonly sha256: string;
}

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
    begins({ rows, sha256 }) {
      const bytes = firstLines(read() ?? Buffer.alloc(0), rows);
      return bytes !== undefined && createHash("sha256").update(bytes).digest("hex") === sha256;
    },
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

/** The bytes of so many whole lines, or undefined where there are fewer. */
function firstLines(bytes: Buffer, count: number): Buffer | undefined {
  let end = 0;
  for (let line = 0; line < count; line++) {
    end = bytes.indexOf(newline, end) + 1;
    if (end === 0) return undefined;
  }
  return bytes.subarray(0, end);
}

/** Reads a data file of the user, with its checksum. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { DataError } from "./data-error.ts";

/** A path, or a URL such as `new URL("./table.csv", import.meta.url)`. */
export type FilePath = string | URL;

export interface DataFile {
  /** The format and the path, as errors begin. */
  readonly who: string;
  /** The file's name without folders and `.gz`, under which its checksum is kept. */
  readonly name: string;
  /** The bytes; those of a file in gzip, uncompressed. */
  readonly bytes: Uint8Array;
  /** The MD5 of the bytes, or of the file as it is, in hexadecimal. */
  readonly sum: string;
}

/** Reads a file, plain or compressed with gzip. Rejects with a DataError if it cannot be read or is empty. */
export async function readDataFile(
  format: string,
  at: FilePath,
  summed: "uncompressed" | "as it is" = "uncompressed",
): Promise<DataFile> {
  const path = at instanceof URL ? fileURLToPath(at) : at;
  const who = `${format} file ${path}`;
  const file = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw new DataError(`${who} cannot be read (${error.code}).`);
  });
  const bytes = uncompressed(file, who);
  if (bytes.length === 0) throw new DataError(`${who} is empty.`);
  const sum = createHash("md5")
    .update(summed === "as it is" ? file : bytes)
    .digest("hex");
  return { who, name: basename(path).replace(/\.gz$/, ""), bytes, sum };
}

function uncompressed(bytes: Uint8Array, who: string): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  try {
    return gunzipSync(bytes);
  } catch (error) {
    throw new DataError(`${who} cannot be uncompressed (${(error as Error).message}).`);
  }
}

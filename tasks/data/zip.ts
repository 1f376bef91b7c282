import { crc32, inflateRawSync } from "node:zlib";
import { DataError } from "./data-error.ts";

const endOfDirectory = { signature: 0x06054b50, bytes: 22 };
const entry = { signature: 0x02014b50, bytes: 46 };
const stored = 0;
const deflated = 8;

/**
 * The files in a ZIP archive, by name, as its central directory lists them. Throws a DataError for a damaged archive and for
 * what NumPy does not write: encryption, archives beyond 4 GB, other methods of compression.
 */
export function unzip(archive: Uint8Array, who: string): Map<string, Uint8Array> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const fail = (what: string) => new DataError(`${who} ${what}.`);
  const file = (at: number): [string, Uint8Array] => {
    const nameLength = view.getUint16(at + 28, true);
    const name = new TextDecoder().decode(archive.subarray(at + entry.bytes, at + entry.bytes + nameLength));
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    if (flags % 2 === 1) throw fail(`holds ${name} encrypted`);
    if (method !== stored && method !== deflated)
      throw fail(`holds ${name} compressed by method ${method}; expected ${stored} or ${deflated}`);
    const local = view.getUint32(at + 42, true);
    const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    const packed = archive.subarray(start, start + view.getUint32(at + 20, true));
    const bytes = method === stored ? packed : inflateRawSync(packed);
    if (crc32(bytes) !== view.getUint32(at + 16, true)) throw fail(`holds ${name} with a wrong checksum`);
    return [name, bytes];
  };
  try {
    const end = endOf(view);
    if (end === undefined) throw fail("is no complete ZIP archive");
    const files = new Map<string, Uint8Array>();
    let at = view.getUint32(end + 16, true);
    for (let left = view.getUint16(end + 10, true); left > 0; left--) {
      if (view.getUint32(at, true) !== entry.signature) throw fail("has a damaged directory");
      files.set(...file(at));
      at += entry.bytes + [28, 30, 32].reduce((sum, field) => sum + view.getUint16(at + field, true), 0);
    }
    return files;
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw fail(`is a damaged ZIP archive (${(error as Error).message})`);
  }
}

/** The place of the record that ends the archive. A comment may follow it. */
function endOf(view: DataView): number | undefined {
  for (let at = view.byteLength - endOfDirectory.bytes; at >= 0; at--)
    if (view.getUint32(at, true) === endOfDirectory.signature) return at;
  return undefined;
}

/** Hashes that name cells: SHA-256 of everything that can change a number. */
import { createHash } from "node:crypto";
import { canonicalJson } from "../reports/format/canonical-json.ts";

export { canonicalJson };

export function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** The first 16 hexadecimal digits of the SHA-256 of a JSON value: 64 bits are enough for the cells of a run. */
export function hashOf(value: unknown): string {
  return sha256(canonicalJson(value)).slice(0, 16);
}

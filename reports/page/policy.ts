/** The content security policy names each script by the sum of its text. */
import { createHash } from "node:crypto";

export const policyHash = (script: string): string =>
  `'sha256-${createHash("sha256").update(script, "utf8").digest("base64")}'`;

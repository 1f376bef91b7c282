/** Sealing an ended cell: a byte that flips later is found. */
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { sealedNames, sealName } from "../../reports/format/checksums.ts";
import { onDisk, replaceFile } from "./disk.ts";
import { sha256 } from "../hash.ts";

/** To be called when all files of the cell are final. */
export function seal(folder: string): void {
  const lines = onDisk(folder, () =>
    sealedNames
      .filter((name) => existsSync(join(folder, name)))
      .map((name) => `${sha256(readFileSync(join(folder, name)))}  ${name}\n`),
  );
  replaceFile(join(folder, sealName), lines.join(""));
}

/** To be called before a file of the cell changes. */
export function unseal(folder: string): void {
  onDisk(folder, () => rmSync(join(folder, sealName), { force: true }));
}

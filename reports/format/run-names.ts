/** What runs are called beside one another. */
import type { RunRecords } from "./records.ts";

/**
 * The runs as they are, but those that share a name (the same one on two branches) are called by the end of their
 * folders, as much of it as tells them apart.
 */
export function toldApart(runs: readonly RunRecords[]): RunRecords[] {
  const names = runs.map(({ manifest }) => manifest.name);
  const shared = (name: string) => names.filter((other) => other === name).length > 1;
  const parts = runs.map(({ folder }) => folder.split(/[\\/]/));
  const ends = (count: number) => parts.map((part) => part.slice(-count).join("/"));
  const counts = Array.from({ length: Math.max(...parts.map(({ length }) => length)) }, (_, k) => k + 1);
  const enough = counts.find((count) => new Set(ends(count)).size === runs.length);
  if (enough === undefined || !names.some(shared)) return [...runs];
  return runs.map((run, index) => ({
    ...run,
    manifest: {
      ...run.manifest,
      name: shared(run.manifest.name) ? ends(enough)[index]! : run.manifest.name,
    },
  }));
}

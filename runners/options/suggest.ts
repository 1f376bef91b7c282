/** Suggests the name that the user may have meant. */
import { mistake, type BenchError } from "../errors.ts";

export interface Candidate {
  readonly name: string;
  readonly title?: string;
  readonly aliases?: readonly string[];
}

/**
 * The error for a name that does not exist: `Unknown estimator "gz". Did you mean "gs"?`
 *
 * @param kind What the name should have been: `estimator`, `option of gs`.
 */
export function unknownName(
  kind: string,
  written: string,
  candidates: readonly (string | Candidate)[],
): BenchError {
  return mistake(`Unknown ${kind} "${written}".${suggestion(written, candidates)}`);
}

/** ` Did you mean "gs"?`, else the first names that exist; empty when there are no candidates. */
export function suggestion(written: string, candidates: readonly (string | Candidate)[]): string {
  const all = candidates.map((candidate) =>
    typeof candidate === "string" ? { name: candidate } : candidate,
  );
  const near = nearest(written, all);
  if (near !== undefined) return ` Did you mean "${near}"?`;
  const names = all.map(({ name }) => name);
  if (names.length === 0) return "";
  const rest = names.length > 12 ? `, … (${names.length} in all)` : "";
  return ` Available: ${names.slice(0, 12).join(", ")}${rest}.`;
}

/** The candidate whose name, alias or title is nearest to the text, if one is near enough. */
export function nearest(written: string, candidates: readonly Candidate[]): string | undefined {
  const key = normalised(written);
  if (key === "") return undefined;
  let best: { name: string; distance: number } | undefined;
  for (const { name, title, aliases = [] } of candidates) {
    for (const text of [name, ...aliases, ...(title === undefined ? [] : [title])]) {
      const distance = distanceTo(key, normalised(text));
      if (distance !== undefined && (best === undefined || distance < best.distance))
        best = { name, distance };
    }
  }
  return best?.name;
}

/** Number of edits between two texts, less than one for a part of a title; undefined when they are too far apart. */
function distanceTo(key: string, text: string): number | undefined {
  if (key === text) return 0;
  if (key.length >= 4 && text.includes(key)) return 0.5 + (text.length - key.length) / 1000;
  const distance = editDistance(key, text);
  return distance <= Math.max(1, Math.floor(key.length / 3)) ? distance : undefined;
}

function normalised(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z0-9]+/g, "");
}

/** The least number of insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      let best = Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + same);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, before[j - 2]! + 1);
      next.push(best);
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}

/** The grammar of names, options, grids and seeds on the command line. Knows no registry. */
import { mistake } from "../errors.ts";
import { suggestion, type Candidate } from "./suggest.ts";

/** A name (or glob) and the options given to it, in their order. */
export interface Selection {
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
}

/** One option of one name (or glob), with the values to try. */
export interface Grid {
  readonly name: string;
  readonly key: string;
  readonly values: readonly string[];
}

/**
 * `gs,rloo:samples=4,st`: a list splits on commas; a segment that has `=` before its first `:` is an option of
 * the name before it, anything else a new name, with its first option after the colon.
 */
export function parseSelections(texts: readonly string[], who: string): Selection[] {
  const found: { name: string; options: Record<string, string> }[] = [];
  for (const text of texts) {
    let current: (typeof found)[number] | undefined;
    for (const segment of text.split(",").map((part) => part.trim())) {
      if (segment === "") throw mistake(`${who}: a list must have a name between its commas, got "${text}"`);
      const colon = segment.indexOf(":");
      const equals = segment.indexOf("=");
      if (equals >= 0 && (colon < 0 || equals < colon)) {
        if (current === undefined)
          throw mistake(`${who}: an option must follow a name, got "${segment}" first in "${text}"`);
        addOption(current, segment, who, text);
        continue;
      }
      current = { name: colon < 0 ? segment : segment.slice(0, colon), options: {} };
      if (current.name === "") throw mistake(`${who}: a name must stand before the colon, got "${segment}"`);
      if (colon >= 0) addOption(current, segment.slice(colon + 1), who, text);
      found.push(current);
    }
  }
  return found;
}

function addOption(
  to: { name: string; options: Record<string, string> },
  text: string,
  who: string,
  whole: string,
): void {
  const equals = text.indexOf("=");
  const key = text.slice(0, Math.max(equals, 0)).trim();
  const value = text.slice(equals + 1).trim();
  if (!/^[a-z][a-z0-9.-]*$/i.test(key) || value === "") {
    throw mistake(`${who}: an option of "${to.name}" must look like key=value, got "${text}" in "${whole}"`);
  }
  if (Object.hasOwn(to.options, key))
    throw mistake(`${who}: option "${key}" of "${to.name}" must be given once, got "${whole}"`);
  to.options[key] = value;
}

/** A selection as it is written: the inverse of `parseSelections`. */
export function writeSelection(
  name: string,
  options: Readonly<Record<string, string | number | boolean>>,
): string {
  const given = Object.entries(options).map(([key, value]) => `${key}=${value}`);
  return given.length === 0 ? name : `${name}:${given.join(",")}`;
}

/** `gs.temperature=0.1|0.5|1`: the first dot ends the name. */
export function parseGrid(text: string): Grid {
  const equals = text.indexOf("=");
  const dot = text.indexOf(".");
  const wellFormed = dot > 0 && equals > dot;
  const name = text.slice(0, dot).trim();
  const key = text.slice(dot + 1, equals).trim();
  const values = text
    .slice(equals + 1)
    .split("|")
    .map((value) => value.trim());
  if (!wellFormed || [name, key, ...values].includes(""))
    throw mistake(`--grid: a grid must look like gs.temperature=0.1|0.5|1, got "${text}"`);
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice !== undefined)
    throw mistake(`--grid: each value must be listed once, got "${twice}" twice in "${text}"`);
  return { name, key, values };
}

const mostSeeds = 10_000;

/** `5` is a number of seeds (0 to 4); `0-4` a range; `1,7,9` a list, which may have ranges in it. */
export function parseSeeds(text: string): number[] {
  const form = "a number of seeds (5), a range (0-4) or a list (1,7,9)";
  const parts = text.split(",").map((part) => part.trim());
  const seeds: number[] = [];
  for (const part of parts) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part);
    if (match === null) throw mistake(`--seeds: seeds must be ${form}, got "${text}"`);
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    const counted = parts.length === 1 && match[2] === undefined;
    if (counted && first === 0) throw mistake(`--seeds: there must be at least one seed, got "${text}"`);
    if (last < first) throw mistake(`--seeds: a range must go upwards, got "${part}"`);
    const [from, to] = counted ? [0, first - 1] : [first, last];
    if (seeds.length + to - from + 1 > mostSeeds)
      throw mistake(`--seeds: there must be at most ${mostSeeds} seeds, got "${text}"`);
    for (let seed = from; seed <= to; seed++) seeds.push(seed);
  }
  const twice = seeds.find((seed, i) => seeds.indexOf(seed) !== i);
  if (twice !== undefined)
    throw mistake(`--seeds: each seed must be listed once, got ${twice} twice in "${text}"`);
  return seeds;
}

export function isGlob(name: string): boolean {
  return /[*?]/.test(name);
}

/** Whether a name is the one written, or fits the pattern (`*` any letters, `?` one). */
export function fits(name: string, written: string): boolean {
  if (!isGlob(written)) return name === written;
  const pattern = written
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${pattern}$`).test(name);
}

/** What a name or a pattern means; a mistake when that is nothing. */
export function matching<C extends Candidate>(written: string, kind: string, candidates: readonly C[]): C[] {
  const found = candidates.filter(({ name }) => fits(name, written));
  if (found.length > 0) return found;
  const [must, near] = isGlob(written)
    ? ["a pattern must match a name", ""]
    : ["the name must be one", written];
  throw mistake(`${kind}: ${must} there is, got "${written}"${suggestion(near, candidates)}`);
}

/** The grammar of names, options, grids and seeds on the command line. It knows no registry. */
import { mistake } from "../errors.ts";
import { unknownName, type Candidate } from "./suggest.ts";

/** A name (or pattern) and its options in the order in which they were written. */
export interface Selection {
  readonly name: string;
  readonly options: Readonly<Record<string, string>>;
}

/** One option of one name (or pattern), with the values to try. */
export interface Grid {
  readonly name: string;
  readonly key: string;
  readonly values: readonly string[];
}

/**
 * Reads lists such as `gs,rloo:samples=4,st`. A list splits on commas; a segment that has `=` before its first `:` is
 * an option of the name before it, any other segment is a new name, with its first option after the colon.
 *
 * @param who The flag that errors name: `--estimator`.
 */
export function parseSelections(texts: readonly string[], who: string): Selection[] {
  const found: { name: string; options: Record<string, string> }[] = [];
  for (const text of texts) {
    const refuse = (why: string) => mistake(`${who}: ${why} in "${text}".`);
    const addOption = ({ name, options }: (typeof found)[number], option: string) => {
      const equals = option.indexOf("=");
      const key = option.slice(0, Math.max(equals, 0)).trim();
      const value = option.slice(equals + 1).trim();
      if (!/^[a-z][a-z0-9.-]*$/i.test(key) || value === "")
        throw refuse(`expected key=value after "${name}", got "${option}"`);
      if (Object.hasOwn(options, key)) throw refuse(`option "${key}" of "${name}" is given twice`);
      options[key] = value;
    };
    let current: (typeof found)[number] | undefined;
    for (const segment of text.split(",").map((part) => part.trim())) {
      if (segment === "") throw refuse("a name is missing between commas");
      const colon = segment.indexOf(":");
      const equals = segment.indexOf("=");
      if (equals >= 0 && (colon < 0 || equals < colon)) {
        if (current === undefined) throw refuse(`no name precedes option "${segment}"`);
        addOption(current, segment);
        continue;
      }
      current = { name: colon < 0 ? segment : segment.slice(0, colon), options: {} };
      if (current.name === "") throw refuse(`no name precedes the colon of "${segment}"`);
      if (colon >= 0) addOption(current, segment.slice(colon + 1));
      found.push(current);
    }
  }
  return found;
}

/** Writes a selection: the inverse of `parseSelections`. */
export function writeSelection(
  name: string,
  options: Readonly<Record<string, string | number | boolean>>,
): string {
  const written = Object.entries(options).map(([key, value]) => `${key}=${value}`);
  return written.length === 0 ? name : `${name}:${written.join(",")}`;
}

/** Reads a grid such as `gs.temperature=0.1|0.5|1`; the first dot ends the name. */
export function parseGrid(text: string): Grid {
  const [, name = "", key = "", list = ""] =
    /^([^.=]*)\.([^=]*)=(.*)$/s.exec(text)?.map((part) => part.trim()) ?? [];
  const values = list.split("|").map((value) => value.trim());
  if ([name, key, ...values].includes(""))
    throw mistake(`--grid expects NAME.OPTION=VALUE|VALUE, such as gs.temperature=0.1|0.5|1, got "${text}".`);
  const twice = values.find((value, i) => values.indexOf(value) !== i);
  if (twice !== undefined) throw mistake(`--grid: the value "${twice}" is listed twice in "${text}".`);
  return { name, key, values };
}

const mostSeeds = 10_000;

/** `5` means 5 seeds (0 to 4), `0-4` is a range and `1,7,9` a list, which may contain ranges. */
export function parseSeeds(text: string): number[] {
  const parts = text.split(",").map((part) => part.trim());
  const seeds: number[] = [];
  for (const part of parts) {
    const match = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(part);
    if (match === null)
      throw mistake(`--seeds expects a number of seeds (5), a range (0-4) or a list (1,7,9), got "${text}".`);
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    const counted = parts.length === 1 && match[2] === undefined;
    if (counted && first === 0) throw mistake("--seeds must be at least 1, got 0.");
    if (last < first) throw mistake(`--seeds: the range "${part}" ends before it begins.`);
    const [from, to] = counted ? [0, first - 1] : [first, last];
    if (seeds.length + to - from + 1 > mostSeeds)
      throw mistake(`--seeds allows at most ${mostSeeds} seeds, got "${text}".`);
    for (let seed = from; seed <= to; seed++) seeds.push(seed);
  }
  const twice = seeds.find((seed, i) => seeds.indexOf(seed) !== i);
  if (twice !== undefined) throw mistake(`--seeds: seed ${twice} is listed twice in "${text}".`);
  return seeds;
}

export function isGlob(name: string): boolean {
  return /[*?]/.test(name);
}

/** Whether a name equals the written one or matches its pattern (`*` any characters, `?` one). */
export function fits(name: string, written: string): boolean {
  if (!isGlob(written)) return name === written;
  const pattern = written
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${pattern}$`).test(name);
}

/** The candidates that a name, an alias or a pattern means; an error with a suggestion when there are none. */
export function matching<C extends Candidate>(written: string, kind: string, candidates: readonly C[]): C[] {
  const named = candidates.filter(({ name }) => fits(name, written));
  const found = named.length > 0 ? named : candidates.filter(({ aliases }) => aliases?.includes(written));
  if (found.length > 0) return found;
  if (isGlob(written)) throw mistake(`No ${kind} matches "${written}".`);
  throw unknownName(kind, written, candidates);
}

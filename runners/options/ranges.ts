/** Reads the ranges of `--tune`, such as `learning-rate=log:1e-4:1e-2,gs.temperature=0.1:1`. */
import { mistake } from "../errors.ts";
import { numberIn } from "./quantities.ts";
import { unknownName } from "./suggest.ts";

/** The values among which an option is tuned. */
export interface OptionRange {
  /** The estimator or task, or a pattern of them; absent for an option of all tasks. */
  readonly name?: string;
  readonly key: string;
  readonly low: number;
  readonly high: number;
  /** Whether values are spread evenly in their logarithm. */
  readonly log: boolean;
  /** As it was written. */
  readonly text: string;
}

/** Each option has a dimension of the search, with a prime of its own. */
export const primes = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29];

/** Reads all ranges; the first dot of an option ends the name. */
export function parseRanges(texts: readonly string[]): OptionRange[] {
  const ranges = texts.flatMap((text) => text.split(",")).map((part) => parseRange(part.trim()));
  const options = ranges.map(({ text }) => text.slice(0, text.indexOf("=")).trim());
  const twice = options.find((option, i) => options.indexOf(option) !== i);
  if (twice !== undefined) throw mistake(`--tune: "${twice}" is given twice.`);
  if (ranges.length > primes.length)
    throw mistake(`--tune allows at most ${primes.length} options, got ${ranges.length}.`);
  return ranges;
}

function parseRange(text: string): OptionRange {
  const [, option = "", scale, first = "", last = ""] =
    /^([^=]+)=(?:([a-z]\w*):)?([^:]+):([^:]+)$/i.exec(text)?.map((part) => part?.trim()) ?? [];
  if (!/^([^.\s]+\.)?[a-z][\w-]*(\.[\w-]+)*$/i.test(option))
    throw mistake(
      `--tune expects OPTION=LOW:HIGH or OPTION=log:LOW:HIGH, such as learning-rate=log:1e-4:1e-2, got "${text}".`,
    );
  if (scale !== undefined && scale !== "log") throw unknownName(`scale of --tune ${option}:`, scale, ["log"]);
  const dot = option.indexOf(".");
  const [low, high] = [numberIn(first, `--tune ${option}`), numberIn(last, `--tune ${option}`)];
  if (low >= high) throw mistake(`--tune ${option}: LOW must be below HIGH, got ${low} and ${high}.`);
  if (scale === "log" && low <= 0)
    throw mistake(`--tune ${option}: a logarithmic range must begin above 0, got ${low}.`);
  return {
    ...(dot < 0 ? {} : { name: option.slice(0, dot) }),
    ...{ key: option.slice(dot + 1), low, high, log: scale === "log", text },
  };
}

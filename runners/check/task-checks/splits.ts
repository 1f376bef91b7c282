/**
 * The splits have finite rows of the shape declared; a model has rows for validation and test; and no row of these stands in
 * training. Rows are compared by a hash of 53 bits of all arrays that both splits have row by row.
 *
 * Data may hold the same row twice, such as small or blank images. So the number of rows found in training is compared with
 * that of a Poisson variable whose rate is the share of training rows that have a copy there, and one more: a false alarm has
 * probability under 10⁻⁶. Where no training row has a copy, about six rows in training are found with certainty.
 */
import type { Arrays, Split, Task } from "../../../tasks/task.ts";
import { type Check, fail, pass, percent } from "../outcome.ts";
import type { TaskSubject } from "../task-scene.ts";

/** Rows of one call; an unusual number, so that an array with as many rows is one of rows. */
const chunk = 997;
/** Values after which a split is read no further. */
const mostValues = 1.5e8;
const falseAlarm = 1e-6;

/** P(X ≥ k) of a Poisson variable with this mean. */
function poissonTail(k: number, mean: number): number {
  let logTerm = k * Math.log(mean) - mean;
  for (let i = 2; i <= k; i++) logTerm -= Math.log(i);
  let [term, sum] = [Math.exp(logTerm), 0];
  for (let i = k; term > 0 && (i < mean || term > 1e-12 * sum); i++) {
    sum += term;
    term *= mean / (i + 1);
  }
  return sum;
}

/** The numbers 0 … 2⁵³ − 1 from the bits of some values, and those before. */
function hashOf(
  words: Int32Array,
  from: number,
  to: number,
  [a, b]: readonly [number, number],
): [number, number] {
  let [high, low] = [a, b];
  for (let i = from; i < to; i++) {
    high = Math.imul(high ^ words[i]!, 0x9e3779b1);
    low = Math.imul(low ^ words[i]!, 0x85ebca6b) ^ (low >>> 15);
    high ^= high >>> 13;
  }
  return [high, low];
}

interface SplitHashes {
  readonly hashes: readonly number[];
  readonly whole: boolean;
  /** What is wrong with a row. */
  readonly fault?: string;
}

function hashesOf(task: Task, split: Split, compared: readonly string[]): SplitHashes {
  const total = task.splits[split];
  const hashes: number[] = [];
  let seen = 0;
  for (let at = 0; at < total && seen < mostValues; at += chunk) {
    const rows = Int32Array.from({ length: Math.min(chunk, total - at) }, (_, i) => at + i);
    const batch = task.gather(split, rows);
    const fault = faultIn(task, split, batch, rows);
    if (fault !== undefined) return { hashes, whole: false, fault };
    const arrays = compared.map((name) => batch[name]!.values);
    const words = arrays.map(({ buffer, byteOffset, length }) => new Int32Array(buffer, byteOffset, length));
    for (let b = 0; b < rows.length; b++) {
      let hash: [number, number] = [1, 2];
      for (const one of words) {
        const width = one.length / rows.length;
        hash = hashOf(one, b * width, (b + 1) * width, hash);
      }
      hashes.push((hash[0] >>> 0) * 2 ** 21 + (hash[1] >>> 11));
    }
    seen += words.reduce((n, one) => n + one.length, 0);
  }
  return { hashes, whole: hashes.length === total };
}

function faultIn(task: Task, split: Split, batch: Arrays, rows: Int32Array): string | undefined {
  const { features } = batch;
  if (features?.shape.join() !== `${rows.length},${task.features}`)
    return `gather must give features [${rows.length}, ${task.features}] for ${rows.length} rows of ${split}, got ${features ? `[${features.shape.join(", ")}]` : "none"}`;
  for (const [name, { shape, values }] of Object.entries(batch)) {
    const bad = values.findIndex((x) => !Number.isFinite(x));
    const width = values.length / shape[0]!;
    if (bad >= 0)
      return `${name} of ${split} holds ${values[bad]} in row ${rows[0]! + Math.floor(bad / width)} of a batch`;
  }
  return undefined;
}

/** The arrays that hold a row of the split at each row, in all splits. */
function rowArrays(task: Task, splits: readonly Split[]): string[] {
  const names = splits.map((split) => {
    const count = Math.min(chunk, task.splits[split]);
    const batch = task.gather(
      split,
      Int32Array.from({ length: count }, (_, i) => i),
    );
    return Object.entries(batch).flatMap(([name, { shape }]) => (shape[0] === count ? [name] : []));
  });
  const [first = []] = names;
  const shared = first.filter((name) => names.every((others) => others.includes(name)));
  return shared.includes("features") ? shared : ["features"];
}

export const splits: Check<TaskSubject> = {
  name: "splits",
  async run({ whole }) {
    const { task } = await whole();
    const used = (["train", "valid", "test"] as const).filter((split) => task.splits[split] > 0);
    if (!used.includes("train"))
      return fail("It has no rows in train; give splits.train the number of training rows.");
    const missing = (["valid", "test"] as const).filter((split) => !used.includes(split));
    if (task.metric === "elbo" && missing.length > 0)
      return fail(
        `It is a model (metric: elbo) without rows for ${missing.join(" and ")}: its bound would be measured on training rows, or not at all. Set some rows aside in splits and gather.`,
      );
    const compared = rowArrays(task, used);
    const found = new Map(used.map((split) => [split, hashesOf(task, split, compared)]));
    for (const { fault } of found.values()) if (fault !== undefined) return fail(`${fault}.`);
    if (used.length === 1) return pass("All rows are training rows, as of a toy, and finite.");
    const train = found.get("train")!.hashes;
    const copies = new Map<number, number>();
    for (const hash of train) copies.set(hash, (copies.get(hash) ?? 0) + 1);
    const share = (train.filter((hash) => copies.get(hash)! > 1).length + 1) / train.length;
    for (const split of used.slice(1)) {
      const { hashes } = found.get(split)!;
      const shared = hashes.filter((hash) => copies.has(hash)).length;
      const expected = share * hashes.length;
      if (shared > expected && poissonTail(shared, expected) < falseAlarm)
        return fail(
          `${shared} of ${hashes.length} rows of ${split} are training rows as well; ${percent(share)} of the training rows have a copy among themselves. See gather and how the data are split.`,
        );
    }
    const part = [...found.values()].every((one) => one.whole) ? "" : ` Compared: the first ${mostValues} values of a split.`; // prettier-ignore
    const sizes = used.map((split) => `${task.splits[split]} ${split}`).join(", ");
    return pass(
      `${sizes}: all finite, and no row is in two splits beyond the ${percent(share)} of rows that the data repeat.${part}`,
    );
  },
};

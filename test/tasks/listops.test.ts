/** Expressions against an evaluator of their tokens, and the cost against a Tree-LSTM in plain numbers. */
import test from "ava";
import { tf } from "../../estimators/core/autodiff.ts";
import type { T } from "../../estimators/estimator.ts";
import { resolveOptions } from "../../runners/options/resolve.ts";
import { randomTensors } from "../../runners/train/noise-streams.ts";
import { splitExpressions, vocabulary } from "../../tasks/data/expressions.ts";
import listops from "../../tasks/listops.ts";
import { noPriors } from "../estimators/measured.ts";

/** The value of tokens: digits, 10 MAX, 11 MIN, 12 MED, 13 SUM_MOD, 14 a closing bracket. */
function valueOf(tokens: readonly number[]): number | undefined {
  const open: number[][] = [[]];
  for (const token of tokens)
    if (token < 10) open.at(-1)!.push(token);
    else if (token < 14) open.push([token]);
    else {
      const [operator, ...x] = open.pop()!;
      if (x.length < 2 || x.length > 5) return undefined;
      const sorted = [...x].sort((a, b) => a - b);
      const half = x.length / 2;
      const middle = x.length % 2 ? sorted[half - 0.5]! : (sorted[half - 1]! + sorted[half]!) / 2;
      const sum = x.reduce((a, b) => a + b);
      open.at(-1)!.push([sorted.at(-1)!, sorted[0]!, Math.floor(middle), sum % 10][operator! - 10]!);
    }
  return open.length === 1 && open[0]!.length === 1 ? open[0]![0] : undefined;
}

test("expressions have their value, the length asked for, and stand in one split", (t) => {
  const counts = { train: 2000, valid: 300, test: 300 };
  const made = splitExpressions(12, counts);
  const seen = new Map<string, string>();
  for (const split of ["train", "valid", "test"] as const) {
    t.is(made[split].length, counts[split]);
    for (const { tokens, answer } of made[split]) {
      t.is(valueOf(tokens), answer, tokens.join(" "));
      t.true(tokens.length > 6 && tokens.length <= 12);
      t.is(seen.get(tokens.join()) ?? split, split, tokens.join(" "));
      seen.set(tokens.join(), split);
    }
  }
  t.true(new Set([...seen.keys()].flatMap((tokens) => tokens.split(","))).size === vocabulary);
});

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

test("the cost is that of the tree of the merges chosen, and padding has no effect", async (t) => {
  await tf.setBackend("cpu");
  const [L, H, B] = [8, 3, 6];
  const settings = resolveOptions({ length: L, hidden: H, batch: B }, { who: "listops", specs: listops.options }); // prettier-ignore
  const task = await listops.create(settings, {});
  const parameters = task.init(randomTensors("listops"));
  const plain = (name: string) => parameters[name]!.arraySync() as number[][];
  const affine = (name: string, x: readonly number[]) =>
    (parameters[`${name}/bias`]!.arraySync() as number[]).map((b, j) =>
      x.reduce((sum, v, i) => sum + v * plain(`${name}/weights`)[i]![j]!, b),
    );
  const batch = Object.fromEntries(
    Object.entries(
      task.gather(
        "train",
        Int32Array.from({ length: B }, (_, i) => i),
      ),
    ).map(([name, { shape, values }]) => [name, tf.tensor(values, [...shape])]),
  );
  const words = tf.reshape(batch["features"]!, [B, L, vocabulary]).arraySync() as number[][][];
  const rows = words.map((row) => row.filter((word) => word.includes(1)));
  t.true(rows.some(({ length }) => length < L) && rows.some(({ length }) => length > 5));
  /** The pair that row b merges at a step; any where no node is left to merge. */
  const pairOf = (b: number, step: number) => (b + 2 * step) % Math.max(1, rows[b]!.length - 1 - step);
  const { program } = task.model(parameters, batch, () => tf.zeros([1]));
  const cost = program({
    ...noPriors,
    sample(name, logits) {
      const [step, K] = [Number(name.slice(6)), logits.shape.at(-1)!];
      const scores = (logits.arraySync() as number[][][][])[0]!;
      for (let b = 0; b < B; b++) {
        const pairs = Math.max(1, rows[b]!.length - 1 - step);
        t.deepEqual(scores[b]![0]!.map((x) => x > -25), Array.from({ length: K }, (_, k) => k < pairs)); // prettier-ignore
      }
      const pairs = tf.tensor1d(Array.from({ length: B }, (_, b) => pairOf(b, step)), "int32"); // prettier-ignore
      return tf.reshape(tf.cast(tf.oneHot(pairs, K), "float32"), [1, B, 1, K]);
    },
  }) as T;
  const found = cost.dataSync<"float32">();
  const labels = batch["labels"]!.arraySync() as number[][];
  for (let b = 0; b < B; b++) {
    const nodes = rows[b]!.map((word) => affine("leaf", word)).map((x) => [x.slice(0, H), x.slice(H)] as const); // prettier-ignore
    for (let step = 0; nodes.length > 1; step++) {
      const at = nodes.length === 2 ? 0 : pairOf(b, step);
      const [[hl, cl], [hr, cr]] = [nodes[at]!, nodes[at + 1]!];
      const gates = affine("compose", [...hl, ...hr]);
      const gate = (k: number, j: number) => gates[k * H + j]!;
      const c = cl.map((x, j) => x * sigmoid(gate(1, j) + 1) + cr[j]! * sigmoid(gate(2, j) + 1) + Math.tanh(gate(3, j)) * sigmoid(gate(0, j))); // prettier-ignore
      nodes.splice(at, 2, [c.map((x, j) => sigmoid(gate(4, j)) * Math.tanh(x)), c]);
    }
    const logits = affine("answer", nodes[0]![0]);
    const expected = Math.log(logits.reduce((sum, x) => sum + Math.exp(x), 0)) - logits[labels[b]!.indexOf(1)]!; // prettier-ignore
    t.true(Math.abs(found[b]! - expected) < 1e-5 * (1 + expected), `row ${b}: ${found[b]} and ${expected}`);
  }
});

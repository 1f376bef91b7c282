/** A process that opens one engine, computes a product with it, compares and times it, and says what it found. */
import { tf } from "../../estimators/core/autodiff.ts";
import type { Compiled } from "./engine.ts";
import { chooseEngine, engineVersion, openEngine } from "./index.ts";
import { messageOf } from "../errors.ts";

export interface Probe {
  readonly ok: boolean;
  readonly detail: string;
}

/** Rows and columns of the matrices. */
const size = 384;
/** Milliseconds over which the fastest product is looked for. */
const looked = 200;

function matrix(seed: number) {
  const values = Float32Array.from({ length: size * size }, (_, i) => Math.sin(i * seed + seed));
  return { shape: [size, size], values };
}

/** The largest error relative to √size, on a few rows. */
function difference(product: Float32Array, a: Float32Array, b: Float32Array): number {
  let worst = 0;
  for (const i of [0, 1, size - 1]) {
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += a[i * size + k]! * b[k * size + j]!;
      worst = Math.max(worst, Math.abs(product[i * size + j]! - sum) / Math.sqrt(size));
    }
  }
  return worst;
}

/** GFLOP/s of the fastest of the products. */
async function fastest(compute: () => Promise<unknown>): Promise<number> {
  let [least, began] = [Infinity, performance.now()];
  const end = began + looked;
  while (began < end) {
    await compute();
    const now = performance.now();
    least = Math.min(least, now - began);
    began = now;
  }
  return (2 * size ** 3) / least / 1e6;
}

async function probe(name: string): Promise<Probe> {
  const choice = chooseEngine(name);
  const version = engineVersion(choice);
  const engine = await openEngine(choice);
  const [a, b] = [matrix(1), matrix(2)];
  const compiled: Compiled = await engine.compile(
    (inputs) => ({ product: tf.matMul(inputs["a"]!, inputs["b"]!) }),
    { a: a.shape, b: b.shape },
  );
  const compute = async () => (await compiled.run({ a, b }, () => undefined))["product"]!.values;
  const error = difference(await compute(), a.values, b.values);
  if (!(error < 1e-4)) return { ok: false, detail: `its product is wrong by ${error} (${version})` };
  const rate = await fastest(compute);
  const facts = Object.entries(engine.description)
    .filter(([key]) => key === "threads" || key === "outputs")
    .map(([key, value]) => `${key} ${value}`);
  return { ok: true, detail: [`${rate.toPrecision(2)} GFLOP/s`, version, ...facts].join(", ") };
}

const found = await probe(process.argv[2]!).catch((error: unknown): Probe => {
  const [first = ""] = messageOf(error).split("\n");
  return { ok: false, detail: first };
});
process.send!(found, () => process.exit(0));

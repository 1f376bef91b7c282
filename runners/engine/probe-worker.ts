/** A process that opens one engine, computes a product with it, compares and times it, and sends what it found. */
import { tf } from "../../estimators/core/autodiff.ts";
import { messageOf } from "../errors.ts";
import { chooseEngine, engineVersion, openEngine } from "./index.ts";

export interface Probe {
  readonly ok: boolean;
  readonly detail: string;
}

/** Rows and columns of the matrices. */
const size = 384;
/** Milliseconds for which products are timed. */
const duration = 200;

function matrix(seed: number) {
  const values = Float32Array.from({ length: size * size }, (_, i) => Math.sin(i * seed + seed));
  return { shape: [size, size], values };
}

/** The largest error of a few rows of the product, relative to √size. */
function errorOf(product: Float32Array, a: Float32Array, b: Float32Array): number {
  let worst = 0;
  for (const i of [0, 1, size - 1])
    for (let j = 0; j < size; j++) {
      let sum = 0;
      for (let k = 0; k < size; k++) sum += a[i * size + k]! * b[k * size + j]!;
      worst = Math.max(worst, Math.abs(product[i * size + j]! - sum) / Math.sqrt(size));
    }
  return worst;
}

async function probe(name: string): Promise<Probe> {
  const choice = chooseEngine(name);
  const version = engineVersion(choice);
  const engine = await openEngine(choice);
  const [a, b] = [matrix(1), matrix(2)];
  const compiled = await engine.compile((inputs) => ({ product: tf.matMul(inputs["a"]!, inputs["b"]!) }), {
    a: a.shape,
    b: b.shape,
  });
  const multiply = async () => (await compiled.run({ a, b }, () => undefined))["product"]!.values;
  const error = errorOf(await multiply(), a.values, b.values);
  if (!(error < 1e-4)) return { ok: false, detail: `its product is wrong by ${error} (${version})` };
  let fastest = Infinity;
  for (let now = performance.now(), end = now + duration; now < end;) {
    const start = now;
    await multiply();
    now = performance.now();
    fastest = Math.min(fastest, now - start);
  }
  const rate = (2 * size ** 3) / fastest / 1e6;
  const { device, threads, outputs } = engine.description;
  const facts = Object.entries({ device, threads, outputs }).flatMap(([key, x]) =>
    x === undefined ? [] : [`${key} ${x}`],
  );
  return { ok: true, detail: [`${rate.toPrecision(2)} GFLOP/s`, version, ...facts].join(", ") };
}

const found = await probe(process.argv[2]!).catch((error: unknown): Probe => {
  const [first = ""] = messageOf(error).split("\n");
  return { ok: false, detail: first };
});
process.send!(found, () => process.exit(0));

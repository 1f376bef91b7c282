/** Made-up records with fixed numbers: what a run would leave, without running. */
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  Cell,
  CellRecord,
  CellState,
  CurveRow,
  GradientRow,
  Manifest,
  PictureRecord,
  RunRecords,
} from "../../reports/format/records.ts";
import { writeChecksums } from "../../reports/format/checksums.ts";
import { writeManifest } from "../../reports/format/manifest.ts";

/** A number in [−1, 1) from a text: the same on every machine (FNV-1a). */
export function jitter(text: string): number {
  let hash = 2166136261;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619) >>> 0;
  hash = Math.imul(hash ^ (hash >>> 15), 2246822519) >>> 0;
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 31 - 1;
}

export interface Shape {
  readonly tasks?: readonly string[];
  readonly estimators?: readonly string[];
  readonly seeds?: number;
  readonly points?: number;
  readonly steps?: number;
  readonly quick?: boolean;
  readonly name?: string;
  /** States that are not done, by `task/estimator/seed`. */
  readonly states?: Readonly<Record<string, CellState>>;
  readonly pictures?: boolean;
  readonly protocol?: GradientRow["protocol"];
}

const quality: Readonly<Record<string, number>> = {
  rloo: 0,
  "rloo:samples=4": 1.1,
  gs: -1.9,
  "st-gs": -2.1,
  st: -6,
};

function curveRows(
  id: string,
  shape: Required<Shape>,
  seed: number,
  until: number,
  estimator: string,
): CurveRow[] {
  const { points, steps } = shape;
  const level = quality[estimator] ?? 2 * jitter(estimator);
  const forward = estimator.startsWith("rloo") ? 4 : 1;
  const rows: CurveRow[] = [];
  for (let k = 0; k < points; k++) {
    const step = Math.round((k * steps) / Math.max(1, points - 1));
    if (step > until) break;
    const wobble = 0.4 * jitter(`seed ${seed}`) + 0.25 * jitter(`${id}/${k}`);
    const elbo = -104 + level - 440 * Math.exp((-9 * step) / steps) + wobble;
    const seconds = step * (0.004 + 0.0004 * jitter(id));
    const at = { step, forward: forward * step, backward: step, seconds };
    const measured = { metric: "elbo", rows: 1000, whole: false };
    rows.push({ ...at, ...measured, split: "valid", value: elbo });
    rows.push({ ...at, ...measured, split: "train", value: elbo + 1.5 });
    if (!estimator.includes("gs")) continue;
    const gap = 3 * Math.exp((-2 * step) / steps) + wobble / 9;
    const temperature = Math.max(0.5, Math.exp((-1.2 * step) / steps));
    rows.push({ ...at, split: "train", metric: "relaxation-gap", value: gap });
    rows.push({ ...at, split: "train", metric: "temperature", value: temperature });
  }
  return rows;
}

function finalRows(last: CurveRow): CurveRow[] {
  const { step, forward, backward, seconds } = last;
  const at = { step, forward, backward, seconds, split: "test" as const, rows: 10000, whole: true };
  const value = last.value ?? 0;
  return [
    { ...at, metric: "elbo", value: value - 0.8, standardError: 0.2 },
    { ...at, metric: "bound", value: value + 4.1, samples: 1000 },
    { ...at, metric: "nll", value: -value - 4.1, samples: 1000 },
  ];
}

function gradientRows(id: string, shape: Required<Shape>, until: number, estimator: string): GradientRow[] {
  const base = { rloo: 3, gs: 0.4, "st-gs": 0.6, st: 0.1 }[estimator.split(":")[0] as string] ?? 2;
  const rows: GradientRow[] = [];
  for (let k = 0; k < 6; k++) {
    const step = Math.round((k * shape.steps) / 5);
    if (step > until) break;
    const variance = base * Math.exp(0.15 * jitter(`${id} variance ${k}`) - k / 4);
    const biased = estimator.includes("st");
    rows.push({
      ...{ step, forward: step, backward: step, seconds: step * 0.004 },
      ...{ protocol: shape.protocol, batches: 8, draws: 32 },
      varianceEstimator: estimator === "exact" ? 0 : variance,
      varianceEstimatorError: variance / 10,
      ...{ varianceMinibatch: 0.5 * variance, varianceLogits: variance / 100 },
      norm: 1.5,
      signalToNoise: 2.25 / variance,
      deviation: Math.sqrt(variance) / 1.5,
      ...(biased ? { biasRelative: 0.3, biasZ: 9, bias: 0.45 } : { biasRelative: 0.01, biasZ: 0.4, bias: 0 }),
      cosine: 1 / (1 + variance),
      reference: "rloo:samples=64",
      notFinite: 0,
    });
  }
  return rows;
}

function picture(name: string, title: string, id: string): PictureRecord {
  const tile = (index: number) => {
    const [squash, radius] = [1 + 0.3 * jitter(`${id} ${index}`), 8 + jitter(`${index}`) * 2];
    const pixels = Uint8Array.from({ length: 784 }, (_, k) => {
      const ring = Math.abs(Math.hypot((k % 28) - 14, (Math.floor(k / 28) - 14) * squash) - radius);
      return Math.max(0, Math.round(255 - 70 * ring));
    });
    return Buffer.from(pixels).toString("base64");
  };
  const tiles = Array.from({ length: 20 }, (_, index) => tile(index));
  return { name, title, caption: "Made up for the test.", width: 28, height: 28, columns: 10, tiles };
}

function madeUpCell(task: string, estimator: string, seed: number, shape: Required<Shape>): Cell {
  const id = `${task}/${estimator}/${seed}`;
  const state = shape.states[id] ?? "done";
  const until =
    { done: shape.steps, failed: 0, diverged: shape.steps * 0.4 }[state as string] ?? shape.steps * 0.6;
  const curve = curveRows(id, shape, seed, until, estimator);
  const last = curve.findLast(({ metric, split }) => metric === "elbo" && split === "valid");
  if (state === "done" && last !== undefined) curve.push(...finalRows(last));
  if (state === "diverged" && last !== undefined) curve.push({ ...last, step: until, value: null });
  const errors: Partial<Record<CellState, string>> = {
    failed: "gs: logits must be finite, got NaN <script>alert(1)</script>.",
    diverged: "cost: must be finite, got NaN at step 400.",
  };
  const record: CellRecord = {
    version: 1,
    hash: hashOf(id),
    task: task.split(":")[0] as string,
    taskOptions: task.includes(":") ? { variant: task.split("=")[1] as string } : {},
    estimator: estimator.split(":")[0] as string,
    estimatorOptions: estimator.includes("=") ? { samples: Number(estimator.split("=")[1]) } : {},
    seed,
    label: estimator,
    taskLabel: task,
    state,
    resolved: { rate: 0.001, temperature: "exp:1:1e-5:0.5:1000" },
    engine: "wasm",
    steps: { done: until, planned: shape.steps },
    evaluations: estimator.startsWith("rloo") ? { forward: 4, backward: 0 } : { forward: 1, backward: 1 },
    seconds: { train: until * (0.004 + 0.0004 * jitter(id)), compile: 0.2, evaluate: 1.5 },
    started: "2026-01-02T03:04:05.000Z",
    ended: "2026-01-02T03:14:05.000Z",
    ...(errors[state] !== undefined && { error: errors[state], stack: "Error: made up\n    at nowhere" }),
    ...(shape.pictures && {
      pictures: [
        picture("codes", "Decoded from random codes", id),
        picture("reconstructions", "Reconstructions", id),
      ],
    }),
  };
  return { record, curve, gradients: gradientRows(id, shape, until, estimator) };
}

const hashOf = (id: string) => createHash("sha256").update(id).digest("hex").slice(0, 16);

/** The same run with other hashes, as of another source or budget. */
export function rehashed(run: RunRecords, suffix: string): RunRecords {
  const other = <N extends { hash: string }>(named: N): N => ({ ...named, hash: `${named.hash}${suffix}` });
  return {
    ...run,
    manifest: { ...run.manifest, matrix: run.manifest.matrix.map(other) },
    cells: run.cells.map((cell) => ({ ...cell, record: other(cell.record) })),
  };
}

/** Records of a whole run: by default 4 estimators × 3 seeds × 2 tasks, one failed and one diverged. */
export function madeUpRun(given: Shape = {}): RunRecords {
  const shape: Required<Shape> = {
    tasks: ["cat10", "bern2:variant=blog"],
    estimators: ["gs", "st-gs", "st", "rloo:samples=4"],
    seeds: 3,
    points: 21,
    steps: 1000,
    quick: false,
    name: "made-up",
    states: { "cat10/st/1": "diverged", "bern2:variant=blog/gs/2": "failed" },
    pictures: true,
    protocol: "own",
    ...given,
  };
  const seeds = Array.from({ length: shape.seeds }, (_, seed) => seed);
  const all = shape.tasks.flatMap((task) =>
    shape.estimators.flatMap((estimator) => seeds.map((seed) => madeUpCell(task, estimator, seed, shape))),
  );
  const manifest: Manifest = {
    version: 1,
    protocol: 1,
    name: shape.name,
    command: `bench run -e ${shape.estimators.join(",")} -t ${shape.tasks.join(",")} --seeds ${shape.seeds}`,
    created: "2026-01-02T03:04:05.000Z",
    bench: "0.1.0",
    ...{ node: "v20.20.0", platform: "linux x64", cpu: "Made-up CPU", cores: 2, memoryGiB: 8 },
    engine: { name: "wasm", description: { version: "4.22.0", threads: 2 } },
    git: { commit: "0123456789abcdef", dirty: true },
    data: { mnist: "train-images 6bbc9ace898e44ae57da46a324031adb" },
    quick: shape.quick,
    seeds,
    matrix: all.map(
      ({ record: { task, taskOptions, estimator, estimatorOptions, seed, hash, label, taskLabel } }) => ({
        ...{ task, taskOptions, estimator, estimatorOptions, seed, hash, label, taskLabel },
      }),
    ),
    configuration: { steps: shape.steps, seeds: shape.seeds },
    definitions: {
      tasks: {
        cat10: { title: "Categorical VAE on MNIST, 20 × 10", doc: "Linear maps.", paper: "jang2016" },
        bern2: { title: "Bernoulli VAE on MNIST, 200", doc: "Linear maps." },
      },
      estimators: {
        gs: {
          title: "Gumbel-Softmax",
          formula: "∇ f(softmax((θ + g)/τ))",
          paper: "jang2016",
          unbiased: false,
        },
        rloo: { title: "REINFORCE, leave one out", unbiased: true },
        st: { title: "Straight-through", unbiased: false, plugin: "./<b>mine</b>.ts" },
      },
    },
  };
  return { folder: "", manifest, cells: all.filter(({ record }) => record.state !== "pending") };
}

const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** Writes records as a run folder, in a new temporary folder by default, and returns its path. */
export async function writeRun(run: RunRecords, folder?: string): Promise<string> {
  const target = folder ?? (await mkdtemp(join(tmpdir(), "bench-report-")));
  await mkdir(target, { recursive: true });
  writeManifest(target, run.manifest);
  for (const { record, curve, gradients } of run.cells) {
    const cell = join(target, "cells", record.hash);
    await mkdir(cell, { recursive: true });
    await writeFile(join(cell, "cell.json"), JSON.stringify(record));
    await writeFile(join(cell, "curve.ndjson"), lines(curve));
    await writeFile(join(cell, "gradients.ndjson"), lines(gradients));
    if (!["pending", "running", "interrupted"].includes(record.state)) writeChecksums(cell);
  }
  return target;
}

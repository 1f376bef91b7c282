/** An autoencoder of six bits with three bits of code, whose data are made here; its parts can be replaced to break it. */
import { tf } from "../../../estimators/core/autodiff.ts";
import { bernoulli } from "../../../estimators/distributions/bernoulli.ts";
import type { Named, SiteSpec, T } from "../../../estimators/estimator.ts";
import { key, uniformAt } from "../../../tasks/noise.ts";
import type { Arrays, Model, Split, Task, TaskDefinition } from "../../../tasks/task.ts";
import { dense, initDense } from "../../../tasks/networks/dense.ts";
import { bernoulliCost } from "../../../tasks/networks/likelihood.ts";
import { checkTask } from "../../../runners/check/check-task.ts";
import { wasmEngine } from "../../../runners/engine/wasm/wasm-backend.ts";

export const pixels = 40;
const codes = 3;
const sizes: Readonly<Record<Split, number>> = { train: 300, valid: 100, test: 100 };
const firstOf: Readonly<Record<Split, number>> = { train: 0, valid: 300, test: 400 };
const noise = key("small vae");

export const site: SiteSpec = { name: "z", family: bernoulli, shape: [codes] };

/** Rows of bits, by their number in the whole table. */
export const rowsOf = (rows: Iterable<number>): Arrays => {
  const chosen = [...rows];
  const values = chosen.flatMap((row) =>
    Array.from({ length: pixels }, (_, i) => (uniformAt(noise, row * pixels + i) < 0.4 ? 1 : 0)),
  );
  return { features: { shape: [chosen.length, pixels], values: Float32Array.from(values) } };
};
export const tableRow = (split: Split, row: number) => firstOf[split] + row;

/** The parts of its model. */
export const encoded = (parameters: Named, batch: Named): T =>
  dense(parameters, "encoder", batch["features"]!);
export const decoded = (parameters: Named, z: T): T => dense(parameters, "decoder", z);
export const likelihoodCost = (parameters: Named, z: T, batch: Named): T =>
  bernoulliCost(decoded(parameters, z), batch["features"]!);

export const soundModel: Task["model"] = (parameters, batch): Model => ({
  program: ({ sample }) =>
    likelihoodCost(parameters, sample("z", encoded(parameters, batch), parameters["prior"]), batch),
});

export const soundTask: Task = {
  name: "small-vae",
  options: {},
  sites: [site],
  features: pixels,
  rows: 20,
  optimiser: { kind: "sgd", momentum: 0.9 },
  learningRate: () => 0.01,
  init: (random) => ({
    ...initDense("encoder", pixels, codes, random),
    ...initDense("decoder", codes, pixels, random),
    prior: tf.sub(random("prior", [1, codes]), 0.5),
  }),
  model: soundModel,
  splits: sizes,
  gather: (split, rows) => rowsOf([...rows].map((row) => tableRow(split, row))),
  metric: "elbo",
  sums: {},
};

/** The results of checks on a task. `text` has a line per check, for messages. */
export async function checksOf(task: Task, only?: readonly string[]) {
  const definition: TaskDefinition = {
    ...{ name: task.name, title: task.name, version: 1, doc: "", options: {}, steps: 10 },
    sites: () => task.sites,
    create: () => Promise.resolve(task),
  };
  const tested = { definition, settings: {}, label: task.name };
  const { checks } = await checkTask(tested, await wasmEngine(), {}, only ? { only } : {});
  return {
    failed: checks.flatMap(({ name, state }) => (state === "fail" ? [name] : [])),
    text: checks.map((one) => `${one.state} ${one.name}: ${one.detail}`).join("\n"),
  };
}

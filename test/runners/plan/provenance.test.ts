import test from "ava";
import { hashOf } from "../../../runners/hash.ts";
import { protocolVersion } from "../../../runners/plan/plan.ts";
import { prepare } from "../../../runners/plan/prepare.ts";
import { openRegistry, type Registry } from "../../../runners/plan/registry.ts";
import type { Request } from "../../../runners/plan/request.ts";

const registry = await openRegistry();
const request: Request = {
  ...{ estimators: ["rebar"], tasks: ["bits"], grids: [], plugins: [], seeds: "1" },
  ...{ engine: "onnx", quick: false, steps: "10", evaluations: "1000", timeLimit: "1h" },
};
const cellOf = async (from: Registry = registry) => (await prepare(request, from)).plan.cells[0]!;

/** Every copy of the value in which one leaf is another. */
function* flipped(value: unknown): Generator<{ readonly at: string; readonly copy: unknown }> {
  if (typeof value === "object" && value !== null) {
    for (const [key, inner] of Object.entries(value))
      for (const { at, copy } of flipped(inner))
        yield {
          at: `${key}.${at}`,
          copy: Array.isArray(value) ? value.with(Number(key), copy) : { ...value, [key]: copy },
        };
  } else if (typeof value === "number") yield { at: "", copy: value + 1 };
  else if (typeof value === "boolean") yield { at: "", copy: !value };
  else yield { at: "", copy: `${String(value)}.` };
}

test("the hash of a cell covers protocol, task, estimator, seed, budget, engine, data and measurement", async (t) => {
  const { resolved, hash } = await cellOf();
  t.is(hashOf(resolved), hash);
  t.deepEqual(Object.keys(resolved).sort(), [
    "budget",
    "data",
    "engine",
    "estimator",
    "measurement",
    "protocol",
    "seed",
    "task",
  ]);
  t.is(resolved["protocol"], protocolVersion);
  t.regex(resolved["engine"] as string, /^onnx, onnxruntime-node \d/);
});

test("whichever of them changes, all else equal, the hash is another", async (t) => {
  const { resolved, hash } = await cellOf();
  const withData = { ...resolved, data: { "train-images-idx3-ubyte": "abc" } };
  const seen = new Set([hash, hashOf(withData)]);
  const changes = [...flipped(withData)];
  for (const { at, copy } of changes) {
    t.false(seen.has(hashOf(copy)), at);
    seen.add(hashOf(copy));
  }
  const places = changes.map(({ at }) => at);
  for (const place of [
    "protocol.",
    "seed.",
    "engine.",
    "budget.steps.",
    "budget.evaluations.",
    "budget.seconds.",
    "data.train-images-idx3-ubyte.",
    "task.version.",
    "task.options.rows.",
    "estimator.source.",
    "estimator.options.control-rate.",
    "measurement.boundSamples.",
    "measurement.gradients.draws.",
    "measurement.evaluation.testRows.",
  ])
    t.true(places.includes(place), `${place} of ${places.join(" ")}`);
});

test("other data under the same names are another cell", async (t) => {
  const { hash } = await cellOf();
  const tasks = registry.tasks.map((definition) => ({
    ...definition,
    create: async (...given: Parameters<typeof definition.create>) => ({
      ...(await definition.create(...given)),
      sums: { "train-images-idx3-ubyte": "other" },
    }),
  }));
  t.not((await cellOf({ ...registry, tasks })).hash, hash);
});

test("the default data set leaves the hash as it was without the option; another changes it", async (t) => {
  const resolvedOf = async (options: string) => {
    const [cell] = (await prepare({ ...request, estimators: ["st"], tasks: [`cat10${options}`] }, registry))
      .plan.cells;
    return cell!.resolved as {
      task: { options: Readonly<Record<string, unknown>> };
      data: Readonly<Record<string, string>>;
    };
  };
  const usual = await resolvedOf("");
  t.false("dataset" in usual.task.options);
  t.deepEqual(await resolvedOf(":dataset=mnist"), usual);
  const digits = await resolvedOf(":dataset=digits");
  t.is(digits.task.options["dataset"], "digits");
  t.deepEqual(Object.keys(digits.data), ["digits/digits-8x8"]);
});

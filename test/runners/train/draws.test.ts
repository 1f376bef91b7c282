import test from "ava";
import { usesWeights } from "../../../estimators/core/multi-sample.ts";
import { tf } from "../../../estimators/core/autodiff.ts";
import { hard, score } from "../../../estimators/core/toolkit.ts";
import { estimator, type Estimator, type OptionSpecs, type Settings } from "../../../estimators/estimator.ts";
import { estimators } from "../../../estimators/index.ts";
import { createOnnxEngine } from "../../../runners/engine/onnx/onnx.ts";
import { resolveOptions } from "../../../runners/options/resolve.ts";
import { refusal } from "../../../runners/plan/choose-pairs.ts";
import { compileDraw } from "../../../runners/train/compile-draw.ts";
import { sumDraws } from "../../../runners/train/draw-sums.ts";
import { drawStream } from "../../../runners/train/noise-streams.ts";
import { allInputs } from "../../../runners/train/step-inputs.ts";
import { setUpTraining } from "../../../runners/train/training-setup.ts";
import { tasks } from "../../../tasks/index.ts";
import { everything } from "../../require.ts";

const engine = await createOnnxEngine();
test.after.always(() => engine.close());

/** Toys of several families with one and two layers, and models with a minibatch. */
const where: Record<string, Settings> = {
  bits: { rows: 3 },
  "layered-bits": { rows: 2 },
  "coupled-categorical": { rows: 2 },
  "best-subset": { rows: 2, columns: 5, subset: 2 },
  cat10: { variables: 2, categories: 3, hidden: "8", batch: 4, side: "2" },
  sbn2: { variables: 4, batch: 4, side: "4" },
  semi: { classifier: "8", hidden: "8", style: 2, batch: 4, labelled: 4, side: "2" },
};

const settingsOf = ({ name, options }: Estimator): Settings =>
  resolveOptions({}, { who: name, specs: options as OptionSpecs });

async function drawn(name: string, of: Estimator, most: number, count: number) {
  const definition = tasks.find((task) => task.name === name)!;
  const settings = resolveOptions(where[name]!, { who: name, specs: definition.options });
  const setup = await setUpTraining(await definition.create(settings, {}), of, settingsOf(of), 3);
  const draw = await compileDraw(engine, setup, most);
  const plan = { blocks: count, enough: (n: number) => n >= count };
  const { parameters, logits } = await sumDraws(draw, allInputs(setup), drawStream("draws", name), plan);
  draw.dispose();
  return { size: draw.size, draws: [...parameters.sum, ...logits.sum].map((x) => [...x]) };
}

function admits(name: string, one: Estimator): boolean {
  const definition = tasks.find((task) => task.name === name)!;
  const settings = resolveOptions(where[name]!, { who: name, specs: definition.options });
  return (
    !refusal({ definition, settings, label: name }, { estimator: one, label: one.name }, settingsOf(one)) &&
    (!usesWeights(one.claims) || name === "sbn2" || name === "cat10")
  );
}

/** Every estimator on every task with everything, else on the two that have the fewest so far. */
const pairs = Object.keys(where).map((name) => ({ name, all: [] as Estimator[] }));
for (const one of estimators)
  pairs
    .filter(({ name }) => admits(name, one))
    .sort((a, b) => a.all.length - b.all.length)
    .slice(0, everything ? pairs.length : 2)
    .forEach(({ all }) => all.push(one));

for (const { name, all } of pairs)
  test(`draws on ${name} are the same one by one and five in a run, for estimators`, async (t) => {
    t.true(all.length > (everything ? 10 : 4), `${all.length}`);
    for (const of of all) {
      const [alone, together] = [await drawn(name, of, 1, 6), await drawn(name, of, 5, 6)];
      t.is(alone.size, 1);
      t.is(together.size, 5, of.name);
      for (const [k, draw] of alone.draws.entries())
        for (const [i, x] of draw.entries()) {
          const y = together.draws[k]![i]!;
          if (!(Math.abs(x - y) <= 2e-5 * (1 + Math.abs(x))))
            t.fail(`${of.name}, draw ${k}, element ${i}: ${y}, alone ${x}`);
        }
      // One bit leaves local-expectation nothing to sample, and imle's gradient is 0 where no argmax changes.
      if (!["exact", "imle"].includes(of.name) && name !== "bits")
        t.notDeepEqual(alone.draws[0], alone.draws[1], `${of.name}: draws differ`);
    }
  });

/** Its baseline is the mean cost of all rows. */
const mixing = estimator({
  name: "mixing",
  title: "Mixes rows",
  options: {},
  claims: {
    requires: ["bits"],
    sites: "any",
    unbiased: false,
    needs: "values",
    evaluations: () => ({ forward: 1, backward: 0 }),
  },
  estimate({ run, uniform }) {
    const { cost, logp } = run((site) => hard(site, uniform(site)));
    return { surrogate: score(cost, tf.sub(cost, tf.mean(cost)), logp) };
  },
});

test("an estimator that mixes the rows of its batch does not mix draws", async (t) => {
  t.deepEqual((await drawn("bits", mixing, 1, 8)).draws, (await drawn("bits", mixing, 4, 8)).draws);
});

test("draws of a toy are equal bit for bit whatever the number in a run", async (t) => {
  const rloo = estimators.find(({ name }) => name === "rloo")!;
  for (const name of ["bits", "layered-bits", "coupled-categorical"]) {
    const expected = await drawn(name, rloo, 1, 70);
    for (const most of [2, 7, 64, 200])
      t.deepEqual((await drawn(name, rloo, most, 70)).draws, expected.draws);
  }
});

test("drawStream gives draw r the same uniforms however many are filled, and others to other draws and names", (t) => {
  const noise = drawStream("a", 1);
  const n = 5;
  const alone = Array.from({ length: 150 }, (_, r) => {
    const out = new Float32Array(n);
    noise(r, 1)("x", out);
    return [...out];
  });
  for (const [first, size] of [
    [0, 150],
    [63, 2],
    [1, 130],
    [128, 22],
  ] as const) {
    const out = new Float32Array(n * size);
    noise(first, size)("x", out);
    t.deepEqual([...out], alone.slice(first, first + size).flat());
  }
  t.is(new Set(alone.flat()).size, 150 * n);
  const other = new Float32Array(n);
  noise(0, 1)("y", other);
  t.false(alone.flat().includes(other[0]!));
});

test("of many draws a gradient that is a product is left as its factors, and its sums are the same", async (t) => {
  const definition = tasks.find(({ name }) => name === "cat10")!;
  const small = { variables: 2, categories: 3, hidden: "8", batch: 4, side: "4" };
  const settings = resolveOptions(small, { who: "cat10", specs: definition.options });
  const of = estimators.find(({ name }) => name === "rloo")!;
  const setup = await setUpTraining(await definition.create(settings, {}), of, settingsOf(of), 3);
  const inputs = allInputs(setup);
  const noise = drawStream("factors");
  const [few, many] = [await compileDraw(engine, setup, 7), await compileDraw(engine, setup, 200)];
  const outputs = await many.run(inputs, noise(0, many.size));
  t.deepEqual(outputs["left of parameters/encoder/0/weights"]!.shape, [4, 16]);
  t.false("left of parameters/encoder/0/weights" in (await few.run(inputs, noise(0, few.size))));
  const first = await sumDraws(few, inputs, noise, { blocks: 7, enough: (n) => n >= 7 });
  const plan = { blocks: 7, enough: (n: number) => n >= 7, reference: first.parameters.sum[0]! };
  const [plain, factored] = [
    await sumDraws(few, inputs, noise, plan),
    await sumDraws(many, inputs, noise, plan),
  ];
  const close = (a: ArrayLike<number>, b: ArrayLike<number>) =>
    a.length === b.length && Array.from(a).every((x, i) => Math.abs(x - b[i]!) <= 1e-5 * (1 + Math.abs(x)));
  t.is(factored.parameters.width, plain.parameters.width);
  plain.parameters.sum.forEach((sum, k) => t.true(close(sum, factored.parameters.sum[k]!)));
  t.true(close(plain.parameters.squares, factored.parameters.squares));
  t.true(close(plain.cosines, factored.cosines));
  few.dispose();
  many.dispose();
});

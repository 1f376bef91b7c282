/** The models' densities against sums written out by hand, in plain numbers, over every code of tiny ones. */
import { serial as test } from "../require.ts";
import { tf } from "../../estimators/core/autodiff.ts";
import type { Named, Settings, SiteSpec, T } from "../../estimators/estimator.ts";
import { randomTensors } from "../../runners/train/noise-streams.ts";
import { loadImages } from "../../tasks/data/load-images.ts";
import { labelledRows } from "../../tasks/models/labels.ts";
import { initPerceptron, perceptron, withSingleChanges } from "../../tasks/networks/dense.ts";
import { tasks } from "../../tasks/index.ts";
import type { Noise } from "../../runners/engine/engine.ts";
import { openProgram } from "../../runners/train/program.ts";
import { noPriors } from "../estimators/measured.ts";

const rows = 3;
const random = randomTensors("models");

async function made(name: string, settings: Settings) {
  await tf.setBackend("cpu");
  const definition = tasks.find((known) => known.name === name)!;
  const defaults = Object.entries(definition.options).map(([key, spec]) => [key, spec.default]);
  const task = await definition.create({ ...(Object.fromEntries(defaults) as Settings), side: "2", batch: rows, ...settings }, {}); // prettier-ignore
  const shapes = Object.entries(task.init(random)).map(([key, { shape }]) => [key, shape] as const);
  const parameters: Named = Object.fromEntries(
    shapes.map(([key, shape]) => [key, tf.mul(3, tf.sub(random(key, shape), 0.5))]),
  );
  const batch = Object.fromEntries(
    Object.entries(task.gather("train", Int32Array.of(5, 17, 29))).map(([key, { shape, values }]) => [
      key,
      tf.tensor(values, [...shape]),
    ]),
  );
  return { task, parameters, batch };
}

/** Plain arrays. */
const numbers = (x: T): number[] => [...x.dataSync<"float32">()];
const rowOf = (x: T, i: number): number[] => numbers(tf.squeeze(tf.slice(x, [i], [1]), [0]));
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const softmax = (x: readonly number[]) => {
  const sum = x.reduce((total, l) => total + Math.exp(l), 0);
  return x.map((l) => Math.exp(l) / sum);
};
const product = (x: readonly number[]) => x.reduce((a, b) => a * b, 1);
const log = (x: readonly number[]) => x.reduce((sum, p) => sum + Math.log(p), 0);
const bits = (x: readonly number[], logits: readonly number[]) =>
  x.map((one, i) => (one > 0.5 ? sigmoid(logits[i]!) : 1 - sigmoid(logits[i]!)));

/** xW + b */
function affine(parameters: Named, name: string, x: readonly number[]): number[] {
  const weights = numbers(parameters[`${name}/weights`]!);
  const bias = numbers(parameters[`${name}/bias`]!);
  return bias.map((b, j) => x.reduce((sum, v, i) => sum + v * weights[i * bias.length + j]!, b));
}

/** All codes of so many bits, and of so many one-hot variables. */
const binary = (n: number) => Array.from({ length: 2 ** n }, (_, i) => Array.from({ length: n }, (_, k) => (i >> k) & 1)); // prettier-ignore
const oneHots = (n: number, categories: number) =>
  Array.from({ length: categories ** n }, (_, i) =>
    Array.from({ length: n }, (_, k) => Math.floor(i / categories ** k) % categories),
  ).map((code) => code.flatMap((k) => Array.from({ length: categories }, (_, j) => Number(j === k))));

/** The values [C, B] of the program in this form at these codes, one list of codes a site, and the direct terms. */
function values(
  { task, parameters, batch }: Awaited<ReturnType<typeof made>>,
  form: "cost" | "weight",
  codes: readonly (readonly number[][])[],
) {
  const noise: Noise = (name, shape) => random(name.replace("task/", ""), shape);
  const { run, direct, auxiliary } = openProgram(task, parameters, batch, noise, "test", { form });
  const { cost } = run(({ index, shape }) => {
    const flat = tf.tensor(codes[index]!.flat(), [codes[index]!.length, 1, ...shape]);
    return tf.tile(flat, [1, rows, ...shape.map(() => 1)]);
  });
  return { costs: cost.arraySync() as number[][], direct: direct(), auxiliary };
}

/** The logits of the first site, with the rows' images centred by the model. [B, D] */
function firstLogits({ task, parameters, batch }: Awaited<ReturnType<typeof made>>): T {
  let found: T | undefined;
  task.model(parameters, batch, random).program({
    ...noPriors,
    sample(_name, logits) {
      found ??= logits;
      return tf.zeros([1, rows, ...logits.shape.slice(-1)]);
    },
  });
  return found!;
}

const near = (a: number, b: number) => Math.abs(a - b) <= 1e-4 * (1 + Math.abs(b));

for (const prior of ["uniform", "learned"])
  for (const [name, codes, probability] of [
    ["bern2", binary(2), bits],
    ["cat10", oneHots(2, 3), null],
  ] as const)
    test(`${name} with a ${prior} prior: weights average to p(x) over q, and the cost's mean is −ELBO`, async (t) => {
      const model = await made(name, { variables: 2, categories: 3, prior });
      const { parameters, batch } = model;
      const likelihoods = (code: number[], logits: number[]) =>
        probability
          ? product(probability(code, logits))
          : product(
              [0, 3].map((at) => softmax(logits.slice(at, at + 3))[code.slice(at, at + 3).indexOf(1)]!),
            );
      const priors = parameters["prior/logits"]
        ? numbers(parameters["prior/logits"])
        : codes[0]!.map(() => 0);
      const { costs: found } = values(model, "weight", [codes]);
      const { costs, direct } = values(model, "cost", [codes]);
      for (let i = 0; i < rows; i++) {
        const x = rowOf(batch["features"]!, i);
        const q = codes.map((code) => likelihoods(code, affine(parameters, "encoder/0", x)));
        const joint = codes.map(
          (code) => likelihoods(code, priors) * product(bits(x, affine(parameters, "decoder/0", code))),
        );
        const evidence = q.reduce((sum, p, c) => sum + p * Math.exp(-found[c]![i]!), 0);
        t.true(
          near(
            evidence,
            joint.reduce((a, b) => a + b),
          ),
          `row ${i}`,
        );
        const elbo = q.reduce((sum, p, c) => sum + p * Math.log(joint[c]! / p), 0);
        const cost = q.reduce((sum, p, c) => sum + p * costs[c]![i]!, numbers(direct!)[i]!);
        t.true(near(cost, -elbo), `row ${i}: ${cost} and ${-elbo}`);
      }
    });

for (const [name, codes] of [
  ["sbn2", binary(2)],
  ["sbn10", oneHots(1, 3)],
] as const)
  test(`${name}: weights average to p(lower | upper) over both layers`, async (t) => {
    const model = await made(name, { variables: name === "sbn2" ? 2 : 1, categories: 3 });
    const { parameters, batch } = model;
    const likelihood = (code: number[], logits: number[]) =>
      name === "sbn2" ? product(bits(code, logits)) : softmax(logits)[code.indexOf(1)]!;
    const pairs = codes.flatMap((a) => codes.map((b) => [a, b] as const));
    const { costs: found } = values(model, "weight", [pairs.map(([a]) => a), pairs.map(([, b]) => b)]);
    for (let i = 0; i < rows; i++) {
      const lower = rowOf(batch["lower"]!, i);
      const first = affine(parameters, "first", rowOf(batch["features"]!, i));
      const prior = pairs.map(
        ([a, b]) => likelihood(a, first) * likelihood(b, affine(parameters, "second", a)),
      );
      const sum = pairs.reduce(
        (total, [, b], c) => total + prior[c]! * product(bits(lower, affine(parameters, "lower", b))),
        0,
      );
      t.true(
        near(
          prior.reduce((total, p, c) => total + p * Math.exp(-found[c]![i]!), 0),
          sum,
        ),
        `row ${i}`,
      );
    }
  });

for (const prior of ["uniform", "learned"])
  test(`deep-bern with a ${prior} prior: weights average to p(x), the cost's mean is −ELBO`, async (t) => {
    const model = await made("deep-bern", { variables: 2, prior });
    const { parameters, batch } = model;
    const pairs = binary(2).flatMap((a) => binary(2).map((b) => [a, b] as const));
    const codes = [pairs.map(([a]) => a), pairs.map(([, b]) => b)];
    const { costs: found } = values(model, "weight", codes);
    const { costs, direct } = values(model, "cost", codes);
    const posterior = firstLogits(model);
    const top = parameters["prior/logits"] ? numbers(parameters["prior/logits"]) : [0, 0];
    for (let i = 0; i < rows; i++) {
      const x = rowOf(batch["features"]!, i);
      const q1 = rowOf(posterior, i);
      const q = pairs.map(
        ([a, b]) => product(bits(a, q1)) * product(bits(b, affine(parameters, "up2/0", a))),
      );
      const joint = pairs.map(
        ([a, b]) =>
          product(bits(b, top)) *
          product(bits(a, affine(parameters, "down1/0", b))) *
          product(bits(x, affine(parameters, "down0/0", a))),
      );
      const evidence = q.reduce((sum, p, c) => sum + p * Math.exp(-found[c]![i]!), 0);
      t.true(
        near(
          evidence,
          joint.reduce((a, b) => a + b),
        ),
        `row ${i}`,
      );
      const elbo = q.reduce((sum, p, c) => sum + p * Math.log(joint[c]! / p), 0);
      const cost = q.reduce((sum, p, c) => sum + p * costs[c]![i]!, direct ? numbers(direct)[i]! : 0);
      t.true(near(cost, -elbo), `row ${i}: ${cost} and ${-elbo}`);
    }
  });

test("addition: sums are those of the images' labels, and the cost counts wrong ones", async (t) => {
  const codes = oneHots(2, 10);
  const sums = codes.map((code) => code.indexOf(1) + code.lastIndexOf(1) - 10);
  for (const [loss, cost] of [
    ["wrong", (off: number) => Number(off !== 0)],
    ["square", (off: number) => off ** 2 / 2],
  ] as const) {
    const model = await made("addition", { digits: 2, hidden: "8", loss });
    const { costs } = values(model, "cost", [codes]);
    numbers(model.batch["sum"]!).forEach((sum, i) => {
      t.true(Number.isInteger(sum) && sum >= 0 && sum <= 18);
      codes.forEach((_code, c) => t.true(near(costs[c]![i]!, cost(sums[c]! - sum)), `row ${i}, code ${c}`));
    });
  }
  const images = await loadImages({}, "mnist");
  const { task } = await made("addition", { digits: 2, side: "28" });
  const { features, sum } = task.gather("test", Int32Array.of(3, 4999));
  for (let i = 0; i < 2; i++) {
    const labels = [0, 1].map((half) => {
      const shown = features!.values.slice((2 * i + half) * 784, (2 * i + half + 1) * 784);
      const { pixels, labels: known } = images.splits.test;
      for (let row = 0; ; row++)
        if (shown.every((value, p) => Math.round(value * 255) === pixels[row * 784 + p])) return known![row]!;
    });
    t.is(sum!.values[i], labels[0]! + labels[1]!);
  }
});

test("belief nets take the upper and the lower half of images of every side that they offer", async (t) => {
  for (const name of ["sbn2", "sbn10"])
    for (const side of tasks.find((known) => known.name === name)!.options["side"]!.choices!) {
      const { task, batch } = await made(name, { side });
      t.is(task.features, Number(side) ** 2 / 2);
      t.deepEqual(batch["features"]!.shape, [rows, task.features]);
    }
});

for (const [name, settings] of [
  ["bern2", { variables: 7 }],
  ["cat10", { variables: 3, categories: 4 }],
  ["cat10", { variables: 3, categories: 4, hidden: "6-5", activation: "tanh" }],
] as const)
  test(`${name} with ${JSON.stringify(settings)}: the costs of single changes are those of the program`, async (t) => {
    const { task, parameters, batch } = await made(name, settings);
    const { program, singleChanges } = task.model(parameters, batch, random);
    const [{ family, shape }] = task.sites as [SiteSpec];
    const D = family.variables(shape);
    const hard = (tag: string, n: number) => {
      const uniform = random(tag, [n, rows, ...shape]);
      return family.harden(family.perturb(tf.zeros([1, rows, ...shape]), uniform));
    };
    const [x, other] = [hard("x", 1), hard("other", 5)];
    const found = singleChanges!(x, other); // [n, D, B]
    t.deepEqual(found.shape, [5, D, rows]);
    for (let d = 0; d < D; d++) {
      const mask = tf.reshape(tf.oneHot(d, D), [1, 1, D, ...(family.rank ? [1] : [])]);
      const changed = tf.add(tf.mul(tf.sub(1, mask), x), tf.mul(mask, other));
      const [costs, mine] = [
        program({ ...noPriors, sample: () => changed }) as T,
        tf.slice(found, [0, d, 0], [5, 1, rows]),
      ].map(numbers);
      t.true(
        costs!.every((cost, i) => Math.abs(cost - mine![i]!) <= 1e-5 * (1 + Math.abs(cost))),
        `variable ${d}`,
      );
    }
  });

test("the costs of single changes are the same in parts of all sizes", async (t) => {
  await tf.setBackend("cpu");
  const network = { name: "net", layers: 1, activation: "relu" } as const;
  for (const [B, n, D, K] of [
    [100, 3, 5, 2], // three variables at a time
    [100, 12, 2, 1], // ten others at a time
    [1200, 2, 2, 1], // one change at a time
  ] as const) {
    const net = initPerceptron("net", [D * K, 1024], random);
    const [x, other] = ([1, n] as const).map((S) => random(`x ${S}`, [S, B, D, K])) as [T, T];
    const target = random("target", [B, 1024]);
    const f = (y: T) => tf.sum(tf.square(y), -1);
    const found = withSingleChanges(net, network, x, other, { f, target });
    for (let d = 0; d < D; d++) {
      const mask = tf.reshape(tf.oneHot(d, D), [1, 1, D, 1]);
      const changed = tf.add(tf.mul(tf.sub(1, mask), x), tf.mul(mask, other));
      const y = perceptron(net, network, tf.reshape(changed, [n, B, D * K]));
      const cost = tf.sub(f(y), tf.sum(tf.mul(target, y), -1));
      const off = tf.sub(tf.slice(found, [0, d, 0], [n, 1, B]), tf.expandDims(cost, 1));
      t.true(tf.max(tf.abs(off)).dataSync()[0]! < 1e-4, `variable ${d} of ${D}, ${B} rows`);
    }
  }
});

const linear = { classifier: "none", hidden: "none", style: 1, labelled: rows, labels: 20, alpha: 0.7, binarisation: "fixed" }; // prettier-ignore

/** −ELBO(x, y) of linear networks with one Gaussian style drawn from these uniforms. */
function labelledCost(parameters: Named, x: number[], y: number[], u: number, v: number): number {
  const [mean, logVariance] = affine(parameters, "encoder/0", [...x, ...y]) as [number, number];
  const z = mean + Math.exp(logVariance / 2) * Math.sqrt(-2 * Math.log(u)) * Math.cos(2 * Math.PI * v);
  const kl = (mean ** 2 + Math.exp(logVariance) - logVariance - 1) / 2;
  return -log(bits(x, affine(parameters, "decoder/0", [...y, z]))) + kl + Math.log(10);
}

test("semi: the marginal is the sum over classes, the labelled terms are those of the paper", async (t) => {
  const model = await made("semi", linear);
  const { parameters, batch } = model;
  const classes = oneHots(1, 10);
  const { costs, direct, auxiliary } = values(model, "cost", [classes]);
  const [u, v] = ["u", "v"].map((at) => numbers(random(`style/${at}`, [1, rows, 1])));
  const [lu, lv] = ["u", "v"].map((at) => numbers(random(`labelled/${at}`, [1, rows, 1])));
  let labelled = 0;
  for (let i = 0; i < rows; i++) {
    const [x, y] = [rowOf(batch["labelled"]!, i), rowOf(batch["labels"]!, i)];
    const q = softmax(affine(parameters, "classifier/0", x));
    labelled += labelledCost(parameters, x, y, lu![i]!, lv![i]!) - 0.7 * Math.log(q[y.indexOf(1)]!);
  }
  for (let i = 0; i < rows; i++) {
    const x = rowOf(batch["features"]!, i);
    const q = softmax(affine(parameters, "classifier/0", x));
    const entropy = -q.reduce((sum, p) => sum + p * Math.log(p), 0);
    const byHand = q.reduce(
      (sum, p, k) => sum + p * labelledCost(parameters, x, classes[k]!, u![i]!, v![i]!),
      -Math.log(10),
    );
    const found = q.reduce((sum, p, k) => sum + p * costs[k]![i]!, 0);
    t.true(near(found, byHand), `row ${i}: ${found} and ${byHand}`);
    t.true(near(numbers(direct!)[i]!, Math.log(10) - entropy), `row ${i}`);
  }
  t.true(near(numbers(auxiliary!)[0]!, labelled / rows));
});

test("semi: accuracy counts the rows whose likeliest class is their label", async (t) => {
  const { task, parameters } = await made("semi", linear);
  const seen = task.gather(
    "test",
    Int32Array.from({ length: 50 }, (_, i) => i),
  );
  const [features, labels] = [seen["features"]!, seen["labels"]!].map((a) => tf.tensor(a.values, [...a.shape])) as [T, T]; // prettier-ignore
  const right = numbers(task.measures!["accuracy"]!(parameters, { features, labels }, random));
  const byHand = right.map((_, i) => {
    const logits = affine(parameters, "classifier/0", rowOf(features, i));
    return rowOf(labels, i)[logits.indexOf(Math.max(...logits))];
  });
  t.deepEqual(right, byHand as number[]);
  t.true(right.includes(0) && right.includes(1));
});

test("labelled rows: as many of each class, the same every time, of all rows and not the first", (t) => {
  const labels = Uint8Array.from({ length: 1000 }, (_, i) => i % 5);
  const chosen = [...labelledRows(labels, 23, 5)];
  for (let k = 0; k < 5; k++) t.is(chosen.filter((at) => labels[at] === k).length, 4);
  t.is(new Set(chosen).size, 20);
  t.true(Math.max(...chosen) > 500);
  t.deepEqual([...labelledRows(labels, 23, 5)], chosen);
});

test("labelled rows: a class that has fewer rows than its share is refused", (t) => {
  const labels = Uint8Array.from({ length: 20 }, (_, i) => (i < 3 ? 0 : 1));
  t.is(labelledRows(labels, 7, 2).length, 6);
  t.throws(() => labelledRows(labels, 8, 2), {
    message: /^labels must be at most 6, because class 0 has 3 training images, got 8\.$/,
  });
});

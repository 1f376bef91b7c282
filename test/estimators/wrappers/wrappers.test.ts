/** What combinators do to the estimate they wrap. */
import test from "ava";
import { categorical } from "../../../estimators/distributions/categorical.ts";
import { tf } from "../../../estimators/core/autodiff.ts";
import type { OptionSpecs, Settings, T } from "../../../estimators/estimator.ts";
import { combinators, estimators } from "../../../estimators/index.ts";
import { resolveOptions } from "../../../runners/options/resolve.ts";
import { setUpTraining } from "../../../runners/train/training-setup.ts";
import type { Task } from "../../../tasks/task.ts";
import {
  draw,
  exact,
  flat,
  largest,
  moments,
  nextState,
  ownToy,
  scalar,
  subject,
  type Subject,
  toy,
  trace,
  combined,
} from "../measured.ts";

test("average has the inner mean and a share 1/n of its variance", async (t) => {
  // 20,000 draws: the ratio of two traces has a standard error of some 2 %; 10 % is 5 of them.
  const [task, truth] = [await toy("coupled-bits", 20_000), await exact("coupled-bits")];
  const inner = await moments(subject("reinforce", { baseline: "none" }), task);
  const three = await moments(combined("average", "reinforce", { "of.baseline": "none", draws: 3 }), task);
  t.true(largest(three, truth) <= 5, `${largest(three, truth)}`);
  const ratio = (3 * trace(three)) / trace(inner);
  t.true(Math.abs(ratio - 1) < 0.1, `${ratio}`);
});

test("average keeps the inner state, averaged, and counts all evaluations", (t) => {
  const { estimator, settings } = combined("average", "reinforce", { draws: 5, "of.samples": 2 });
  t.deepEqual(estimator.claims.evaluations([], settings), { forward: 10, backward: 0 });
  const start = {
    sites: [],
    rows: 1,
    features: 1,
    options: settings,
    random: () => tf.scalar(0.5),
    pilot: () => ({ mean: 1, variance: 1, meanOf: () => 1 }),
  };
  t.deepEqual(Object.keys(estimator.init!(start).state ?? {}), ["baseline", "weight"]);
});

/** State of an operation on signals for the sites of a toy: past signals with this mean and deviation. */
function past(of: string, sites: readonly string[], mean: number, deviation: number) {
  const { learningSignal } = estimators.find(({ name }) => name === of)!.claims;
  const names = learningSignal === "joint" || sites.length === 1 ? [""] : sites;
  const one = (site: string) => {
    const end = site === "" ? "" : `/${site}`;
    return {
      [`centre${end}`]: scalar(mean / 2),
      [`scale-mean${end}`]: scalar(mean / 2),
      [`scale-square${end}`]: scalar((mean ** 2 + deviation ** 2) / 2),
    };
  };
  const weights = { "centre-weight": scalar(0.5), "scale-weight": scalar(0.5) };
  return Object.assign(weights, ...names.map(one)) as Record<string, ReturnType<typeof scalar>>;
}

/** Draws with past signals of this mean and deviation, as far as the combinator keeps them. */
async function drawAfter(one: Subject, task: Task, mean: number, deviation: number) {
  const { state } = (await setUpTraining(task, one.estimator, one.settings, 1)).initial;
  const known = past(
    String(one.settings["of"]),
    task.sites.map(({ name }) => name),
    mean,
    deviation,
  );
  return draw(one, task, {
    parameters: ["logits", "target"],
    state: Object.fromEntries(
      Object.keys(state).flatMap((name) => (known[name] ? [[name, known[name]]] : [])),
    ),
  });
}

const withSignal = estimators.filter(({ claims }) => claims.learningSignal).map(({ name }) => name);

test("estimators with a learning signal", (t) => {
  t.deepEqual(withSignal, ["reinforce", "rloo", "group-normalised", "muprop", "darn", "rebar", "relax"]);
});

/** Gradients of an estimate at all places that the samples reach, and of the cost itself, which no signal changes. */
type Draw = Awaited<ReturnType<typeof draw>>;

/** The largest distance of two draws' values under a key, relative to the largest value of the second. */
function apart(a: Draw, b: Draw, key: string, factor = 1): number {
  const size = Math.max(...b[key]!.values.map(Math.abs), 1e-12);
  return Math.max(...b[key]!.values.map((x, i) => Math.abs(x - factor * a[key]!.values[i]!))) / size;
}

for (const of of ["reinforce", "rloo", "darn"])
  test(`normalise divides the signal of ${of} by its past deviation above 1, draw by draw, on two layers too`, async (t) => {
    for (const name of ["coupled-bits", "layered-bits"]) {
      const task = await toy(name, 20);
      const plain = await draw(subject(of), task, { parameters: ["logits", "target"] });
      for (const [deviation, factor] of [
        [3, 3],
        [0.5, 1],
      ] as const) {
        const outer = await drawAfter(combined("normalise", of), task, 2, deviation);
        for (const key of Object.keys(plain)) {
          const by = key === "parameters/target" ? 1 : factor;
          // float32; the upper layer of darn sees the lower one undivided.
          t.true(
            apart(outer, plain, key, by) <= 1e-5,
            `${of} on ${name}, ${key}: ${apart(outer, plain, key, by)}`,
          );
        }
      }
    }
  });

test("normalise of one site divides all of muprop, rebar and relax, so that they point along the gradient", async (t) => {
  const task = await toy("coupled-bits", 20);
  for (const of of ["muprop", "rebar", "relax"]) {
    const plain = await draw(subject(of), task, { parameters: ["logits", "target"] });
    const divided = await drawAfter(combined("normalise", of), task, 0, 3);
    for (const key of Object.keys(plain)) {
      const by = key === "parameters/target" ? 1 : 3;
      t.true(apart(divided, plain, key, by) <= 1e-5, `${of}, ${key}: ${apart(divided, plain, key, by)}`);
    }
  }
});

test("normalise of two sites leaves what is not a signal whole: muprop's mean-field term, rebar's reparameterised terms", async (t) => {
  const task = await toy("layered-bits", 20);
  for (const of of ["muprop", "rebar", "relax"]) {
    const [plain, three, six] = await Promise.all([
      draw(subject(of), task),
      drawAfter(combined("normalise", of), task, 0, 3),
      drawAfter(combined("normalise", of), task, 0, 6),
    ]);
    // g(σ) = r + s/σ at every coordinate: r = 2 g(6) − g(3), s = 6 (g(3) − g(6)), and g(1) = r + s.
    const [key] = Object.keys(plain) as [string];
    const [one, third, sixth] = [plain, three, six].map((x) => x[key]!.values) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    const rest = sixth.map((x, i) => 2 * x - third[i]!);
    const signal = sixth.map((x, i) => 6 * (third[i]! - x));
    t.true(Math.max(...rest.map(Math.abs)) > 1e-3, of);
    t.true(Math.max(...signal.map(Math.abs)) > 1e-3, of);
    one.forEach((x, i) => t.true(Math.abs(x - rest[i]! - signal[i]!) <= 1e-4, of));
  }
});

test("normalise measures the deviation of the learning signal, not of the cost", async (t) => {
  // coupled-bits with 1,000 added to the cost of every second row: the cost's deviation is 500, that of darn's and
  // muprop's signals is what it was. Dividing by the cost's deviation, as an earlier version did, freezes the encoder.
  const plain = await toy("coupled-bits", 1000);
  const shift = (rows: number) =>
    tf.tensor2d(
      Float32Array.from({ length: rows }, (_, i) => (i % 2) * 1000),
      [1, rows],
    );
  const shifted: Task = {
    ...plain,
    model(parameters, batch, random) {
      const { program, ...model } = plain.model(parameters, batch, random);
      const more = shift(batch["features"]!.shape[0]);
      return { ...model, program: (trace) => tf.add(program(trace) as T, more) };
    },
  };
  for (const of of ["darn", "muprop", "rebar"]) {
    const one = combined("normalise", of, { decay: 0 });
    const [{ state: before }, { state: after }] = [
      await nextState(one, plain),
      await nextState(one, shifted),
    ];
    const deviation = (state: typeof before) => {
      const [[, square] = [], [, mean] = []] = ["scale-square", "scale-mean"].map((name) =>
        Object.entries(state).find(([key]) => key.startsWith(name)),
      );
      return Math.sqrt(square!.values[0]! - mean!.values[0]! ** 2);
    };
    t.true(deviation(before) < 5 && Math.abs(deviation(after) / deviation(before) - 1) < 0.01, `${of}: ${deviation(before)}, ${deviation(after)}`); // prettier-ignore
  }
  const raw = await nextState(
    combined("normalise", "reinforce", { decay: 0, "of.baseline": "none" }),
    shifted,
  );
  t.true(Math.sqrt(raw.state["scale-square"]!.values[0]! - raw.state["scale-mean"]!.values[0]! ** 2) > 450);
});

test("centre around reinforce without baseline is reinforce with its moving average, draw by draw", async (t) => {
  const task = await toy("coupled-bits", 20);
  const centred = await drawAfter(combined("centre", "reinforce", { "of.baseline": "none" }), task, 2, 1);
  const plain = await draw(subject("reinforce"), task, {
    parameters: ["logits", "target"],
    state: { baseline: scalar(1), weight: scalar(0.5) },
  });
  for (const key of Object.keys(plain)) t.true(apart(centred, plain, key) <= 1e-5, key);
});

test("normalise of centre of reinforce, with the baseline of the inputs, is nvil but for the first past moments", async (t) => {
  const task = await toy("coupled-bits", 20);
  const nvil = subject("nvil", { decay: 0.9 });
  const centre = combined("centre", "reinforce", { "of.baseline": "none", "input-baseline": true }).estimator;
  const both = combinators.find(({ name }) => name === "normalise")!.combine(centre);
  const given = { of: "centre", "of.of": "reinforce", "of.of.baseline": "none", "of.input-baseline": true };
  const composed = {
    estimator: both,
    settings: resolveOptions(given, { who: "both", specs: both.options as OptionSpecs }),
  };
  const { state, estimatorParameters } = (await setUpTraining(task, nvil.estimator, nvil.settings, 1))
    .initial;
  const [expected, got] = [
    await draw(nvil, task),
    await draw(composed, task, { state, own: estimatorParameters }),
  ];
  for (const key of Object.keys(expected)) t.true(apart(got, expected, key) <= 1e-5, key);
});

test("combinators of the signal share no name of a parameter or state with an inner estimator", async (t) => {
  for (const name of ["centre", "normalise"])
    for (const of of withSignal) {
      const one = combined(name, of, name === "centre" ? { "input-baseline": true } : {});
      const inner = estimators.find((known) => known.name === of)!;
      const count = async (estimator: typeof inner, settings: Settings) => {
        const { initial } = await setUpTraining(await toy("layered-bits", 4), estimator, settings, 1);
        return Object.keys({ ...initial.estimatorParameters, ...initial.state }).length;
      };
      const [all, without] = [
        await count(one.estimator, one.settings),
        await count(inner, subject(of).settings),
      ];
      t.true(all > without, `${name} of ${of}: ${all}, ${without}`);
    }
});

test("centre and its baseline leave muprop, rebar, relax and rloo unbiased", async (t) => {
  // 20,000 draws; |z| ≤ 5 on the coordinates of four estimators: wrong with probability below 1e-4; the seed is fixed.
  const [task, truth] = [await toy("coupled-bits", 20_000), await exact("coupled-bits")];
  for (const of of ["muprop", "rebar", "relax", "rloo"]) {
    const one = combined("centre", of, { "input-baseline": true });
    t.true(largest(await moments(one, task), truth) <= 5, of);
  }
});

const site = { name: "z", family: categorical, shape: [1, 4] } as const;
const four = (rows: number) =>
  ownToy(site, tf.tensor2d([[0.5, -1.2, 0.9, 0.1]]), rows, (z) =>
    tf.sum(tf.mul(z, tf.tensor1d([2, -1, 0.5, 3])), [2, 3]),
  );

test("topk with all outcomes but one summed is exact, draw by draw", async (t) => {
  const task = await four(50);
  const truth = flat(await draw(subject("exact"), task));
  for (const of of ["reinforce", "rloo", "rebar"]) {
    const drawn = flat(await draw(combined("topk", of, { outcomes: 3 }), task));
    t.true(
      drawn.every((x, i) => Math.abs(x - truth[i]!) < 1e-5),
      of,
    );
  }
});

test("topk is unbiased around each kind of unbiased estimator, and lowers the variance of reinforce", async (t) => {
  // |z| ≤ 5 on four coordinates of five estimators: wrong with probability 1e-5; the seed is fixed.
  const truth = Float64Array.from(flat(await draw(subject("exact"), await four(1))));
  const task = await four(20_000);
  for (const of of ["rloo", "rebar", "muprop", "arsm", "carms"])
    t.true(largest(await moments(combined("topk", of), task), truth) <= 5, of);
  const inner = await moments(subject("reinforce", { baseline: "none" }), task);
  const summed = await moments(combined("topk", "reinforce", { "of.baseline": "none" }), task);
  t.true(trace(summed) < 0.9 * trace(inner), `${trace(summed)} against ${trace(inner)}`);
});

test("combinators refuse what they cannot wrap, in a sentence", (t) => {
  const why = (name: string, of: string) =>
    combinators.find((one) => one.name === name)!.accepts(estimators.find((one) => one.name === of)!);
  t.is(why("normalise", "darn"), undefined);
  t.regex(why("normalise", "vimco")!, /^it wraps estimators with a learning signal, .* vimco states none$/);
  t.regex(why("centre", "gs")!, /gs states none$/);
  t.regex(why("topk", "vimco")!, /the objective of vimco is made of log weights$/);
  t.is(
    why("topk", "disarm"),
    "it wraps estimators of categorical variables; disarm needs variables that are bits",
  );
  t.is(why("average", "gs"), undefined);
});

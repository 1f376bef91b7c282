/** What combinators do to the estimate they wrap. */
import test from "ava";
import { categorical } from "../../../estimators/distributions/categorical.ts";
import { tf } from "../../../estimators/core/autodiff.ts";
import type { OptionSpecs, Settings } from "../../../estimators/estimator.ts";
import { combinators, estimators } from "../../../estimators/index.ts";
import { resolveOptions } from "../../../runners/options/resolve.ts";
import {
  draw,
  exact,
  flat,
  largest,
  moments,
  ownToy,
  subject,
  type Subject,
  toy,
  trace,
} from "../measured.ts";

/** A combinator around a registered estimator. */
function combined(name: string, of: string, given: Settings = {}): Subject {
  const inner = estimators.find((one) => one.name === of)!;
  const estimator = combinators.find((one) => one.name === name)!.combine(inner);
  const specs = estimator.options as OptionSpecs;
  return { estimator, settings: resolveOptions({ of, ...given }, { who: name, specs }) };
}

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
    pilot: () => ({ mean: 1, variance: 1 }),
  };
  t.deepEqual(Object.keys(estimator.init!(start).state ?? {}), ["baseline", "weight"]);
});

/** State of normalise: past costs with mean 2 and this deviation. */
function past(deviation: number) {
  const [mean, weight] = [2, 0.5];
  const scalar = (x: number) => ({ shape: [], values: Float32Array.of(x * weight) });
  return {
    "normalise/mean": scalar(mean),
    "normalise/square": scalar(mean ** 2 + deviation ** 2),
    "normalise/weight": scalar(1),
  };
}

const kinds = ["rloo", "muprop", "darn", "st", "gs", "gumbel-rao", "rebar", "relax", "double-cv"];
for (const [deviation, factor, inner] of [
  [3, 3, kinds],
  [0.5, 1, ["rloo", "st"]],
] as const)
  test(`normalise at a past deviation of ${deviation} divides what reaches the logits by ${factor}, draw by draw, on two layers too`, async (t) => {
    for (const name of ["coupled-bits", "layered-bits"]) {
      const task = await toy(name, 20);
      const layered = name === "layered-bits" ? ["between/weights", "between/bias"] : [];
      const parameters = ["logits", ...layered, "target"];
      for (const of of inner) {
        const plain = await draw(subject(of), task, { parameters });
        const outer = await draw(combined("normalise", of), task, { parameters, state: past(deviation) });
        for (const [key, { values }] of Object.entries(plain)) {
          const by = key === "parameters/target" ? 1 : factor;
          const size = Math.max(...values.map(Math.abs));
          const apart = Math.max(...values.map((x, i) => Math.abs(x - by * outer[key]!.values[i]!)));
          t.true(apart <= 1e-5 * size, `${of} on ${name}, ${key}: ${apart} of ${size}`);
        }
      }
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
  t.regex(why("normalise", "vimco")!, /the objective of vimco is a multi-sample bound$/);
  t.is(
    why("topk", "disarm"),
    "it wraps estimators of categorical variables; disarm is for bernoulli variables",
  );
  t.is(why("average", "gs"), undefined);
});

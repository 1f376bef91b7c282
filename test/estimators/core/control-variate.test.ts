/** REBAR and RELAX: unbiased whatever their control variate is, and of less variance once it is fitted. */
import test from "ava";
import { everything } from "../../require.ts";
import {
  draw,
  exact,
  fitted,
  flat,
  largest,
  moments,
  ownGradient,
  subject,
  toy,
  trace,
} from "../measured.ts";

const without = subject("reinforce", { baseline: "none" });
/** Zeros are written 0 here, whatever their sign. */
const positive = (xs: readonly number[]) => xs.map((x) => x + 0);

/**
 * Largest |z| allowed. False alarm: 54 + 2 coordinates (three estimators on 4 + 9 + 5 logits, rebar and relax on one) at 5.7
 * two-sided, 56 × 1.2e-8 < 1e-6 family-wise. Miss: a bias of 5.7 standard errors, 3 to 4 % of the gradient's norm on the
 * coupled toys with 40,000 draws, is found with probability ½, one of 7 % in one coordinate is missed with
 * probability under 1e-4.
 */
const limit = 5.7;

// The ratio of two variances of 40,000 draws each has a standard error of about 2 %; every one here is below .65. `npm test`
// covers each estimator and each kind of problem once, `CHECKS=all` the product.
const problems = { bits: { t: 0.1 }, "coupled-bits": {}, "coupled-categorical": {}, "layered-bits": {} };
for (const [name, options, usual] of [
  ["rebar", {}, ["bits", "layered-bits"]],
  ["relax", { hidden: 8 }, ["coupled-categorical"]],
  ["relax", { hidden: 8, relaxed: false }, ["coupled-bits"]],
] as const)
  for (const [problem, given] of Object.entries(problems))
    if (everything || usual.some((one) => one === problem))
      test(`${name} ${JSON.stringify(options)} fitted on ${problem} is unbiased with at most .9 of the variance at coefficient 0`, async (t) => {
        const one = subject(name, options);
        const own = await fitted(one, await toy(problem, 100, given), { steps: 120, rate: 0.05 });
        const task = await toy(problem, 40000, given);
        const [before, after] = [await moments(without, task), await moments(one, task, own)];
        const [z, ratio] = [largest(after, await exact(problem, given)), trace(after) / trace(before)];
        t.log(`|z| ${z.toFixed(1)}, variance ${ratio.toFixed(3)} of that without`);
        t.is(after.notFinite, 0);
        t.true(z < limit);
        t.true(ratio <= 0.9);
      });

for (const name of ["coupled-bits", "coupled-categorical", "layered-bits"])
  test(`rebar at η = 0 is reinforce without baseline, bit for bit, on ${name}`, async (t) => {
    const task = await toy(name, 200);
    const plain = flat(await draw(without, task));
    t.deepEqual(positive(flat(await draw(subject("rebar", { scale: 0 }), task))), positive(plain));
    t.notDeepEqual(flat(await draw(subject("rebar"), task)), plain);
  });

test("relax before training is rebar, and reinforce with the network alone", async (t) => {
  const task = await toy("layered-bits", 100);
  const of = async (name: string, options = {}) => positive(flat(await draw(subject(name, options), task)));
  t.deepEqual(await of("relax"), await of("rebar"));
  t.deepEqual(await of("relax", { relaxed: false }), positive(flat(await draw(without, task))));
});

test("rebar with S samples has 1/S of the variance, on two layers", async (t) => {
  const task = await toy("layered-bits", 10000);
  const [one, four] = [
    await moments(subject("rebar"), task),
    await moments(subject("rebar", { samples: 4 }), task),
  ];
  // 10,000 draws of each: the ratio has a standard error of about .01.
  t.true(Math.abs(trace(four) / trace(one) - 1 / 4) < 0.03);
});

for (const problem of ["coupled-bits", "coupled-categorical", "layered-bits"])
  test(`rebar's η and log λ descend the second moment of a row's gradient on ${problem}, by finite differences`, async (t) => {
    const task = await toy(problem, 50);
    const one = subject("rebar");
    /** Mean over rows of the squared gradient with respect to the logits, with a parameter changed. */
    const secondMoment = async (name: string, value: number) => {
      const own = { [name]: { shape: [], values: Float32Array.of(value) } };
      const gradient = flat(await draw(one, task, { own }));
      return gradient.reduce((sum, g) => sum + g * g, 0) / task.rows;
    };
    const h = 1 / 64;
    for (const [name, { values }] of Object.entries(await ownGradient(one, task))) {
      const at = name.startsWith("scale") ? 1 : Math.log(0.5);
      const difference = ((await secondMoment(name, at + h)) - (await secondMoment(name, at - h))) / (2 * h);
      // Quadratic in η, so exact but for rounding; in log λ h²/6 = 4e-5 times the third derivative is left out.
      const away = Math.abs(values[0]! - difference) / (await secondMoment(name, at));
      t.true(away < 2e-4, `${name}: ${values[0]} against ${difference}`);
    }
  });

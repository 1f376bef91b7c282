import test from "ava";
import { sumOfGamma } from "../../../estimators/core/sum-of-gamma.ts";
import { kolmogorov, numbers, uniforms } from "../distributions/brute.ts";

const gumbel = (x: number) => Math.exp(-Math.exp(-x));

test("one Sum-of-Gamma variable with κ = 1 is the Gumbel variable of its uniform", (t) => {
  const u = uniforms("sum of gamma", [1000]);
  const x = numbers(() => sumOfGamma(u, 1));
  [...u.dataSync()].forEach((value, i) => t.true(Math.abs(x[i]! + Math.log(-Math.log(value))) < 2e-3));
});

// False alarm 10⁻⁶. Were they Gumbel variables divided by κ, the distance of the distribution functions would be over .05, √n D over
// 10: it is planted.
test("κ Sum-of-Gamma variables add up to a Gumbel variable", (t) => {
  const n = 40_000;
  for (const kappa of [2, 5, 10]) {
    const draws = Array.from({ length: kappa }, (_, i) => uniforms(`sum of gamma ${i}`, [n]));
    const added = (f: (i: number) => number[]) =>
      draws.map((_, i) => f(i)).reduce((sum, own) => sum.map((x, b) => x + own[b]!));
    t.true(
      kolmogorov(
        added((i) => numbers(() => sumOfGamma(draws[i]!, kappa))),
        gumbel,
      ) < 2.7,
      String(kappa),
    );
    const divided = added((i) => numbers(() => sumOfGamma(draws[i]!, 1)).map((x) => x / kappa));
    t.true(kolmogorov(divided, gumbel) > 10);
  }
});

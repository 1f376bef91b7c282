/** Estimators of signs z are those of bits b = ½(z + 1), draw by draw: the noise is the same. */
import test from "ava";
import { usesWeights } from "../../estimators/core/multi-sample.ts";
import { tf } from "../../estimators/core/autodiff.ts";
import { bernoulli, lacking, signs } from "../../estimators/distributions/index.ts";
import type { Settings, T } from "../../estimators/estimator.ts";
import { estimators } from "../../estimators/index.ts";
import { draw, flat, ownToy, subject } from "./measured.ts";

const logits = [0.8, -1.3, 0.2];
const cost = (z: T) => tf.pow(tf.sub(tf.sum(tf.mul(z, tf.tensor1d([0.5, -0.3, 0.7])), -1), 0.2), 3);

/** The derivative by a bit is twice that by a sign, and so imle moves the logits twice as far. */
const ofBits: Readonly<Record<string, Settings>> = {
  imle: { lambda: 0.5 },
  "annealed-st": { sigmoid: "soft" },
};

/** It multiplies by the sample: of signs less a term of mean 0. */
const other = ["perturbed"];

for (const { name } of estimators.filter(
  (one) =>
    !other.includes(one.name) &&
    !usesWeights(one.claims) &&
    [bernoulli, signs].every((family) => lacking(family, one.claims.requires) === undefined),
))
  test.serial(`${name} of signs is ${name} of bits`, async (t) => {
    const of = async (family: typeof signs, settings: Settings, f: (x: T) => T) => {
      const site = { name: "z", family, shape: [3] };
      const hidden = name === "nvil" ? { hidden: 8 } : {};
      return flat(
        await draw(subject(name, { ...settings, ...hidden }), await ownToy(site, tf.tensor1d(logits), 50, f)),
      );
    };
    const ours = await of(signs, {}, cost);
    const theirs = await of(bernoulli, ofBits[name] ?? {}, (b) => cost(tf.sub(tf.mul(2, b), 1)));
    t.is(ours.length, theirs.length);
    const size = Math.max(...theirs.map(Math.abs));
    ours.forEach((x, i) => t.true(Math.abs(x - theirs[i]!) <= 1e-5 * size, `${x} ${theirs[i]}`));
  });

import test from "ava";
import { tf } from "../../../estimators/core/autodiff.ts";
import { bernoulli } from "../../../estimators/distributions/index.ts";
import type { Body } from "../../../runners/engine/engine.ts";
import { createOnnxEngine } from "../../../runners/engine/onnx/onnx.ts";
import { optimise } from "../../../runners/engine/onnx/passes/index.ts";
import { trace } from "../../../runners/engine/onnx/trace.ts";

const logarithms = (body: Body, shapes: Record<string, number[]>) =>
  optimise(trace(body, shapes)).nodes.filter(({ op }) => op === "Log").length;

test("logistic noise is one logarithm, exact to rounding from the smallest uniform to the largest", async (t) => {
  const units = [0, 1, 2, 1000, 2 ** 21, 2 ** 22 - 1, 2 ** 22, 2 ** 22 + 1, 2 ** 23 - 2, 2 ** 23 - 1];
  const uniforms = Float32Array.from(units, (k) => (k + 0.5) / 2 ** 23);
  const shape = [uniforms.length];
  const body: Body = ({ x }, noise) => ({ z: bernoulli.perturb(x!, noise("u", shape)) });
  t.is(logarithms(body, { x: shape }), 1);
  const compiled = await (await createOnnxEngine()).compile(body, { x: shape });
  const zeros = { x: { shape, values: new Float32Array(uniforms.length) } };
  const { z } = await compiled.run(zeros, (_name, out) => out.set(uniforms));
  uniforms.forEach((u, i) => {
    const exact = Math.log(u) - Math.log1p(-u);
    t.true(
      Math.abs(z!.values[i]! - exact) <= 2e-7 * (1 + Math.abs(exact)),
      `${u}: ${z!.values[i]}, ${exact}`,
    );
  });
  compiled.dispose();
});

test("a difference of logarithms stays one where the quotient could overflow", (t) => {
  t.is(
    logarithms(({ x }) => ({ y: tf.sub(tf.log(x!), tf.log(tf.sub(1, x!))) }), { x: [3] }),
    2,
  );
  const two: Body = (_, noise) => ({ y: tf.sub(tf.log(noise("u", [3])), tf.log(noise("v", [3]))) });
  t.is(logarithms(two, {}), 2);
  const shifted: Body = (_, noise) => ({ y: tf.sub(tf.log(noise("u", [3])), tf.log(tf.sub(2, noise("u", [3])))) }); // prettier-ignore
  t.is(logarithms(shifted, {}), 2);
});

import test from "ava";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as Tfjs from "@tensorflow/tfjs";
import { gradients, onTape, stop, tf } from "../../../estimators/core/autodiff.ts";
import type { Body } from "../../../runners/engine/engine.ts";
import { noiseName, trace } from "../../../runners/engine/onnx/trace.ts";

const shapes = { x: [2, 3] };
const refused = (body: Body) => {
  try {
    trace(body, shapes);
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing was refused";
};

const outside = tf.tensor2d([[1, 2, 3]]);
const variable = tf.variable(outside);
const here = /at .*trace-errors\.test\.ts:\d+\)$/;

const faults: Record<string, { body: Body; says: RegExp }> = {
  "reads a value": {
    body: ({ x }) => ({ y: tf.scalar(x!.dataSync()[0]!) }),
    says: /dataSync: a step must not read/,
  },
  "reads an array": { body: ({ x }) => ({ y: tf.tensor(x!.arraySync()) }), says: /a step must not read/ },
  "asks for a value and goes on": {
    body: ({ x }) => {
      void x!.data();
      return { y: x! };
    },
    says: /data: a step must not read/,
  },
  "draws its own noise": { body: ({ x }) => ({ y: tf.add(x!, tf.randomUniform([2, 3])) }), says: /tf\.randomUniform: noise must come from outside/ }, // prettier-ignore
  "draws seeded noise": { body: ({ x }) => ({ y: tf.add(x!, tf.randomNormal([2, 3], 0, 1, "float32", 7)) }), says: /tf\.randomNormal: noise must come from outside/ }, // prettier-ignore
  "drops out": {
    body: ({ x }) => ({ y: tf.dropout(x!, 0.5) }),
    says: /tf\.dropout: noise must come from outside/,
  },
  "samples with tf.multinomial": { body: ({ x }) => ({ y: tf.multinomial(x as Tfjs.Tensor2D, 1) }), says: /tf\.multinomial: noise must come from outside/ }, // prettier-ignore
  "calls Math.random": { body: ({ x }) => ({ y: tf.mul(x!, Math.random()) }), says: /Math\.random: noise must come from outside/ }, // prettier-ignore
  "uses a tensor from outside": { body: ({ x }) => ({ y: tf.mul(x!, outside) }), says: /Multiply: a step must not use a tensor \[1,3\] made outside it/ }, // prettier-ignore
  "returns a tensor from outside": {
    body: () => ({ y: outside }),
    says: /output y: a step must not use a tensor/,
  },
  "uses a variable": {
    body: ({ x }) => ({ y: tf.add(x!, variable) }),
    says: /Add: a step must not use a tf\.variable/,
  },
  "uses an operation without compiled form": { body: ({ x }) => ({ y: tf.spectral.rfft(x!) }), says: /this operation has no compiled form/ }, // prettier-ignore
  "multiplies what does not fit": { body: ({ x }) => ({ y: tf.matMul(x as Tfjs.Tensor2D, x as Tfjs.Tensor2D) }), says: /BatchMatMul: cannot multiply matrices \[2,3\] and \[2,3\]/ }, // prettier-ignore
  "adds what does not broadcast": {
    body: ({ x }) => ({ y: tf.add(x!, tf.ones([4])) }),
    says: /Add: the shapes \[2,3\] and \[4\] of Add do not broadcast/,
  },
};

for (const [what, { body, says }] of Object.entries(faults))
  test(`tracing refuses a step that ${what}`, (t) => {
    const before = tf.getBackend();
    t.regex(refused(body), says);
    t.is(tf.getBackend(), before, "the backend is put back");
    t.true(Math.random() < 1, "Math.random is put back");
  });

test("a refusal names the line and the engine that still runs the step", (t) => {
  const message = refused(({ x }) => ({ y: tf.add(x!, variable) }));
  t.regex(message, here);
  t.regex(message, /--engine cpu/);
  t.notRegex(message, /\n/);
});

test("a refusal names the plug-in's line, not the harness's", async (t) => {
  const file = join(mkdtempSync(join(tmpdir(), "plug-in-")), "mine.mjs");
  writeFileSync(file, "export const mine =\n  (tf) =>\n  (x) =>\n    tf.scalar(x.dataSync()[0]);\n");
  const { mine } = (await import(pathToFileURL(file).href)) as {
    mine: (t: typeof tf) => (x: unknown) => Tfjs.Tensor;
  };
  t.regex(
    refused(({ x }) => ({ y: mine(tf)(x) })),
    /mine\.mjs:4\)$/,
  );
});

test("tracing refuses a promise", (t) => {
  t.regex(refused((() => Promise.resolve({})) as never), /must return its tensors at once, got a promise/);
});

test("a trace holds constants made inside it, noise by name and shape, and nothing unused", (t) => {
  const graph = trace(
    (inputs, noise) => ({
      y: tf.add(tf.mul(inputs["x"]!, noise("u", [3])), tf.add(noise("u", [3]), noise("u", [2, 1]))),
      z: tf.matMul(tf.tensor2d([[1, 2]]), inputs["x"] as Tfjs.Tensor2D),
    }),
    { ...shapes, unused: [7] },
  );
  t.deepEqual(Object.keys(graph.inputs), ["x"]);
  t.deepEqual(Object.keys(graph.noise).map(noiseName), ["u", "u"]);
  t.deepEqual(graph.constants.map((c) => c.shape), [[1, 2]]); // prettier-ignore
  t.deepEqual(graph.nodes.map(({ op }) => op).sort(), ["Add", "Add", "Gemm", "Mul"]);
});

test("a constant of one value may be of any size, and one of many values not", (t) => {
  const size = 2 ** 22 + 1;
  const graph = trace(({ x }) => ({ y: tf.add(tf.sum(x!), tf.ones([size])) }), shapes);
  t.true(graph.constants.every(({ shape }) => shape.reduce((a, b) => a * b, 1) <= 2));
  const many = Float32Array.from({ length: size }, (_, k) => k);
  t.regex(
    refused(({ x }) => ({ y: tf.add(tf.sum(x!), tf.tensor1d(many)) })),
    /a constant must have at most 4194304 elements, got 4194305; make it an input/,
  );
});

test("equal expressions are one node, and what autodiff spreads out stays small", (t) => {
  const graph = trace(
    ({ x }) =>
      onTape(() => {
        const a = tf.clone(x!);
        const y = tf.mean(tf.add(tf.sigmoid(a), tf.sigmoid(a)));
        return { g: gradients(y, [a])[0]! };
      }),
    shapes,
  );
  t.is(graph.nodes.filter(({ op }) => op === "Sigmoid").length, 1);
  t.is(graph.nodes.filter(({ op }) => op === "Expand").length, 0);
});

test("a stopped value carries no gradient into the graph", (t) => {
  const graph = trace(
    ({ x }) =>
      onTape(() => {
        const a = tf.clone(x!);
        return { g: gradients(tf.sum(tf.mul(stop(tf.exp(a)), a)), [a])[0]! };
      }),
    shapes,
  );
  t.deepEqual(graph.nodes.map(({ op }) => op), ["Exp"]); // prettier-ignore
});

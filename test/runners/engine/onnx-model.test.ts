import test from "ava";
import { spawnSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type * as Tfjs from "@tensorflow/tfjs";
import { gradients, onTape, tf } from "../../../estimators/core/autodiff.ts";
import { model } from "../../../runners/engine/onnx/model.ts";
import { float, integer, message, text } from "../../../reports/format/protobuf.ts";
import { trace } from "../../../runners/engine/onnx/trace.ts";
import { needing, pythonWith } from "../../require.ts";

const python = pythonWith("onnx");

test("a protocol buffer has the bytes of the specification's examples", (t) => {
  // Examples of https://protobuf.dev/programming-guides/encoding: 150, "testing", a message, packed integers.
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
  t.is(hex(integer(1, 150)), "089601");
  t.is(hex(text(2, "testing")), "120774657374696e67");
  t.is(hex(message(3, integer(1, 150))), "1a03089601");
  t.is(hex(integer(1, -2)), "08feffffffffffffffff01");
  t.is(hex(float(1, 1)), "0d0000803f");
});

const graph = () =>
  trace(
    ({ x, w }, noise) =>
      onTape(() => {
        const [a, b] = [tf.clone(x!), tf.clone(w!)];
        const h = tf.relu(tf.add(tf.matMul(a as Tfjs.Tensor2D, b as Tfjs.Tensor2D), noise("u", [5])));
        const image = tf.conv2d(
          tf.reshape<Tfjs.Rank.R4>(h, [1, 4, 5, 1]),
          tf.ones<Tfjs.Rank.R4>([3, 3, 1, 2]),
          2,
          "same",
        );
        const loss = tf.add(tf.mean(tf.softplus(h)), tf.sum(tf.leakyRelu(image, 0.1)));
        const [first, second] = gradients(loss, [a, b]);
        return { first: first!, second: second!, loss, same: loss, through: x!, nothing: tf.zeros([2]) };
      }),
    { x: [4, 3], w: [3, 5] },
  );

const withPython = needing("Python with the onnx package (pip install onnx)", python !== undefined);

withPython("a traced graph passes the checker of the onnx package, its shapes included", (t) => {
  const file = join(mkdtempSync(join(tmpdir(), "onnx-")), "step.onnx");
  writeFileSync(file, model(graph()));
  const script = `
import onnx, sys
m = onnx.load(sys.argv[1])
onnx.checker.check_model(m, full_check=True)
onnx.shape_inference.infer_shapes(m, check_type=True, strict_mode=True)
print(m.opset_import[0].version, len(m.graph.node), *[o.name for o in m.graph.output])`;
  const { status, stdout, stderr } = spawnSync(python!, ["-c", script, file], { encoding: "utf8" });
  t.is(status, 0, stderr);
  t.regex(stdout, /^18 \d+ out\/first out\/second out\/loss out\/same out\/through out\/nothing/);
});

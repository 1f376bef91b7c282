/** Steps on the device named by its argument, printed as JSON; in a process of its own, which Vulkan's variables reach. */
import { gradients, onTape, tf } from "../../../estimators/autodiff.ts";
import { createOnnxEngine } from "../../../runners/engine/onnx.ts";

const device = process.argv[2] as "cpu" | "webgpu";
const engine = await createOnnxEngine({ device });
const spread = (size: number) =>
  Float32Array.from({ length: size }, (_, i) => (((i + 1) * 0.6180339887) % 1) - 0.5);
const parameters = {
  encoder: { shape: [12, 6], values: spread(72) },
  decoder: { shape: [6, 12], values: spread(72).reverse() },
};
const trainer = await engine.train({
  parameters,
  state: { average: { shape: [], values: Float32Array.of(1) } },
  inputs: { features: [4, 12], rate: [] },
  groups: [{ names: ["encoder", "decoder"], optimiser: { kind: "sgd", momentum: 0.9 }, rate: "rate" }],
  body: (x, noise) =>
    onTape(() => {
      const [a, b] = [tf.clone(x["encoder"]!), tf.clone(x["decoder"]!)];
      const logits = tf.reshape(tf.relu(tf.matMul(x["features"]!, a)), [4, 2, 3]);
      const gumbel = tf.neg(tf.log(tf.neg(tf.log(noise("z", [4, 2, 3])))));
      const z = tf.softmax(tf.add(logits, gumbel));
      const out = tf.matMul(tf.reshape(z, [4, 6]), b);
      const cost = tf.mean(tf.sum(tf.sub(tf.softplus(out), tf.mul(x["features"]!, out)), -1));
      const [da, db] = gradients(cost, [a, b]);
      return { "gradient/encoder": da!, "gradient/decoder": db!, "state/average": cost, "log/cost": cost };
    }),
});
const inputs = {
  features: { shape: [4, 12], values: spread(48).map((v) => Number(v > 0)) },
  rate: { shape: [], values: Float32Array.of(0.1) },
};
const costs: number[] = [];
for (let step = 0; step < 10; step++) {
  const logged = await trainer.step(inputs, (_name, out) => out.set(spread(out.length).map((v) => v * 0.9 + 0.5)), true); // prettier-ignore
  costs.push(logged!["cost"]!);
}
const { arrays } = trainer.save();
const values = Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, [...array.values]]));
console.log(JSON.stringify({ costs, values, description: engine.description }));
process.exit(0);

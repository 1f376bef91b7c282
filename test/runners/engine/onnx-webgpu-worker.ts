/**
 * Compares steps of tiny cells on WebGPU and on the CPU and prints the differences as JSON. This is a process of its own, so
 * that the variables of Vulkan can be set.
 */
import { createOnnxEngine } from "../../../runners/engine/onnx/onnx.ts";
import { differences, shortTraining } from "./short-training.ts";

/**
 * Both families, hard and soft samples, a control variate's second derivatives, two layers. SGD throughout, for Adam
 * divides by the gradient's own size, down to its rounding. Not semi: a cosine of Vulkan may be wrong by 2⁻¹¹, and with it
 * the Gaussian noise.
 */
const categorical = { variables: 2, categories: 3, batch: 4 };
const cells = [
  { estimator: "gs", task: "cat10", options: { ...categorical, hidden: "8", side: "4" } },
  { estimator: "rebar", task: "bern2", options: { variables: 4, hidden: "8", batch: 4, side: "2" } },
  { estimator: "st-gs", task: "sbn2", options: { variables: 4, batch: 4, side: "4" } },
  { estimator: "rloo", task: "cat10", options: { ...categorical, side: "2" } },
];

/** Without everything both families, soft samples and second derivatives. */
const compared = process.env["CHECKS"] === "all" ? cells : cells.slice(0, 2);
const [gpu, cpu] = [await createOnnxEngine({ device: "webgpu" }), await createOnnxEngine()];
const found: string[] = [];
for (const cell of compared) {
  const training = { ...cell, options: { ...cell.options, "learning-rate": 1e-2 }, steps: 2 };
  const [expected, got] = [await shortTraining(cpu, training), await shortTraining(gpu, training)];
  found.push(...differences(expected, got).map((text) => `${cell.estimator} on ${cell.task}: ${text}`));
}
console.log(JSON.stringify({ found, description: gpu.description }));
process.exit(0);

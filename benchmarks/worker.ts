/**
 * Times a step in a process of its own: `worker.ts ENGINE STEP THREADS`. It reads numbers of steps, one per line, and
 * answers each with the milliseconds that one step took: wall clock, and processor time.
 */
import { createInterface } from "node:readline";
import type { Compiled, Engine } from "../runners/engine/engine.ts";
import { evaluation, noiseAt, trainingSteps } from "./workloads.ts";

const [name = "onnx", step = "vae", threads = "1"] = process.argv.slice(2);

async function open(): Promise<Engine> {
  if (name === "onnx" || name === "onnx-copied") {
    const outputs = name === "onnx" ? "in place" : "copied";
    return (await import("../runners/engine/onnx/onnx.ts")).createOnnxEngine({
      threads: Number(threads),
      outputs,
    });
  }
  if (name === "wasm") return (await import("../runners/engine/wasm/wasm-backend.ts")).wasmEngine();
  if (name === "cpu") return (await import("../runners/engine/eager.ts")).cpuEngine();
  if (name === "tensorflow")
    return (await import("../runners/engine/tensorflow/tensorflow.ts")).tensorflowEngine();
  throw new Error(`Unknown engine "${name}". Known are onnx, onnx-copied, tensorflow, wasm and cpu.`);
}

async function program(engine: Engine): Promise<(count: number) => Promise<unknown>> {
  if (step === "evaluation") {
    const { body, inputs, chunks } = await evaluation();
    const shapes = Object.fromEntries(Object.entries(inputs).map(([key, { shape }]) => [key, shape]));
    const compiled: Compiled = await engine.compile(body, shapes);
    return async (count) => {
      for (let chunk = 0; chunk < chunks; chunk++)
        await compiled.run(inputs, noiseAt(count * chunks + chunk));
    };
  }
  const { training, inputs } = await trainingSteps[step]!();
  const trainer = await engine.train(training);
  return (count) => trainer.step(inputs(count), noiseAt(count), false);
}

const started = performance.now();
const run = await program(await open());
let count = 0;
await run(count++);
console.log(`ready ${(performance.now() - started).toFixed(0)}`);
for await (const line of createInterface({ input: process.stdin })) {
  const [begun, busy] = [performance.now(), process.cpuUsage()];
  for (let i = 0; i < Number(line); i++) await run(count++);
  const wall = (performance.now() - begun) / Number(line);
  const { user, system } = process.cpuUsage(busy);
  console.log(`${wall.toFixed(4)} ${((user + system) / 1000 / Number(line)).toFixed(4)}`);
}

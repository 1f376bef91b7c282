/** Prints the milliseconds of a step by operator, from ONNX Runtime's own profile: `profile.ts [STEP]`, by default vae. */
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createOnnxEngine } from "../runners/engine/onnx/onnx.ts";
import { noiseAt, trainingSteps } from "./workloads.ts";

interface Event {
  readonly cat: string;
  readonly name: string;
  readonly dur: number;
  readonly args: {
    readonly op_name?: string;
    readonly output_type_shape?: readonly Record<string, number[]>[];
  };
}

const STEPS = 200;
const WARM = 20;
const [step = "vae", detail] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), "bench-profile-"));
const { training, inputs } = await trainingSteps[step]!();
const engine = await createOnnxEngine({ profile: join(folder, "step") });
const trainer = await engine.train(training);
const begun = { at: 0 };
for (let i = 0; i < STEPS + WARM; i++) {
  if (i === WARM) begun.at = performance.now();
  await trainer.step(inputs(i), noiseAt(i), false);
}
const whole = (performance.now() - begun.at) / STEPS;
trainer.dispose();
await engine.close();
await new Promise((done) => setTimeout(done, 500));

const events = readdirSync(folder).flatMap(
  (file) => JSON.parse(readFileSync(join(folder, file), "utf8")) as Event[],
);
const spent = new Map<string, { time: number; calls: number }>();
for (const { cat, name, dur, args } of events) {
  if (cat !== "Node" || !name.endsWith("_kernel_time")) continue;
  const shape = JSON.stringify(Object.values(args.output_type_shape?.[0] ?? {})[0] ?? []);
  const key = detail ? `${args.op_name} ${shape} ${name.replace("_kernel_time", "")}` : `${args.op_name}`;
  const known = spent.get(key) ?? { time: 0, calls: 0 };
  spent.set(key, { time: known.time + dur, calls: known.calls + 1 });
}
const per = (x: number) => x / 1000 / (STEPS + WARM);
const rows = [...spent].sort((a, b) => b[1].time - a[1].time);
for (const [key, { time, calls }] of rows)
  console.log(
    `${per(time).toFixed(4)} ms  ${String(Math.round(calls / (STEPS + WARM))).padStart(3)}×  ${key}`,
  );
console.log(`${per(rows.reduce((sum, [, { time }]) => sum + time, 0)).toFixed(4)} ms  all nodes`);
console.log(`${whole.toFixed(4)} ms  a step, profiling on`);

import test from "ava";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { needing } from "../../require.ts";

/** Chromium's software Vulkan, with the loader that lies beside it. */
const driver = ["/usr/lib/chromium/vk_swiftshader_icd.json", "/usr/lib64/chromium-browser/vk_swiftshader_icd.json"].find(existsSync); // prettier-ignore
const worker = fileURLToPath(new URL("onnx-webgpu-worker.ts", import.meta.url));

interface Made {
  readonly cells: number;
  readonly values: Record<string, number[]>;
  readonly description: Record<string, string | number>;
}

function steps(device: string, environment: Record<string, string>) {
  const env = { ...process.env, ...environment };
  return spawnSync(process.execPath, ["--import=./test/loader/index.mjs", worker, device], {
    encoding: "utf8",
    env,
  });
}

needing("Chromium's SwiftShader (chromium-common)", driver !== undefined)(
  "training on WebGPU follows the CPU's, on a software driver",
  (t) => {
    const place = { VK_ICD_FILENAMES: driver!, LD_LIBRARY_PATH: dirname(driver!) };
    const [gpu, cpu] = [steps("webgpu", place), steps("cpu", {})];
    t.is(gpu.status, 0, gpu.stderr);
    const [got, expected] = [JSON.parse(gpu.stdout) as Made, JSON.parse(cpu.stdout) as Made];
    t.is(got.description["device"], "webgpu");
    t.is(got.description["outputs"], "copied");
    t.is(got.cells, expected.cells);
    for (const [name, wanted] of Object.entries(expected.values))
      for (const [i, x] of wanted.entries()) {
        const y = got.values[name]![i]!;
        t.true(Math.abs(x - y) <= 1e-5 * (1 + Math.abs(x)), `${name}[${i}]: got ${y}, the CPU has ${x}`);
      }
  },
);

test("a device that is absent is refused in one sentence that names the engine that runs", (t) => {
  const { status, stderr } = steps("cuda", {});
  t.not(status, 0);
  const sentence = stderr.split("\n").find((line) => line.startsWith("Error: onnx:")) ?? stderr;
  t.regex(sentence, /onnx: a session on cuda must open, got .*; --engine onnx runs on the CPU$/);
});

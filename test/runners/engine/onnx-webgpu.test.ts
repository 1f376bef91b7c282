import test from "ava";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { createOnnxEngine } from "../../../runners/engine/onnx/onnx.ts";
import { needing } from "../../require.ts";

/** Chromium's software Vulkan, with the loader that lies beside it. */
const driver = ["/usr/lib/chromium/vk_swiftshader_icd.json", "/usr/lib64/chromium-browser/vk_swiftshader_icd.json"].find(existsSync); // prettier-ignore
const worker = fileURLToPath(new URL("onnx-webgpu-worker.ts", import.meta.url));

interface Output {
  readonly found: string[];
  readonly description: Record<string, string | number>;
}

needing("Chromium's SwiftShader (chromium-common)", driver !== undefined)(
  "training on WebGPU follows the CPU's, on a software driver",
  (t) => {
    const env = { ...process.env, VK_ICD_FILENAMES: driver!, LD_LIBRARY_PATH: dirname(driver!) };
    const loader = "--import=./test/loader/index.mjs";
    const { status, stdout, stderr } = spawnSync(process.execPath, [loader, worker], {
      encoding: "utf8",
      env,
    });
    t.is(status, 0, stderr);
    const { found, description } = JSON.parse(stdout) as Output;
    t.is(description["device"], "webgpu");
    t.is(description["outputs"], "copied");
    t.deepEqual(found, []);
  },
);

test("a device that is absent is refused in one sentence that names the engine that runs", async (t) => {
  const engine = await createOnnxEngine({ device: "cuda" });
  await t.throwsAsync(
    engine.compile(({ x }) => ({ x: x! }), { x: [1] }),
    { message: /^ONNX Runtime cannot open a session on cuda: .+\. --engine onnx runs on the CPU\.$/ },
  );
});

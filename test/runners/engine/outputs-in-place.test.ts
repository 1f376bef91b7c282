import test from "ava";
import { spawnSync } from "node:child_process";
import type * as ort from "onnxruntime-node";
import { freeBuffers, probeInPlace } from "../../../runners/engine/onnx/outputs-in-place.ts";
import { openSession } from "../../../runners/engine/onnx/session.ts";

const opening =
  (run: () => Promise<ort.InferenceSession.ReturnType>): typeof openSession =>
  async (bytes, options) =>
    Object.assign(await openSession(bytes, options), { run });

const failures: Record<string, { open: typeof openSession; reason: string }> = {
  "whose session cannot open": {
    open: () => Promise.reject(new Error("sequences are not known here")),
    reason: "the probe failed: sequences are not known here",
  },
  "that converts the sequence": {
    open: opening(() => Promise.resolve({})),
    reason: "the sequence was converted",
  },
  "that fills nothing": {
    open: opening(() => Promise.reject(new Error("always this"))),
    reason: "given outputs were not filled",
  },
};

for (const [what, { open, reason }] of Object.entries(failures))
  test(`a probe ${what} is a reason to copy outputs, not a failure`, async (t) => {
    t.deepEqual(await probeInPlace(open), { reason });
  });

test("freed arrays have no elements left, also those that share a buffer; a WebAssembly memory stays", (t) => {
  const { buffer } = new WebAssembly.Memory({ initial: 1 });
  for (let round = 0; round < 3; round++) {
    const [one, two] = [new Float32Array(1000), new Uint8Array(3)];
    const part = one.subarray(10, 20);
    freeBuffers([one, two, part, new Float32Array(buffer)]);
    t.deepEqual([one.buffer.byteLength, one.length, two.length, part.length], [0, 0, 0, 0]);
  }
  t.is(buffer.byteLength, 65536);
});

test("a process that freed arrays ends by itself", (t) => {
  const file = import.meta.resolve("../../../runners/engine/onnx/outputs-in-place.ts");
  const text = `const { freeBuffers } = await import(${JSON.stringify(file)}); freeBuffers([new Float32Array(9)]);`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", text], {
    encoding: "utf8",
    timeout: 60_000,
  });
  t.is(status, 0, stderr);
});

import test from "ava";
import { spawnSync } from "node:child_process";
import { discard } from "../../../runners/engine/discard.ts";

test("discarded arrays have no elements left, also those that share a buffer", (t) => {
  for (let round = 0; round < 3; round++) {
    const [one, two] = [new Float32Array(1000), new Uint8Array(3)];
    const part = one.subarray(10, 20);
    discard([one, two, part]);
    t.deepEqual([one.buffer.byteLength, one.length, two.length, part.length], [0, 0, 0, 0]);
  }
});

test("discard leaves a WebAssembly memory, which cannot be given away", (t) => {
  const { buffer } = new WebAssembly.Memory({ initial: 1 });
  const loose = new Float32Array(4);
  discard([new Float32Array(buffer), loose]);
  t.deepEqual([buffer.byteLength, loose.length], [65536, 0]);
});

test("a process that discarded arrays ends by itself", (t) => {
  const file = import.meta.resolve("../../../runners/engine/discard.ts");
  const text = `const { discard } = await import(${JSON.stringify(file)}); discard([new Float32Array(9)]);`;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", text], {
    encoding: "utf8",
    timeout: 60_000,
  });
  t.is(status, 0, stderr);
});

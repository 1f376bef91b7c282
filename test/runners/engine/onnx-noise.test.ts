import test from "ava";
import fc from "fast-check";
import { fillUniformQuickly } from "../../../runners/engine/wasm/threefry.ts";
import { fillUniform as fillPlain, key } from "../../../tasks/noise.ts";

test("vectorised uniforms have the bits of the plain generator for every key, length and offset", (t) => {
  fc.assert(
    fc.property(fc.integer(), fc.nat(70_000), fc.nat(2 ** 31), (seed, length, offset) => {
      const [one, two] = [new Float32Array(length), new Float32Array(length)];
      fillPlain(key("test", seed), one, offset);
      fillUniformQuickly(key("test", seed), two, offset);
      return Buffer.compare(Buffer.from(one.buffer), Buffer.from(two.buffer)) === 0;
    }),
    { numRuns: 60 },
  );
  t.pass();
});

test("vectorised uniforms fill part of a larger buffer and nothing beside it", (t) => {
  const whole = new Float32Array(100).fill(7);
  fillUniformQuickly(key("part"), whole.subarray(20, 80));
  t.true(whole.subarray(0, 20).every((x) => x === 7) && whole.subarray(80).every((x) => x === 7));
  t.false(whole.subarray(20, 80).includes(7));
});

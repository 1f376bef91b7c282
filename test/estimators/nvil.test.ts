/** NVIL's running moments, and where it is REINFORCE. */
import test from "ava";
import { draw, flat, nextState, scalar, subject, toy } from "./measured.ts";

/** Past signals with mean 2 and mean squared distance 9 to it, of weight ½; inputs with mean 4, of weight ¼. */
const state = {
  mean: scalar(1),
  variance: scalar(4.5),
  weight: scalar(0.5),
  inputs: { shape: [1], values: Float32Array.of(1) },
  seen: scalar(0.25),
};
const decay = 0.8;

test("nvil without normalisation and with an output of 0 is reinforce at the same decay, draw by draw", async (t) => {
  for (const name of ["coupled-bits", "layered-bits", "coupled-categorical"]) {
    const task = await toy(name, 50);
    const plain = flat(
      await draw(subject("reinforce", { decay }), task, {
        state: { baseline: scalar(1), weight: scalar(0.5) },
      }),
    );
    const nvil = await draw(subject("nvil", { decay, normalise: false }), task, {
      state,
      own: { output: { shape: [100, 1], values: new Float32Array(100) } },
    });
    flat(nvil).forEach((x, i) => t.true(Math.abs(x - plain[i]!) <= 1e-6 * (1 + Math.abs(plain[i]!)), name));
  }
});

test("nvil's variance is that of the signal about its past mean, of one row too", async (t) => {
  const task = await toy("coupled-bits", 1);
  const own = { output: { shape: [100, 1], values: new Float32Array(100) } };
  const { state: next, cost } = await nextState(subject("nvil", { decay }), task, { own, state });
  const expected = decay * 4.5 + (1 - decay) * (cost - 2) ** 2;
  t.true((cost - 2) ** 2 > 0.1, `${cost}`);
  t.true(Math.abs(next["variance"]!.values[0]! - expected) < 1e-5, `${next["variance"]!.values[0]}`);
});

test("nvil centres inputs by the mean of those seen, whatever the pilot's weight", async (t) => {
  const base = await toy("coupled-bits", 4);
  const gather: typeof base.gather = (_split, chosen) => ({
    features: { shape: [chosen.length, 1], values: new Float32Array(chosen.length).fill(3) },
  });
  const task = { ...base, gather };
  const nvil = subject("nvil", { decay });
  const { state: next } = await nextState(nvil, task);
  const mean = next["inputs"]!.values[0]! / next["seen"]!.values[0]!;
  t.true(Math.abs(mean - 3) < 1e-5, `${mean}`);
  // Inputs equal to their mean are centred to 0, where the hidden units and the output are 0 too: no baseline but the past mean.
  const plain = flat(
    await draw(subject("reinforce", { decay }), task, {
      state: { baseline: scalar(1), weight: scalar(0.5) },
    }),
  );
  const seen = { ...state, inputs: next["inputs"]!, seen: next["seen"]!, variance: scalar(0) };
  const centred = flat(await draw(nvil, task, { state: seen }));
  centred.forEach((x, i) => t.true(Math.abs(x - plain[i]!) < 1e-5));
});

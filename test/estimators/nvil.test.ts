/** NVIL's running moments, and where it is REINFORCE. */
import test from "ava";
import { combined, draw, flat, nextState, scalar, subject, taskGradient, toy } from "./measured.ts";

/** Past signals with mean 2 and, once centred, mean 1 and variance 8, of weight ½; inputs with mean 4, of weight ¼. */
const state = {
  centre: scalar(1),
  "centre-weight": scalar(0.5),
  "scale-mean": scalar(0.5),
  "scale-square": scalar(4.5),
  "scale-weight": scalar(0.5),
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
      own: { "baseline-output": { shape: [100, 1], values: new Float32Array(100) } },
    });
    flat(nvil).forEach((x, i) => t.true(Math.abs(x - plain[i]!) <= 1e-6 * (1 + Math.abs(plain[i]!)), name));
  }
});

test("nvil keeps the moments of the centred signal, of one row too", async (t) => {
  const task = await toy("coupled-bits", 1);
  const own = { "baseline-output": { shape: [100, 1], values: new Float32Array(100) } };
  const { state: next, cost } = await nextState(subject("nvil", { decay }), task, { own, state });
  const expected = decay * 4.5 + (1 - decay) * (cost - 2) ** 2;
  t.true((cost - 2) ** 2 > 0.1, `${cost}`);
  const { [`scale-square`]: square } = next;
  t.true(Math.abs(square!.values[0]! - expected) < 1e-5, `${square!.values[0]}`);
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
  const seen = { ...state, inputs: next["inputs"]!, seen: next["seen"]!, "scale-square": scalar(0) };
  const centred = flat(await draw(nvil, task, { state: seen }));
  centred.forEach((x, i) => t.true(Math.abs(x - plain[i]!) < 1e-5));
});

test("normalisation divides the whole gradient of the encoder, also that of the divergence in closed form", async (t) => {
  const vae = { variables: 4, side: "4", binarisation: "grey", batch: 4 };
  const past = Object.fromEntries(
    Object.entries(state).filter(([name]) => name !== "inputs" && name !== "seen"),
  );
  for (const [normalised, plain] of [
    [subject("nvil", { decay }), subject("nvil", { decay, normalise: false })],
    [
      combined("normalise", "reinforce", { "of.baseline": "none" }),
      subject("reinforce", { baseline: "none" }),
    ],
  ] as const) {
    const task = await toy("bern2", 4, vae);
    const [divided, whole] = [
      await taskGradient(normalised, task, { state: past }),
      await taskGradient(plain, task, { state: past }),
    ];
    for (const [name, { values }] of Object.entries(divided)) {
      const factor = name.startsWith("encoder") ? Math.sqrt(1 / 8) : 1;
      t.true(Math.max(...whole[name]!.values.map(Math.abs)) > 1e-3, name);
      values.forEach((x, i) => t.true(Math.abs(x - factor * whole[name]!.values[i]!) < 1e-6, `${name}: ${x} and ${whole[name]!.values[i]}`)); // prettier-ignore
    }
  }
});

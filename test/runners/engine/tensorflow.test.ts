import { existsSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import test from "ava";
import { gradients, onTape, tf } from "../../../estimators/core/autodiff.ts";
import { cpuEngine } from "../../../runners/engine/eager.ts";
import { tensorflowEngine } from "../../../runners/engine/tensorflow/tensorflow.ts";
import { checkEstimator } from "../../../runners/check/index.ts";
import { resolveOptions } from "../../../runners/options/resolve.ts";
import { openRegistry } from "../../../runners/plan/registry.ts";
import type { OptionSpecs } from "../../../estimators/estimator.ts";
import { differences, shortTraining } from "./short-training.ts";
import { needing } from "../../require.ts";

/** Where continuous integration builds the binding from its npm package. */
const built = fileURLToPath(new URL("../../../.tensorflow/", import.meta.url));
const present = existsSync(join(built, "node_modules/@tensorflow/tfjs-node-gpu/lib"));
const withBinding = needing("@tensorflow/tfjs-node-gpu, built in .tensorflow/", present);

test.serial("tensorflow: without its package the error names the one command that installs it", async (t) => {
  const error = await t.throwsAsync(tensorflowEngine(mkdtempSync(join(tmpdir(), "none-"))));
  t.regex(error.message, /needs @tensorflow\/tfjs-node-gpu .*npm install @tensorflow\/tfjs-node-gpu/);
  t.is((error as Error & { exit?: number }).exit, 3);
});

withBinding(
  "tensorflow: second derivatives stay repaired when a second copy of tfjs is loaded",
  async (t) => {
    await tensorflowEngine(built);
    t.is(tf.getBackend(), "tensorflow");
    // d²/dx² of e^(2x) at 0.3 is 4e^0.6; without the repair the dependence through the saved output is lost.
    const second = tf.tidy(() =>
      onTape(() => {
        const x = tf.scalar(0.3);
        const [first] = gradients(tf.exp(tf.mul(x, 2)), [x]);
        return gradients(first!, [x])[0]!.dataSync()[0]!;
      }),
    );
    t.true(Math.abs(second - 4 * Math.exp(0.6)) < 1e-4, String(second));
  },
);

withBinding("tensorflow: bench check compares it with the other engines where it is installed", async (t) => {
  const folder = process.cwd();
  t.teardown(() => process.chdir(folder));
  const { estimators: entries } = await openRegistry();
  const engine = await cpuEngine();
  const check = async (name: string) => {
    const { estimator } = entries.find((one) => one.name === name)!;
    const settings = resolveOptions({}, { who: name, specs: estimator.options as OptionSpecs });
    const { checks } = await checkEstimator({ estimator, settings, label: name }, engine, { only: ["engine-agreement"] }); // prettier-ignore
    return checks[0]!;
  };
  process.chdir(tmpdir());
  t.regex(
    (await check("reinmax")).detail,
    /agrees between cpu, wasm, onnx to .* Not available here: tensorflow\.$/,
  );
  process.chdir(built);
  for (const name of ["reinmax", "unordered-set"]) {
    const { state, detail } = await check(name);
    t.is(state, "pass", detail);
    t.regex(detail, /agrees between cpu, wasm, onnx, tensorflow to /);
  }
});

const layer = { variables: 4, batch: 4, side: "4" };
for (const [task, estimator, options] of [
  ["cat10", "gs", layer],
  ["bern2", "rebar", layer],
  ["sbn2", "nvil", layer],
  ["coupled-categorical", "reinmax", { rows: 4 }],
] as const)
  withBinding(`tensorflow: ${estimator} on ${task} takes the same steps as cpu`, async (t) => {
    const training = { estimator, task, options: { ...options, "learning-rate": 1e-3 }, steps: 5 };
    const expected = await shortTraining(await cpuEngine(), training);
    const got = await shortTraining(await tensorflowEngine(built), training);
    t.deepEqual(differences(expected, got), []);
  });

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
import { trainingInputs } from "../../../runners/train/step-inputs.ts";
import { trainingStep } from "../../../runners/train/step.ts";
import { trainSteps } from "../../../runners/train/training-loop.ts";
import { setUpTraining } from "../../../runners/train/training-setup.ts";
import { stream } from "../../../runners/train/noise-streams.ts";
import type { OptionSpecs } from "../../../estimators/estimator.ts";
import { estimators } from "../../../estimators/index.ts";
import { tasks } from "../../../tasks/index.ts";
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

for (const [name, estimatorName] of [
  ["cat10", "gs"],
  ["bern2", "rebar"],
  ["sbn2", "nvil"],
  ["coupled-categorical", "reinmax"],
] as const)
  withBinding(`tensorflow: ${estimatorName} on ${name} takes the same steps as cpu`, async (t) => {
    const definition = tasks.find((candidate) => candidate.name === name)!;
    const estimator = estimators.find((candidate) => candidate.name === estimatorName)!;
    const defaults = (specs: object) =>
      Object.fromEntries(
        Object.entries(specs).map(([key, spec]) => [key, (spec as { default: number }).default]),
      );
    const tiny = name === "coupled-categorical" ? { rows: 4 } : { variables: 4, batch: 4, side: "4" };
    const task = await definition.create(
      { ...defaults(definition.options), ...tiny, "learning-rate": 1e-3 },
      {},
    );
    const settings = defaults(estimator.options as object);
    const source = await setUpTraining(task, estimator, settings, 0);
    const ends = [];
    for (const engine of [await cpuEngine(), await tensorflowEngine(built)]) {
      const trainer = await engine.train(trainingStep(source).training);
      await trainSteps({
        trainer,
        inputs: trainingInputs(source, 0),
        noise: (step) => stream("tensorflow", name, step),
        proceed: (step) => step < 5,
      });
      ends.push(trainer.save().arrays);
      trainer.dispose();
    }
    const [cpu, tensorflow] = ends as [(typeof ends)[0], (typeof ends)[0]];
    for (const [key, { values }] of Object.entries(cpu)) {
      const far = Math.max(
        ...values.map((x, i) => Math.abs(x - tensorflow[key]!.values[i]!) / (1 + Math.abs(x))),
      );
      t.true(far <= 1e-5, `${key} differs by ${far}`);
    }
  });

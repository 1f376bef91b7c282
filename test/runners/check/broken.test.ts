/** Mistakes that shipped in published code, each a plug-in: the check that should catch it does, and no other. */
import { join } from "node:path";
import test from "ava";
import { fileURLToPath } from "node:url";
import { toolkit } from "../../../estimators/core/toolkit.ts";
import { checkEstimator } from "../../../runners/check/index.ts";
import { wasmEngine } from "../../../runners/engine/wasm/wasm-backend.ts";
import { resolveOptions } from "../../../runners/options/resolve.ts";
import { loadPlugin } from "../../../runners/plugins/load-plugin.ts";
import type { OptionSpecs } from "../../../estimators/estimator.ts";

const folder = fileURLToPath(new URL("../../fixtures/broken", import.meta.url));

const caught = {
  "centred-on-probability": "control",
  "conditional-detached": "bias",
  "correction-dropped": "bias",
  "baseline-sees-itself": "state",
  "signal-leaks": "decoder",
  "soft-argmax-logarithm": "extremes",
} as const;

for (const [name, check] of Object.entries(caught))
  test.serial(`${name} fails the check "${check}" and passes the others`, async (t) => {
    const path = join(folder, `${name}.ts`);
    const estimator = await loadPlugin(name, path, toolkit);
    const settings = resolveOptions({}, { who: name, specs: estimator.options as OptionSpecs });
    const entry = {
      estimator,
      name,
      title: estimator.title,
      aliases: [],
      source: path,
      plugin: true,
      sourceHash: () => "",
    };
    const { checks, ok } = await checkEstimator(
      { entry, given: {}, settings, label: name },
      await wasmEngine(),
    );
    t.false(ok);
    const failed = checks.flatMap((one) => (one.state === "fail" ? [one.name] : []));
    t.deepEqual(failed, [check], checks.map((one) => `${one.name}: ${one.detail}`).join("\n"));
  });

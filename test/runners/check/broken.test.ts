/**
 * Mistakes that shipped in published code, each a plug-in: the check that should find it does, and no other. Without
 * CHECKS=all the others are those that `npm test` runs of everything.
 */
import { join } from "node:path";
import test from "ava";
import { fileURLToPath } from "node:url";
import { loadPlugin } from "../../../runners/plugins/load-plugin.ts";
import { toolkitIn } from "../../../runners/plugins/plugin-toolkit.ts";
import { everything } from "../../require.ts";
import { mainChecks, resultsOf } from "./results.ts";

const folder = fileURLToPath(new URL("../../fixtures/broken", import.meta.url));

const found = {
  "centred-on-probability": "control-variate",
  "conditional-detached": "bias",
  "correction-dropped": "bias",
  "baseline-sees-itself": "state",
  "signal-leaks": "decoder",
  "soft-argmax-logarithm": "extreme-inputs",
} as const;

for (const [name, check] of Object.entries(found))
  test.serial(`${name} fails the check "${check}" and passes the others`, async (t) => {
    const { estimators } = await loadPlugin(name, join(folder, `${name}.ts`), toolkitIn(folder));
    const { failed, text } = await resultsOf(estimators[0]!, everything ? undefined : [...mainChecks, check]);
    t.deepEqual(failed, [check], text);
  });

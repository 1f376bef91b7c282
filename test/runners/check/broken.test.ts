/**
 * Mistakes that shipped in published code, each a plug-in: the check that should find it does, and no other. Without
 * CHECKS=all the others are those that `npm test` runs of everything.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { fileURLToPath } from "node:url";
import { loadPlugin } from "../../../runners/plugins/load-plugin.ts";
import { toolkitIn } from "../../../runners/plugins/plugin-toolkit.ts";
import { estimatorText } from "../../../runners/cli/text/estimator-text.ts";
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

test.serial(
  "the scaffold with the sign of its baseline turned passes the checks with a warning of its variance",
  async (t) => {
    const text = estimatorText("turned", "js");
    const own = mkdtempSync(join(tmpdir(), "bench-turned-"));
    t.teardown(() => rmSync(own, { recursive: true }));
    const path = join(own, "turned.js");
    writeFileSync(path, text.replace("tf.sub(cost, others)", "tf.add(cost, others)"));
    const { estimators } = await loadPlugin("turned", path, toolkitIn(folder));
    const { checks, failed, text: lines } = await resultsOf(estimators[0]!, [...mainChecks, "variance"]);
    t.deepEqual(failed, [], lines);
    const { state, detail, numbers } = checks.find(({ name }) => name === "variance")!;
    t.is(state, "warn");
    t.regex(
      detail,
      /more variance than plain reinforce .* on every problem: 0\.1\d+ beside 0\.03\d+ on bits/,
    );
    // The signal f + f′ has the mean square 2 (E f² + (E f)²), which is 2 to 4 times that of f.
    for (const ratio of Object.values(numbers!)) t.true(ratio! > 2 && ratio! < 4, lines);
  },
);

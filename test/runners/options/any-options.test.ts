/** What holds of options, of labels and of engines' names, whatever the text. */
import test from "ava";
import fc from "fast-check";
import type { OptionSpecs } from "../../../estimators/estimator.ts";
import { chooseEngine, engines, resolvedText } from "../../../runners/engine/index.ts";
import { readOptions, resolveOptions } from "../../../runners/options/resolve.ts";
import { openRegistry } from "../../../runners/plan/registry.ts";
import { parseSelections, writeSelection } from "../../../runners/options/selection.ts";
import { near, numbers, soundOrRefused, word } from "./parsed.ts";

fc.configureGlobal({ seed: 8 });
const numRuns = 400;
const { estimators, tasks } = await openRegistry();
const declared: readonly { readonly who: string; readonly specs: OptionSpecs }[] = [
  ...estimators.map(({ name, estimator }) => ({ who: name, specs: estimator.options as OptionSpecs })),
  ...tasks.map(({ name, options }) => ({ who: name, specs: options })),
  ...engines.map(({ name, options }) => ({ who: name, specs: options })),
];
const value = fc.oneof(
  near("exp:1:3e-5:0.5:1000", "exp:", ":", "true", "false", "none", ...numbers),
  fc.constantFrom("1", "2", "0.5", "exp:1:3e-5:0.5:1000", "true", "webgpu", "blog", "gs", "rloo", "average"),
);
const choice = fc.constantFrom(...declared).chain((origin) => {
  const key = fc.oneof(fc.constantFrom("tau", "lr", "k", ...Object.keys(origin.specs)), word);
  return fc.record({ origin: fc.constant(origin), given: fc.dictionary(key, value, { maxKeys: 3 }) });
});

test("readOptions of any texts gives options that are declared, each of its kind, and is the same again", (t) => {
  fc.assert(
    fc.property(choice, ({ origin, given }) =>
      soundOrRefused(
        () => readOptions(given, origin),
        (read) => {
          t.deepEqual(readOptions(read, origin), read);
          const resolved = resolveOptions(read, origin);
          t.deepEqual(resolveOptions(resolved, origin), resolved);
          return Object.entries(resolved).every(([name, got]) => {
            const spec = origin.specs[name]!;
            const mayBeText = spec.schedule === true;
            if (typeof got === "number") return Number.isFinite(got) && typeof spec.default !== "boolean";
            return typeof got === typeof spec.default || (mayBeText && typeof got === "string");
          });
        },
      ),
    ),
    { numRuns: 5 * numRuns },
  );
});

test("what readOptions read stands in the label as it was read", (t) => {
  fc.assert(
    fc.property(choice, ({ origin, given }) =>
      soundOrRefused(
        () => readOptions(given, origin),
        (read) => {
          const label = writeSelection(origin.who, read);
          fc.pre(!label.includes(",,") && !/[,\s]/.test(Object.values(read).join("")));
          const [{ name, options }] = parseSelections([label], "x") as [
            ReturnType<typeof parseSelections>[0],
          ];
          t.is(name, origin.who);
          t.deepEqual(readOptions(options, origin), read);
          return true;
        },
      ),
    ),
    { numRuns: 2 * numRuns },
  );
});

test("chooseEngine of any text gives an engine that its own text names, or is refused", (t) => {
  const option = fc.constantFrom(
    "device=webgpu",
    "device=cpu",
    "threads=2",
    "threads=1",
    "threads=0",
    "threads=3.0",
    "device=gpu",
    "x=1",
    "",
  );
  const first = fc.constantFrom("onnx", "on?x", "wasm", "cpu", "tensorflow", "*", "onyx");
  const texts = fc.oneof(
    fc
      .tuple(first, fc.uniqueArray(option, { maxLength: 2 }))
      .map(([name, options]) => [name, ...options].join(":").replace(/(:.*):/, "$1,")),
    near("onnx", "wasm", "cpu", ":", ",", "=", "device", "threads", "webgpu", "cuda", "*", "?", ...numbers),
  );
  fc.assert(
    fc.property(texts, (text) =>
      soundOrRefused(
        () => chooseEngine(text),
        (choice) => {
          t.deepEqual(chooseEngine(choice.text), choice);
          t.deepEqual(chooseEngine(resolvedText(choice)).options, choice.options);
          return Object.values(choice.options).every((option) => !Number.isNaN(option));
        },
      ),
    ),
    { numRuns: 3 * numRuns },
  );
});

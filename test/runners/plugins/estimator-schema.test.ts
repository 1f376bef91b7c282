import test from "ava";
import { BenchError } from "../../../runners/errors.ts";
import { asEstimator } from "../../../runners/plugins/estimator-schema.ts";
import { refusesEach } from "../options/parsed.ts";

const valid = () => ({
  ...{ name: "mine", title: "Mine", options: {} },
  claims: {
    ...{ requires: ["bits"], sites: "any", unbiased: true, needs: "values" },
    evaluations: () => ({ forward: 1, backward: 0 }),
  },
  estimate: () => ({}),
});
type Changes = Readonly<Record<string, unknown>>;
const check = (changes: Changes) => asEstimator("plug-in ./mine.ts", { ...valid(), ...changes });
const claiming = (changes: Changes) => ({ claims: { ...valid().claims, ...changes } });
const option = (k: unknown) => ({ options: { k } });

test("asEstimator returns the very value that it was given", (t) => {
  const value = valid();
  t.is(asEstimator("x", value) as unknown, value);
});

refusesEach("a wrong field is named, with its value", check, [
  [{ title: undefined }, /^plug-in \.\/mine\.ts: title is missing\.$/],
  [{ title: " " }, /^plug-in \.\/mine\.ts: title must not be empty, got " "\.$/],
  [{ name: "My Own" }, /name must be lower-case letters and digits, joined by dashes, got "My Own"\.$/],
  [{ estmate: 5 }, /unknown field "estmate"\. Did you mean "estimate"\?$/],
  [{ estimate: 5 }, /estimate expects a function, got 5\.$/],
  [{ aliases: ["a", 1] }, /aliases\.1 expects a text, got 1\.$/],
  [claiming({ unbiased: "maybe" }), /claims\.unbiased expects true or false or "direction", got "maybe"\.$/],
  [claiming({ requires: undefined }), /claims\.requires is missing\.$/],
  [claiming({ requires: ["bit"] }), /claims\.requires\.0 expects .* or "bits" or "one-hot", got "bit"/],
  [claiming({ need: "values" }), /unknown field "claims\.need"\. Did you mean "needs"\?$/],
  [option(5), /options\.k expects an object, got 5\.$/],
  [option({ default: 1 }), /options\.k\.doc is missing\.$/],
  [
    option({ default: NaN, doc: "k" }),
    /options\.k\.default expects a number or a text or true or false, got NaN\.$/,
  ],
  [option({ default: 0, minimum: 1, doc: "k" }), /options\.k\.default must be at least 1, got 0\.$/],
  [option({ default: "", form: { pattern: "(", words: "x" }, doc: "k" }), /form\.pattern must be a regular/],
  [{ options: { K: { default: 1, doc: "k" } } }, /options\.K must be lower-case/],
] as readonly (readonly [Changes, RegExp])[]);

test("a value that is no object is refused", (t) => {
  const message = "plug-in ./mine.ts expects an object, got 5.";
  t.throws(() => asEstimator("plug-in ./mine.ts", 5), { instanceOf: BenchError, message });
});

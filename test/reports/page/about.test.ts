/** What a report says of the estimators in it. */
import test from "ava";
import { joinManifests } from "../../../reports/format/manifest.ts";
import { definitions } from "../../../reports/page/about.ts";
import { madeUpRun } from "../fixture.ts";

test("labels whose training samples are not the model's are named, those of joined runs too", (t) => {
  const { manifest } = madeUpRun();
  const having = (otherSamples: Readonly<Record<string, "relaxed" | "other">>) => ({
    ...manifest,
    definitions: { ...manifest.definitions, otherSamples },
  });
  const textOf = (one: typeof manifest) => definitions(one).markup;
  t.notRegex(textOf(manifest), /trains on/);
  const joined = joinManifests([having({ gs: "relaxed" }), having({ "st:forward=argmax": "other" })]);
  const text = textOf({ ...manifest, ...joined });
  t.regex(text, /gs trains on relaxed samples\./);
  t.regex(text, /st:forward=argmax trains on samples that are not from the model\./);
});

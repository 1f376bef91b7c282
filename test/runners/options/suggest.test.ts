import test from "ava";
import fc from "fast-check";
import { editDistance, nearest, unknownName } from "../../../runners/options/suggest.ts";

const letters = fc.string({ maxLength: 12 });

test("editDistance is zero for equal texts only, symmetric, and at most the longer length", (t) => {
  fc.assert(
    fc.property(letters, letters, (a, b) => {
      const distance = editDistance(a, b);
      return (
        distance === editDistance(b, a) &&
        (distance === 0) === (a === b) &&
        distance <= Math.max(a.length, b.length) &&
        distance >= Math.abs(a.length - b.length)
      );
    }),
  );
  t.is(editDistance("rloo", "rlo"), 1);
  t.is(editDistance("gs", "sg"), 1);
  t.is(editDistance("kitten", "sitting"), 3);
});

const names = [
  { name: "gs", title: "Gumbel-Softmax", aliases: ["concrete"] },
  { name: "st-gs", title: "Straight-through Gumbel-Softmax" },
  { name: "st", title: "Straight-through" },
  { name: "reinforce", title: "REINFORCE", aliases: ["score-function"] },
];

test("nearest finds names through typing errors, titles and aliases", (t) => {
  t.is(nearest("gumbel-softmax", names), "gs");
  t.is(nearest("gumbel_softmax", names), "gs");
  t.is(nearest("straight-through", names), "st");
  t.is(nearest("score-function", names), "reinforce");
  t.is(nearest("reinfroce", names), "reinforce");
  t.is(nearest("concrete", names), "gs");
  t.is(nearest("zzzzzz", names), undefined);
});

test("unknownName suggests the nearest name, or lists the names when none is near", (t) => {
  const message = (written: string, candidates = names) =>
    unknownName("estimator", written, candidates).message;
  t.is(message("reinforc"), 'Unknown estimator "reinforc". Did you mean "reinforce"?');
  t.is(message("zzzzzz"), 'Unknown estimator "zzzzzz". Available: gs, st-gs, st, reinforce.');
  t.is(message("zzzzzz", []), 'Unknown estimator "zzzzzz".');
});

import test from "ava";
import fc from "fast-check";
import { canonicalJson, hashOf } from "../../runners/hash.ts";

test("canonicalJson does not depend on the order of keys, and drops undefined", (t) => {
  t.is(canonicalJson({ b: 1, a: [2, { d: 3, c: undefined }] }), '{"a":[2,{"d":3}],"b":1}');
  t.is(canonicalJson({ a: 1, b: 2 }), canonicalJson({ b: 2, a: 1 }));
});

test("canonicalJson of JSON parses to the same value", (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      t.deepEqual(JSON.parse(canonicalJson(value)), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("hashOf tells apart what is not the same", (t) => {
  const values = [
    { a: 1 },
    { a: 1.5 },
    { a: "1" },
    { a: true },
    { b: 1 },
    { a: [1] },
    { a: null },
    {},
    { a: NaN },
    { a: Infinity },
  ];
  t.is(new Set(values.map(hashOf)).size, values.length);
  t.regex(hashOf({}), /^[0-9a-f]{16}$/);
});

import test from "ava";
import { parseShard } from "../../../runners/plan/shard.ts";

test("a shard is I/N with I from 1 to N", (t) => {
  t.notThrows(() => parseShard("2/8"));
  for (const text of ["0/2", "3/2", "1", "1/0", "a/b", "1/2/3", "01/2"])
    t.throws(() => parseShard(text), { message: /^--shard expects I\/N with I from 1 to N.* got "/ }, text);
});

import type { ExecutionContext } from "ava";

/**
 * Whether what a test needs is present. Where it is absent the test says so in a sentence and passes without having
 * tested anything; under BENCH_REQUIRE=all, as the continuous integration sets it, that is a failure.
 */
export function needs(t: ExecutionContext, what: string, present: boolean): boolean {
  if (present) return true;
  const sentence = `skipped: this test needs ${what}, which is absent here`;
  if (process.env["BENCH_REQUIRE"] === "all") t.fail(`${sentence}, and BENCH_REQUIRE=all allows no skip`);
  else {
    t.log(sentence);
    t.pass();
  }
  return false;
}

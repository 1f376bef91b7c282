import test from "ava";
import { fileURLToPath } from "node:url";
import { linesInOrder } from "../../../runners/cli/commands/check.ts";
import { bench } from "./call.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

test.serial("bench check prints a line a check, and exits with 0 where all hold", async (t) => {
  const { status, out } = await bench(["check", "disarm"]);
  t.is(status, 0);
  t.regex(out, /^disarm: /);
  for (const name of [
    "runs",
    "bias",
    "exact-expectation",
    "evaluations",
    "repeatable",
    "independent-rows",
    "extreme-inputs",
    "engine-agreement",
  ])
    t.regex(out, new RegExp(`^ {2}pass {2}${name} +\\S`, "m"));
  t.regex(out, /detectable bias is \d\S* %/);
});

test.serial("bench check FILE --json is one document, and a failure exits with 1", async (t) => {
  const { status, out } = await bench(["check", "./test/fixtures/broken/correction-dropped.ts", "--json"], {
    cwd: root,
  });
  t.is(status, 1);
  const { ok, reports } = JSON.parse(out) as {
    ok: boolean;
    reports: { estimator: string; ok: boolean; checks: { name: string; state: string; detail: string }[] }[];
  };
  t.false(ok);
  t.is(reports[0]!.estimator, "correction-dropped");
  t.deepEqual(
    reports[0]!.checks.filter(({ state }) => state === "fail").map(({ name }) => name),
    ["bias"],
  );
});

test("lines of estimators that are checked at once stand one estimator after another", (t) => {
  let out = "";
  const lines = linesInOrder({ stdout: { write: (text) => (out += text) } });
  lines.add(0, "a1 ");
  lines.add(1, "b1 ");
  lines.add(2, "c1 ");
  lines.complete(1);
  t.is(out, "a1 ");
  lines.add(0, "a2 ");
  lines.complete(0);
  t.is(out, "a1 a2 b1 c1 ");
  lines.add(2, "c2");
  t.is(out, "a1 a2 b1 c1 c2");
});

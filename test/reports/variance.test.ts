/** The folder that `bench variance` leaves: its chart of a sweep says no more than was measured. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { compile, type TopLevelSpec } from "vega-lite";
import { parse, View } from "vega";
import { type MeasuredRow, writeVariance } from "../../reports/variance.ts";

const row = (temperature: number, z: number): MeasuredRow => ({
  estimator: `gs:temperature=${temperature}`,
  task: "coupled-bits",
  protocol: "frozen",
  step: 0,
  draws: 100,
  reference: "exact",
  bias: { norm: 0.2, relative: 0.1, z },
  variance: { parameters: 2 / temperature, logits: 1, standardError: 0.1 },
  cosine: 0.5,
});

interface Datum {
  readonly temperature: number;
  readonly quantity: string;
  readonly hollow: boolean;
}

test("a sweep's chart draws a bias that cannot be told from none hollow, and concludes nothing", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "bench-variance-"));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  writeVariance(folder, [row(0.1, 0.4), row(1, 2.9), row(2, 8)]);
  const spec = JSON.parse(readFileSync(join(folder, "variance.vl.json"), "utf8")) as TopLevelSpec & {
    data: { values: Datum[] };
    title: { subtitle: string[] };
  };
  const hollow = spec.data.values.filter((datum) => datum.hollow);
  t.deepEqual(
    hollow.map(({ temperature, quantity }) => [temperature, quantity]),
    [
      [0.1, "squared bias"],
      [1, "squared bias"],
    ],
  );
  t.notRegex(spec.title.subtitle.join(" "), /falls|grows/);
  const svg = await new View(parse(compile(spec).spec), { renderer: "none" }).toSVG();
  t.is(svg.match(/<path[^>]*fill="white"[^>]*stroke=/g)?.length, 2);
});

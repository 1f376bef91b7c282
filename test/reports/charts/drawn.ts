/** Draws specifications, and judges them by Vega-Lite's schema. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Ajv } from "ajv";
import * as vega from "vega";
import { compile } from "vega-lite";
import type { TopLevelSpec } from "vega-lite";

/** Compiles and draws a specification: the compiled text, the picture, and the warnings. */
export async function drawn(spec: unknown) {
  const warnings: string[] = [];
  const logger = vega.logger(vega.Warn, undefined, (_method, _level, words) => {
    warnings.push(words.map(String).join(" "));
  });
  const compiled = compile(spec as TopLevelSpec, { logger }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none", logger });
  const svg = await view.toSVG();
  view.finalize();
  return { text: JSON.stringify(compiled), svg, warnings };
}

type Judge = (spec: unknown) => string | undefined;
let judge: Judge | undefined;

/** What Vega-Lite's own schema has against a specification; nothing where it is valid. It takes a second to make. */
export function schemaJudge(): Judge {
  if (judge) return judge;
  const path = createRequire(import.meta.url).resolve("vega-lite/vega-lite-schema.json");
  const ajv = new Ajv({
    strict: false,
    validateFormats: false,
    inlineRefs: false,
    code: { optimize: false },
  });
  const valid = ajv.compile(JSON.parse(readFileSync(path, "utf8")) as object);
  judge = (spec) => (valid(spec) ? undefined : ajv.errorsText(valid.errors));
  return judge;
}
